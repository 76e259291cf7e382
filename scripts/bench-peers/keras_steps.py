"""A contestant of scripts/bench-peers.ts: TensorFlow and Keras, the article's own stack, in graph mode.

    python scripts/bench-peers/keras_steps.py <mode> <net> <batch> <threads>

Modes: f32; bf16 (Keras's policy mixed_bfloat16, weights in f32); jit-f32 and jit-bf16 (the step compiled by XLA).
Commands: step, predict, memory.
"""

import json
import resource
import sys
import time

import keras
import numpy as np
import tensorflow as tf
from keras import layers

mode, net, batch, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
is_compiled = mode.startswith("jit-")
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.set_random_seed(1)
if mode.endswith("bf16"):
    keras.mixed_precision.set_global_policy("mixed_bfloat16")


def conv(filters):
    return layers.Conv2D(filters, 3, padding="same", activation="relu")


def bench():
    return [
        *[conv(64), conv(64), layers.Dropout(0.25), layers.MaxPooling2D()],
        *[conv(128), conv(128), layers.Dropout(0.25), layers.MaxPooling2D()],
        *[conv(256), conv(256), layers.GlobalAveragePooling2D()],
        *[layers.Dense(1024, activation="relu"), layers.Dropout(0.25), layers.Dense(10)],
    ]


def deep():
    norm = layers.BatchNormalization
    return [
        *[conv(64), conv(64), norm(), conv(64), layers.MaxPooling2D(), layers.Dropout(0.25)],
        *[conv(128), conv(128), norm(), conv(128), layers.MaxPooling2D(), layers.Dropout(0.25)],
        *[conv(256), conv(256), norm(), conv(256), conv(256), conv(256), norm()],
        *[conv(512), conv(512), layers.GlobalAveragePooling2D()],
        *[layers.Dense(1024, activation="relu"), layers.Dropout(0.5)],
        *[layers.Dense(1024, activation="relu"), layers.Dropout(0.5), layers.Dense(10)],
    ]


def fast(net):
    name, _, kind = net.partition("-")
    activation = "silu" if kind == "silu" else "gelu"
    widths = {"fast94": (64, 256, 256), "fast95": (128, 384, 384), "fast96": (128, 384, 512)}[name]
    depth, momentum = (3, 0.9) if name == "fast96" else (2, 0.6)

    def norm():
        return layers.BatchNormalization(momentum=momentum, epsilon=1e-12, scale=False)

    def wide(filters):
        return layers.Conv2D(filters, 3, padding="same", use_bias=False)

    images = keras.Input((32, 32, 3))
    # As after the first epochs, in which its bias learns.
    x = layers.Activation("gelu")(layers.Conv2D(24, 2, trainable=False)(images))
    for filters in widths:
        x = first = layers.Activation(activation)(norm()(layers.MaxPooling2D()(wide(filters)(x))))
        x = norm()(wide(filters)(x))
        if depth == 3:
            x = norm()(wide(filters)(layers.Activation(activation)(x))) + first
        x = layers.Activation(activation)(x)
    x = layers.Flatten()(layers.MaxPooling2D(3)(x))
    return keras.Model(images, layers.Rescaling(1 / 9)(layers.Dense(10, use_bias=False)(x)))


class Sgd:
    """Nesterov SGD, biases of normalisation 64 times as fast, and lookahead every 5 steps."""

    def __init__(self, variables, weights):
        self.buffers = [tf.Variable(tf.zeros_like(v)) for v in variables]
        self.weights = weights
        self.slow = [tf.Variable(w) for w in weights]
        self.steps = tf.Variable(0)

    def move(self, variables, gradients):
        for v, b, g in zip(variables, self.buffers, gradients):
            g = g + 1e-3 * v
            b.assign(0.85 * b + g)
            v.assign_sub((64e-6 if len(v.shape) == 1 else 1e-6) * (g + 0.85 * b))

    def apply(self, gradients, variables):
        self.move(variables, gradients)
        self.steps.assign_add(1)
        # Every 5 steps; XLA takes no branch that changes variables, so that it is a product.
        share = tf.where(self.steps % 5 == 0, 0.5, 0.0)
        for slow, w in zip(self.slow, self.weights):
            slow.assign(slow + share * (w - slow))
            w.assign(tf.where(self.steps % 5 == 0, slow, w))


class Muon(Sgd):
    """Orthogonalised momentum for the 3x3 filters, Nesterov SGD for the rest."""

    def __init__(self, variables, weights):
        super().__init__(variables, [])

    def apply(self, gradients, variables):
        kept = []
        for v, b, g in zip(variables, self.buffers, gradients):
            if len(v.shape) != 4:
                kept.append((v, b, g))
                continue
            b.assign(0.6 * b + g)
            filters = v.shape[-1]
            update = tf.reshape(g + 0.6 * b, (-1, filters))
            v.assign(v * (filters**0.5 / tf.norm(v)) - 1e-6 * tf.reshape(orthogonal(update), v.shape))
        for v, b, g in kept:
            g = g + 1e-3 * v
            b.assign(0.85 * b + g)
            v.assign_sub(1e-6 * (g + 0.85 * b))


def orthogonal(g):
    a, b, c = 3.4445, -4.7750, 2.0315
    kind = tf.float32 if mode.endswith("f32") else tf.bfloat16
    x = tf.cast(g / (tf.norm(g) + 1e-7), kind)
    tall = g.shape[0] > g.shape[1]
    x = tf.transpose(x) if tall else x
    for _ in range(3):
        product = tf.matmul(x, x, transpose_b=True)
        x = a * x + tf.matmul(b * product + c * tf.matmul(product, product), x)
    return tf.cast(tf.transpose(x) if tall else x, tf.float32)


is_fast = net.startswith("fast")
if is_fast:
    model = fast(net)
else:
    model = keras.Sequential([keras.Input((32, 32, 3)), *{"bench": bench, "deep": deep}[net]()])
variables = [v.value for v in model.trainable_variables]
if is_fast:
    weights = [w.value for w in model.weights]
    # Networks without a suffix are trained by SGD.
    optimizer = (Muon if "-" in net else Sgd)(variables, weights)
else:
    optimizer = keras.optimizers.Adam(1e-3, epsilon=1e-7)
    optimizer.build(model.trainable_variables)
images = tf.constant(np.random.rand(batch, 32, 32, 3).astype("float32"))
labels = tf.constant(np.random.randint(0, 10, batch))


@tf.function(jit_compile=is_compiled)
def train(x, y):
    with tf.GradientTape() as tape:
        logits = tf.cast(model(x, training=True), tf.float32)
        targets = tf.one_hot(y, 10)
        if is_fast:
            targets = targets * 0.8 + 0.02
        losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
        loss = tf.reduce_sum(losses) if is_fast else tf.reduce_mean(losses)
    gradients = tape.gradient(loss, variables)
    if is_fast:
        optimizer.apply(gradients, variables)
    else:
        optimizer.apply(gradients, model.trainable_variables)
    return loss


@tf.function(jit_compile=is_compiled)
def answer(x):
    return tf.reduce_sum(tf.cast(model(x, training=False), tf.float32))


def step():
    start = time.perf_counter()
    loss = float(train(images, labels))
    return {"seconds": time.perf_counter() - start, "loss": loss}


def predict():
    start = time.perf_counter()
    float(answer(images))
    return {"seconds": time.perf_counter() - start}


def memory():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"peakBytes": peak, "version": f"{keras.__version__} on TensorFlow {tf.__version__}"}


for line in sys.stdin:
    print(json.dumps({"step": step, "predict": predict, "memory": memory}[line.strip()]()), flush=True)
