"""The article's `bench` in real Keras, under its own ImageDataGenerator: train.py DATA IMAGES EPOCHS SEED OUT (JSON: by epoch, test loss and
accuracy). DATA is the folder of the .bin files."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tf_keras as keras

data, count, epochs, seed, out = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
keras.utils.set_random_seed(seed)


def load(*names):
    records = np.concatenate([np.fromfile(os.path.join(data, f"{name}.bin"), np.uint8).reshape(-1, 3073) for name in names])
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype(np.float32) / 255
    return images, keras.utils.to_categorical(records[:, 0], 10)


images, labels = (array[:count] for array in load(*(f"data_batch_{i}" for i in range(1, 6))))
test = load("test_batch")
L = keras.layers
conv = lambda filters, **more: L.Conv2D(filters, (3, 3), padding="same", activation="relu", **more)
model = keras.Sequential([
    conv(64, input_shape=(32, 32, 3)), conv(64), L.Dropout(0.25), L.MaxPooling2D((2, 2)),
    conv(128), conv(128), L.Dropout(0.25), L.MaxPooling2D((2, 2)), conv(256), conv(256),
    L.GlobalAveragePooling2D(), L.Dense(1024, activation="relu"), L.Dropout(0.25), L.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
generator = keras.preprocessing.image.ImageDataGenerator(
    rotation_range=20, height_shift_range=0.2, width_shift_range=0.2, zoom_range=0.2, channel_shift_range=0.2, horizontal_flip=True
)
history = model.fit(
    generator.flow(images, labels, batch_size=500, seed=seed),
    steps_per_epoch=len(images) // 500, epochs=epochs, validation_data=test, validation_batch_size=500, verbose=2,
).history
with open(out, "w") as file:
    json.dump({"version": keras.__version__, "loss": history["val_loss"], "accuracy": history["val_accuracy"]}, file)
