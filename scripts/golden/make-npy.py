#!/usr/bin/env python3
"""Makes the .npy files under test/golden/npy that the reader's tests read.

Every file of floats holds the values k/8 - 2, k = 0, 1, ... in C order (exact in half precision), so the tests know
them without a second file. Run from the project's root: /usr/bin/python3 scripts/golden/make-npy.py
"""

import os

import numpy as np
from numpy.lib import format as npy

FOLDER = os.path.join("test", "golden", "npy")
SHAPE = (3, 4, 5)


def values(shape):
    count = int(np.prod(shape))
    return (np.arange(count) / 8 - 2).reshape(shape)


def write(name, array, version):
    with open(os.path.join(FOLDER, name + ".npy"), "wb") as file:
        npy.write_array(file, array, version=version)


os.makedirs(FOLDER, exist_ok=True)
for size in (2, 4, 8):
    for order, letter in (("<", "le"), (">", "be")):
        for layout in ("C", "F"):
            array = np.array(values(SHAPE), dtype=f"{order}f{size}", order=layout)
            write(f"f{size}-{letter}-{layout.lower()}", array, (1, 0))
write("version-2", values(SHAPE).astype("<f4"), (2, 0))
write("version-3", values(SHAPE).astype("<f8"), (3, 0))
write("scalar", np.array(-2.0, dtype="<f4"), (1, 0))
write("vector", values((7,)).astype("<f4"), (1, 0))
write("empty", np.zeros((0, 10), dtype="<f4"), (1, 0))
special = np.array([np.nan, np.inf, -np.inf, -0.0, 2.0**-24, 65504.0], dtype="<f2")
write("special-f2", special, (1, 0))
# What the reader refuses.
write("int64", np.arange(6).reshape(2, 3), (1, 0))
write("complex", np.zeros(3, dtype="<c8"), (1, 0))
write("bool", np.zeros(3, dtype="?"), (1, 0))
write("records", np.zeros(3, dtype=[("a", "<f4"), ("b", "<f4")]), (1, 0))
with open(os.path.join(FOLDER, "savez.npz"), "wb") as file:
    np.savez(file, a=np.zeros(3, dtype="<f4"))
