"""Answers of an exported model to images, by the program that its format is for: answers.py FORMAT FOLDER IMAGES OUT."""
import os
import sys

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

format, folder, images_path, out = sys.argv[1:5]
images = np.fromfile(images_path, np.float32).reshape(-1, 32, 32, 3)
if format == "onnx":
    import onnx
    import onnxruntime

    onnx.checker.check_model(folder + "/model.onnx", full_check=True)
    session = onnxruntime.InferenceSession(folder + "/model.onnx", providers=["CPUExecutionProvider"])
    answers = session.run(None, {"images": images})[0]
    print("onnxruntime", onnxruntime.__version__)
elif format == "safetensors":
    sys.path.insert(0, folder)
    import torch
    from model import load

    with torch.no_grad():
        answers = load(folder + "/model.safetensors")(torch.from_numpy(images)).numpy()
    print("PyTorch", torch.__version__)
elif format == "keras":
    import keras

    answers = keras.models.load_model(folder + "/model.keras").predict(images, verbose=0)
    print("Keras", keras.__version__)
elif format == "keras-h5":
    import keras as keras3
    import tf_keras as keras2

    path = folder + "/model.h5"
    answers, again = (keras.models.load_model(path).predict(images, verbose=0) for keras in (keras2, keras3))
    assert np.abs(answers - again).max() < 1e-5, np.abs(answers - again).max()
    print("Keras", keras2.__version__, "and", keras3.__version__)
answers.astype(np.float32).tofile(out)
