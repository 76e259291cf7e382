"""Makes test/golden/trivial/: single operations of TrivialAugment by torchvision, on random images.

    python scripts/golden/make-trivial.py        (PyTorch and torchvision, any recent pair)

images.bin: uint8 32x32x3 each; expected.bin: the results, in the order of cases.json.
"""

import json
import pathlib

import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.autoaugment import _apply_op

NAMES = {
    "shearX": "ShearX",
    "shearY": "ShearY",
    "translateX": "TranslateX",
    "translateY": "TranslateY",
    "rotate": "Rotate",
    "brightness": "Brightness",
    "color": "Color",
    "contrast": "Contrast",
    "sharpness": "Sharpness",
    "posterize": "Posterize",
    "solarize": "Solarize",
    "autoContrast": "AutoContrast",
    "equalize": "Equalize",
}
MAGNITUDES = {
    "shearX": [0.33, -0.99],
    "shearY": [0.66, -0.2],
    "translateX": [6.4, -20.3],
    "translateY": [12.8, -1.1],
    "rotate": [31.5, -121.5],
    "posterize": [3, 8],
    "solarize": [127.5, 17.0],
    "autoContrast": [0],
    "equalize": [0],
}

torch.manual_seed(1)
ramp = torch.linspace(0.1, 0.8, 32)
smooth = (ramp[:, None, None] * 0.5 + ramp[None, :, None] * 0.5 + torch.tensor([0.0, 0.1, 0.2])) * 255
images = [torch.randint(0, 256, (32, 32, 3), dtype=torch.uint8), smooth.to(torch.uint8)]
cases, expected = [], []
for index, image in enumerate(images):
    for operation, name in NAMES.items():
        for magnitude in MAGNITUDES.get(operation, [0.594, -0.33]):
            given = image.permute(2, 0, 1)
            made = _apply_op(given, name, magnitude, InterpolationMode.NEAREST, None)
            cases.append({"image": index, "operation": operation, "magnitude": magnitude})
            expected.append(made.permute(1, 2, 0).contiguous())

folder = pathlib.Path(__file__).parents[2] / "test/golden/trivial"
folder.mkdir(parents=True, exist_ok=True)
(folder / "images.bin").write_bytes(torch.stack(images).numpy().tobytes())
(folder / "expected.bin").write_bytes(torch.stack(expected).numpy().tobytes())
(folder / "cases.json").write_text(json.dumps(cases, indent=2) + "\n")
