"""A contestant of scripts/bench-engine.ts and bench-peers.ts: PyTorch's own CPU path, as one would write it today.

    /usr/bin/python3 scripts/bench-engine/pytorch.py <mode> <net> <batch> <threads>

Modes: f32; autocast (bf16 where autocast deems it right); bf16 (the whole model); compile-f32 and compile-autocast (the same by
torch.compile). Channels-last throughout.
Commands: step, predict, memory.
"""

import json
import resource
import sys
import time

import fast
import torch
from torch import nn

mode, net, batch, threads = sys.argv[1].removeprefix("compile-"), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
is_compiled = sys.argv[1].startswith("compile-")
torch.set_num_threads(threads)
torch.manual_seed(1)


class Stack:
    """Collects layers; convolutions are 3x3 with ReLU."""

    def __init__(self):
        self.layers, self.channels = [], 3

    def conv(self, *filters):
        for count in filters:
            self.layers += [nn.Conv2d(self.channels, count, 3, padding=1), nn.ReLU(inplace=True)]
            self.channels = count
        return self

    def add(self, *layers):
        self.layers += layers
        return self

    def norm(self):
        return self.add(nn.BatchNorm2d(self.channels, eps=1e-3, momentum=0.01))

    def mean(self):
        return self.add(nn.AdaptiveAvgPool2d(1), nn.Flatten())


def bench():
    stack = Stack().conv(64, 64).add(nn.Dropout(0.25), nn.MaxPool2d(2)).conv(128, 128)
    stack.add(nn.Dropout(0.25), nn.MaxPool2d(2)).conv(256, 256).mean()
    return stack.add(nn.Linear(256, 1024), nn.ReLU(inplace=True), nn.Dropout(0.25), nn.Linear(1024, 10))


def deep():
    stack = Stack().conv(64, 64).norm().conv(64).add(nn.MaxPool2d(2), nn.Dropout(0.25))
    stack.conv(128, 128).norm().conv(128).add(nn.MaxPool2d(2), nn.Dropout(0.25))
    stack.conv(256, 256).norm().conv(256, 256, 256).norm().conv(512, 512).mean()
    stack.add(nn.Linear(512, 1024), nn.ReLU(inplace=True), nn.Dropout(0.5))
    stack.add(nn.Linear(1024, 1024), nn.ReLU(inplace=True), nn.Dropout(0.5))
    return stack.add(nn.Linear(1024, 10))


is_fast = net.startswith("fast")
model = fast.build(net) if is_fast else nn.Sequential(*{"bench": bench, "deep": deep}[net]().layers)
model = model.to(memory_format=torch.channels_last)
dtype = torch.bfloat16 if mode == "bf16" else torch.float32
model = model.to(dtype)
fast.ORTHOGONAL = torch.float32 if mode == "f32" else torch.bfloat16
if is_fast:
    optimizer = fast.optimizer_of(net, model)
    loss_options = {"label_smoothing": 0.2, "reduction": "sum"}
else:
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7)
    loss_options = {}
images = torch.rand(batch, 3, 32, 32).to(dtype).contiguous(memory_format=torch.channels_last)
labels = torch.randint(0, 10, (batch,))


run = torch.compile(model) if is_compiled else model


def forward():
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=mode == "autocast"):
        return run(images)


def step():
    model.train()
    start = time.perf_counter()
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(forward().float(), labels, **loss_options)
    loss.backward()
    optimizer.step()
    value = loss.item()
    return {"seconds": time.perf_counter() - start, "loss": value}


def predict():
    model.eval()
    start = time.perf_counter()
    with torch.no_grad():
        forward().float().sum().item()
    return {"seconds": time.perf_counter() - start}


def memory():
    return {"peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "version": torch.__version__}


for line in sys.stdin:
    print(json.dumps({"step": step, "predict": predict, "memory": memory}[line.strip()]()), flush=True)
