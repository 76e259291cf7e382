"""Models of real Keras for `cifar import`: make-keras.py OUT [DIVISOR]. Writes the article's two networks, with their filters divided
by DIVISOR, trained for one step, as Keras 2 (tf_keras) and Keras 3 save them, with images and the answers to them; and two files whose
weights would lie in others."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import h5py
import numpy as np
import keras as keras3
import tf_keras as keras2

out, divisor = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
rng = np.random.default_rng(1)
images = rng.random((8, 32, 32, 3), np.float32)
labels = np.eye(10, dtype=np.float32)[rng.integers(0, 10, 8)]


def bench(L):
    conv = lambda n, **more: L.Conv2D(n // divisor, (3, 3), padding="same", activation="relu", **more)
    return [
        conv(64, input_shape=(32, 32, 3)), conv(64), L.Dropout(0.25), L.MaxPooling2D((2, 2)),
        conv(128), conv(128), L.Dropout(0.25), L.MaxPooling2D((2, 2)), conv(256), conv(256),
        L.GlobalAveragePooling2D(), L.Dense(1024 // divisor, activation="relu"), L.Dropout(0.25),
        L.Dense(10, activation="softmax"),
    ]


def deep(L):
    conv = lambda n, **more: L.Conv2D(n // divisor, (3, 3), padding="same", activation="relu", **more)
    norm, pool = L.BatchNormalization, lambda: L.MaxPooling2D((2, 2))
    return [
        conv(64, input_shape=(32, 32, 3)), conv(64), norm(), conv(64), pool(), L.Dropout(0.25),
        conv(128), conv(128), norm(), conv(128), pool(), L.Dropout(0.25),
        conv(256), conv(256), norm(), conv(256), conv(256), conv(256), norm(), conv(512), conv(512),
        L.GlobalAveragePooling2D(), L.Dense(1024 // divisor, activation="relu"), L.Dropout(0.5),
        L.Dense(1024 // divisor, activation="relu"), L.Dropout(0.5), L.Dense(10),
    ]


def branched(keras):
    """A graph that is no sequence, whose end gives logits."""
    L = keras.layers
    inputs = keras.Input((32, 32, 3))
    x = L.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = L.ReLU()(L.BatchNormalization(scale=False)(x))
    y = L.DepthwiseConv2D(3, padding="same")(x)
    x = L.Concatenate()([L.Add()([x, y]), L.AveragePooling2D(3, 1, padding="same")(x)])
    return keras.Model(inputs, L.Dense(10, name="scores")(L.Flatten()(L.MaxPooling2D(2)(x))))


def save(name, keras, model, endings):
    loss = keras.losses.CategoricalCrossentropy(from_logits=name != "bench")
    model.compile(keras.optimizers.Adam(0.001), loss)
    model.fit(images, labels, batch_size=8, epochs=1, verbose=0)
    # Without the optimizer's state, which nobody imports.
    trained, model = model, keras.models.clone_model(model)
    model.set_weights(trained.get_weights())
    answers = np.asarray(model(images, training=False), np.float32)
    for ending in endings:
        path = os.path.join(out, f"{name}{ending}")
        model.save(path)
        np.save(f"{path}.npy", answers)


def elsewhere(name, add):
    """A model that add(group) gives the kernel of its one layer."""
    with h5py.File(os.path.join(out, name), "w", libver="latest") as file:
        dense = {"name": "d", "units": 10, "use_bias": False, "batch_input_shape": [None, 32, 32, 3]}
        layers = [{"class_name": "Dense", "config": dense}]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": layers}})
        group = file.create_group("model_weights/d")
        group.attrs["weight_names"] = ["kernel"]
        add(group)


def virtual(group):
    layout = h5py.VirtualLayout((3, 10), "<f4")
    layout[:] = h5py.VirtualSource("/etc/hostname", "x", (3, 10))
    group.create_virtual_dataset("kernel", layout)


os.makedirs(out, exist_ok=True)
elsewhere("external.h5", lambda group: group.create_dataset("kernel", (3, 10), "<f4", external=[("/etc/passwd", 0, 120)]))
elsewhere("virtual.h5", virtual)
np.save(os.path.join(out, "images.npy"), images)
for keras, endings in [(keras2, [".keras2.h5"]), (keras3, [".keras3.keras", ".keras3.h5"])]:
    for build in (bench, deep):
        save(build.__name__, keras, keras.Sequential(build(keras.layers)), endings)
    save("branched", keras, branched(keras), endings)
