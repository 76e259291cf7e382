/** The program beside exported weights that builds the network in PyTorch again. */
export const MODEL_PY = `"""A network trained by cifar, for PyTorch: images [N, 32, 32, 3], RGB from 0 to 1 -> probabilities [N, 10].

    from model import load
    probabilities = load("model.safetensors")(images)

The file holds its weights and, in its metadata, the graph of ONNX operators that they belong to.
"""
import json
import torch
import torch.nn.functional as F
from safetensors import safe_open


def conv(x, w, b=None, strides=(1, 1), pads=(0, 0, 0, 0), dilations=(1, 1), group=1):
    return F.conv2d(pad(x, pads), w, b, strides, 0, dilations, group)


def pad(x, pads, value=0.0):
    return F.pad(x, (pads[1], pads[3], pads[0], pads[2]), value=value)


def mean_pool(x, kernel_shape, strides, pads):
    count = F.avg_pool2d(pad(torch.ones_like(x[:1, :1]), pads), kernel_shape, strides)
    return F.avg_pool2d(pad(x, pads), kernel_shape, strides) / count


OPS = {
    "Add": torch.add, "Mul": torch.mul, "Max": torch.maximum, "MatMul": torch.matmul, "Erf": torch.erf,
    "Relu": F.relu, "Sigmoid": torch.sigmoid, "Tanh": torch.tanh, "Softplus": F.softplus, "Softsign": F.softsign,
    "Selu": F.selu, "Elu": lambda x, alpha: F.elu(x, alpha), "LeakyRelu": lambda x, alpha: F.leaky_relu(x, alpha),
    "Clip": lambda x, low, high: torch.clamp(x, low.item(), high.item()), "Identity": lambda x: x, "Conv": conv,
    "Flatten": lambda x, axis: x.flatten(axis), "Softmax": lambda x, axis: F.softmax(x, axis),
    "Concat": lambda *x, axis: torch.cat(x, axis), "Transpose": lambda x, perm: x.permute(perm),
    "GlobalAveragePool": lambda x: x.mean((2, 3), True), "GlobalMaxPool": lambda x: x.amax((2, 3), True),
    "MaxPool": lambda x, kernel_shape, strides, pads: F.max_pool2d(pad(x, pads, -torch.inf), kernel_shape, strides),
    "AveragePool": mean_pool,
    "BatchNormalization": lambda x, w, b, m, v, epsilon: F.batch_norm(x, m, v, w, b, False, 0.0, epsilon),
}


class Net(torch.nn.Module):
    def __init__(self, graph, weights):
        super().__init__()
        self.graph, self.names = graph, {name: f"w{i}" for i, name in enumerate(weights)}
        for name, value in weights.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(value))

    def forward(self, images):
        values = {name: getattr(self, key) for name, key in self.names.items()} | {"images": images}
        for node in self.graph:
            values[node["output"]] = OPS[node["op"]](*(values[i] for i in node["inputs"]), **node["attributes"])
        return values["probabilities"]


def load(path):
    with safe_open(path, "pt") as file:
        return Net(json.loads(file.metadata()["graph"]), {key: file.get_tensor(key) for key in file.keys()}).eval()
`;
