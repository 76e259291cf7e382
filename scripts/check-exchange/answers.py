"""Answers of an exported model to images, by the program that its format is for: answers.py FORMAT FOLDER IMAGES OUT."""
import sys

import numpy as np

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
answers.astype(np.float32).tofile(out)
