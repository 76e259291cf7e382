"""Makes the reference images of test/dataset/augment/golden.test.ts with NumPy and SciPy.

    /usr/bin/python3 scripts/golden/make-augment.py      (Debian: python3-numpy, python3-scipy)

It follows keras-preprocessing 1.0: matrices multiplied one by one, each channel warped by itself, channel shift
clipped to the warped image's own range, the flip last. Writes to test/golden/augment:

    cases.json     images by name (size, byte offset in images.bin) and the cases (parameters, offset in expected.bin)
    images.bin     uint8, height x width x 3
    expected.bin   float32, little-endian, height x width x 3
"""

import json
import math
from pathlib import Path

import numpy as np
import scipy
from scipy.ndimage import affine_transform

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "augment"

IDENTITY = dict(
    rotation=0.0,
    shiftRows=0.0,
    shiftColumns=0.0,
    zoomRows=1.0,
    zoomColumns=1.0,
    flip=False,
    channelShift=0.0,
)


def warp(image, p):
    height, width, _ = image.shape
    cos, sin = math.cos(p["rotation"]), math.sin(p["rotation"])
    rotation = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    shift = np.array([[1, 0, p["shiftRows"]], [0, 1, p["shiftColumns"]], [0, 0, 1]])
    zoom = np.diag([p["zoomRows"], p["zoomColumns"], 1.0])
    row, column = height / 2 + 0.5, width / 2 + 0.5
    to_centre = np.array([[1, 0, row], [0, 1, column], [0, 0, 1]])
    from_centre = np.array([[1, 0, -row], [0, 1, -column], [0, 0, 1]])
    matrix = to_centre @ (rotation @ shift @ zoom) @ from_centre
    channels = [
        affine_transform(image[..., c], matrix[:2, :2], matrix[:2, 2], order=1, mode="nearest")
        for c in range(image.shape[2])
    ]
    return np.stack(channels, axis=-1)


def transform(image_bytes, p):
    image = image_bytes.astype(np.float32) / np.float32(255)
    image = warp(image, p)
    if p["channelShift"] != 0:
        low, high = image.min(), image.max()
        image = np.clip(image + np.float32(p["channelShift"]), low, high)
    if p["flip"]:
        image = image[:, ::-1]
    assert image.dtype == np.float32
    return np.ascontiguousarray(image)


def smooth(height, width):
    """Gradients of another direction in each channel, and a bright disc off the centre."""
    i, j = np.mgrid[0:height, 0:width]
    channels = [
        40 + 150 * i / (height - 1),
        200 - 120 * j / (width - 1),
        128 + 80 * np.sin(2 * np.pi * (i + j) / (height + width)),
    ]
    image = np.stack(channels, axis=-1)
    disc = (i - height * 0.3) ** 2 + (j - width * 0.6) ** 2 < (min(height, width) * 0.2) ** 2
    image[disc] = 235
    return image.round().astype(np.uint8)


def main():
    rng = np.random.default_rng(20260101)
    images = {
        "noise": rng.integers(0, 256, (32, 32, 3), dtype=np.uint8),
        "smooth": smooth(32, 32),
        "oblong": rng.integers(20, 230, (9, 14, 3), dtype=np.uint8),
    }

    degrees = math.pi / 180
    single = {
        "identity": {},
        "rotation +20": dict(rotation=20 * degrees),
        "rotation -20": dict(rotation=-20 * degrees),
        "rotation 90": dict(rotation=90 * degrees),
        "rotation 180": dict(rotation=math.pi),
        "shift down by a fraction": dict(shiftRows=-2.37),
        "shift to the right by a fraction": dict(shiftColumns=-1.81),
        "shift by whole pixels": dict(shiftRows=3.0, shiftColumns=-2.0),
        "shift beyond the image": dict(shiftRows=40.0, shiftColumns=-40.0),
        "zoom rows only": dict(zoomRows=0.7),
        "zoom columns only": dict(zoomColumns=1.3),
        "zoom in": dict(zoomRows=0.7, zoomColumns=0.7),
        "zoom out": dict(zoomRows=1.3, zoomColumns=1.3),
        "zoom extreme": dict(zoomRows=0.1, zoomColumns=10.0),
        "channel shift up": dict(channelShift=0.3),
        "channel shift down": dict(channelShift=-0.3),
        "channel shift by all": dict(channelShift=1.0),
        "flip": dict(flip=True),
        "all, corner of strong": dict(
            rotation=20 * degrees,
            shiftRows=0.3 * 32,
            shiftColumns=-0.3 * 32,
            zoomRows=0.7,
            zoomColumns=1.3,
            flip=True,
            channelShift=-0.3,
        ),
    }

    cases = [("oblong", name, p) for name, p in single.items()]
    for image in ("noise", "smooth"):
        for name in ("identity", "rotation +20", "shift beyond the image", "zoom extreme", "all, corner of strong"):
            cases.append((image, name, single[name]))
    for k in range(10):
        image = ("noise", "smooth")[k % 2]
        drawn = dict(
            rotation=rng.uniform(-20, 20) * degrees,
            shiftRows=rng.uniform(-0.3, 0.3) * 32,
            shiftColumns=rng.uniform(-0.3, 0.3) * 32,
            zoomRows=rng.uniform(0.7, 1.3),
            zoomColumns=rng.uniform(0.7, 1.3),
            flip=bool(rng.random() < 0.5),
            channelShift=rng.uniform(-0.3, 0.3),
        )
        cases.append((image, f"drawn as strong, {k}", drawn))

    OUT.mkdir(parents=True, exist_ok=True)
    listing = {"scipy": scipy.__version__, "numpy": np.__version__, "images": {}, "cases": []}
    with open(OUT / "images.bin", "wb") as file:
        for name, image in images.items():
            listing["images"][name] = dict(height=image.shape[0], width=image.shape[1], offset=file.tell())
            file.write(image.tobytes())
    with open(OUT / "expected.bin", "wb") as file:
        for image, name, changed in cases:
            p = {**IDENTITY, **changed}
            listing["cases"].append(dict(name=name, image=image, parameters=p, offset=file.tell()))
            file.write(transform(images[image], p).astype("<f4").tobytes())
    (OUT / "cases.json").write_text(json.dumps(listing, indent=2) + "\n")
    print(f"{len(cases)} cases in {OUT}")


main()
