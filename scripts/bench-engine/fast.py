"""The nets of the fast recipes and their optimizers in PyTorch, for pytorch.py: what the recipes' authors wrote, on the CPU."""

import torch
from torch import nn

# What Muon's products are computed in: as published; in a training in f32 that.
ORTHOGONAL = torch.bfloat16

WIDTHS = {"fast94": (64, 256, 256), "fast95": (128, 384, 384), "fast96": (128, 384, 512)}


class Norm(nn.BatchNorm2d):
    def __init__(self, channels, momentum):
        super().__init__(channels, eps=1e-12, momentum=momentum)
        self.weight.requires_grad = False


class Scale(nn.Module):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor


class Group(nn.Module):
    def __init__(self, inputs, outputs, depth, momentum, activation):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs if i == 0 else outputs, outputs, 3, padding="same", bias=False) for i in range(depth)
        )
        self.norms = nn.ModuleList(Norm(outputs, momentum) for _ in range(depth))
        self.pool, self.act = nn.MaxPool2d(2), activation()

    def forward(self, x):
        x = self.act(self.norms[0](self.pool(self.convs[0](x))))
        first = x
        for i in range(1, len(self.convs) - (len(self.convs) == 3)):
            x = self.act(self.norms[i](self.convs[i](x)))
        if len(self.convs) == 3:
            x = self.act(self.norms[2](self.convs[2](x)) + first)
        return x


def build(net):
    name, _, kind = net.partition("-")
    depth, momentum = (3, 0.1) if name == "fast96" else (2, 0.4)
    # As after the first three epochs, in which its bias learns.
    whiten = nn.Conv2d(3, 24, 2).requires_grad_(False)
    widths = WIDTHS[name]
    activation = nn.SiLU if kind == "silu" else nn.GELU
    groups = [Group(i, o, depth, momentum, activation) for i, o in zip((24,) + widths, widths)]
    head = nn.Linear(widths[2], 10, bias=False)
    return nn.Sequential(whiten, nn.GELU(), *groups, nn.MaxPool2d(3), nn.Flatten(), head, Scale(1 / 9))


def optimizer_of(net, model):
    """Networks without a suffix are trained by SGD."""
    return Muon(model) if "-" in net else Sgd(model)


class Sgd:
    """Nesterov SGD, biases of normalisation 64 times as fast, and lookahead every 5 steps."""

    def __init__(self, model):
        norms = [p for n, p in model.named_parameters() if "norms" in n and p.requires_grad]
        others = [p for n, p in model.named_parameters() if "norms" not in n and p.requires_grad]
        groups = [{"params": norms, "lr": 64e-6}, {"params": others, "lr": 1e-6}]
        self.sgd = torch.optim.SGD(groups, momentum=0.85, nesterov=True, weight_decay=1e-3)
        self.net = [t for t in model.state_dict().values() if t.is_floating_point()]
        self.slow = [t.clone() for t in self.net]
        self.steps = 0

    def step(self):
        self.sgd.step()
        self.steps += 1
        if self.steps % 5 == 0:
            with torch.no_grad():
                for slow, net in zip(self.slow, self.net):
                    slow.lerp_(net, 0.5)
                    net.copy_(slow)

    def zero_grad(self):
        self.sgd.zero_grad(set_to_none=True)


class Muon:
    """Orthogonalised momentum for the 3x3 filters, Nesterov SGD for the rest."""

    def __init__(self, model):
        self.filters = [p for p in model.parameters() if p.ndim == 4 and p.requires_grad]
        rest = [p for p in model.parameters() if p.ndim < 4 and p.requires_grad]
        self.sgd = torch.optim.SGD(rest, lr=1e-6, momentum=0.85, nesterov=True, weight_decay=1e-3)
        self.buffers = [torch.zeros_like(p) for p in self.filters]

    def step(self):
        self.sgd.step()
        with torch.no_grad():
            for p, buffer in zip(self.filters, self.buffers):
                buffer.mul_(0.6).add_(p.grad)
                update = p.grad.add(buffer, alpha=0.6)
                p.mul_(len(p) ** 0.5 / p.norm())
                p.sub_(orthogonal(update.reshape(len(p), -1)).view(p.shape), alpha=1e-6)

    def zero_grad(self):
        for p in self.filters:
            p.grad = None
        self.sgd.zero_grad(set_to_none=True)


def orthogonal(g):
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g.to(ORTHOGONAL)
    x /= x.norm() + 1e-7
    tall = g.size(0) > g.size(1)
    x = x.T if tall else x
    for _ in range(3):
        product = x @ x.T
        x = a * x + (b * product + c * product @ product) @ x
    return (x.T if tall else x).to(g.dtype)
