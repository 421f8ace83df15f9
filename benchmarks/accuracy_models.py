"""Data and a model of our own for the accuracy benchmark: seeded, nothing downloaded."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from edgeq.graph import ABSENT, DType, Graph, Operator, OptionValue, Tensor, write_model
from edgeq.interpreter import run

Floats = npt.NDArray[np.float32]


def images(shape: Sequence[int], count: int, seed: int) -> Floats:
    """Images somewhat like photographs, 0..1: amplitudes fall with frequency, shapes lie over one another.

    Args:
        shape: (height, width, channels).
        count: how many.
        seed: of the random numbers.

    Returns:
        float32 [count, height, width, channels].
    """
    rng = np.random.default_rng(seed)
    height, width, channels = shape
    down, across = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]
    falling = 1 / np.maximum(np.hypot(down, across), 1 / max(height, width))
    y, x = np.mgrid[:height, :width] / (height, width)[0]
    made = np.empty((count, *shape), np.float32)
    for image in made:
        noise = rng.normal(size=(channels, height, width))
        texture = np.fft.ifft2(np.fft.fft2(noise) * falling).real.transpose(1, 2, 0)
        common = texture.mean(axis=2, keepdims=True)
        texture = common + 0.4 * (texture - common)
        texture /= texture.std() + 1e-9
        for _ in range(int(rng.integers(2, 7))):
            across_, down_, radius = rng.uniform(0, 1, 3) * (1, 1, 0.35)
            inside = np.hypot(x - across_, y - down_) < radius
            if rng.random() < 0.5:
                inside = (abs(x - across_) < radius) & (abs(y - down_) < radius * rng.uniform(0.3, 1))
            texture[inside] = 0.4 * texture[inside] + rng.normal(0, 1.2, channels)
        light = rng.uniform(0.25, 0.75) + rng.uniform(0.1, 0.3) * texture
        image[:] = np.clip(light, 0, 1)
    return np.rint(made * 255).astype(np.float32) / np.float32(255)


class _Net:
    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []

    def tensor(self, shape: Sequence[int], data: npt.NDArray[np.generic] | None = None) -> int:
        dtype = DType.INT32 if data is not None and data.dtype == np.int32 else DType.FLOAT32
        self.tensors.append(Tensor(f"t{len(self.tensors)}", tuple(shape), dtype, data=data))
        return len(self.tensors) - 1

    def floats(self, values: npt.NDArray[np.floating]) -> int:
        return self.tensor(values.shape, values.astype(np.float32))

    def op(self, opcode: str, inputs: Sequence[int], shape: Sequence[int], **options: OptionValue) -> int:
        output = self.tensor(shape)
        self.operators.append(Operator(opcode, tuple(inputs), (output,), options, 1))
        return output

    def conv(self, x: int, outputs: int, kernel: int, stride: int = 1, act: str = "RELU6") -> int:
        """Weights that keep the variance, channels of unlike sizes as training leaves them."""
        _, height, width, channels = self.tensors[x].shape
        sizes = np.exp(self.rng.normal(0, 0.5, (outputs, 1, 1, 1)))
        fan = kernel * kernel * channels
        weights = self.rng.normal(0, np.sqrt(2 / fan), (outputs, kernel, kernel, channels)) * sizes
        inputs = (x, self.floats(weights), self.floats(self.rng.normal(0.1, 0.2, outputs)))
        shape = (1, -(-height // stride), -(-width // stride), outputs)
        return self.op(
            "CONV_2D", inputs, shape, padding="SAME", stride_w=stride, stride_h=stride,
            fused_activation_function=act,
        )  # fmt: skip

    def depthwise(self, x: int) -> int:
        _, height, width, channels = self.tensors[x].shape
        weights, bias = self.rng.normal(0, 0.5, (1, 3, 3, channels)), self.rng.normal(0.1, 0.2, channels)
        inputs = (x, self.floats(weights), self.floats(bias))
        return self.op(
            "DEPTHWISE_CONV_2D", inputs, (1, height, width, channels), padding="SAME", stride_w=1, stride_h=1,
            depth_multiplier=1, fused_activation_function="RELU6",
        )  # fmt: skip

    def graph(self, output: int) -> Graph:
        return Graph("features", tuple(self.tensors), tuple(self.operators), (0,), (output,))


def random_features(x: Floats, y: npt.NDArray[np.int64]) -> Graph:
    """A network with seeded random weights, and on top a classifier fitted to the data in closed form.

    ReLU6, concatenation, addition, a gate by multiplication, and fully connected layers without bias: what
    the other models of the benchmark have not.

    Args:
        x: images, float32 [n, height, width, channels].
        y: labels 0..9, [n].

    Returns:
        A float graph that gives logits.
    """
    net = _Net(1)
    given = net.tensor((1, *x.shape[1:]))
    stem = net.conv(given, 24, 3)
    left, right = net.conv(net.depthwise(stem), 24, 1), net.conv(stem, 24, 3)
    _, height, width, _ = net.tensors[stem].shape
    joined = net.op(
        "CONCATENATION", (left, right), (1, height, width, 48), axis=3, fused_activation_function="NONE"
    )
    narrow = net.conv(joined, 24, 1, act="NONE")
    added = net.op("ADD", (narrow, stem), (1, height, width, 24), fused_activation_function="RELU6")
    gate = net.op("LOGISTIC", (net.conv(added, 24, 1, act="NONE"),), (1, height, width, 24))
    gated = net.op("MUL", (added, gate), (1, height, width, 24), fused_activation_function="NONE")
    wide = net.conv(gated, 48, 3, 2)
    size = int(np.prod(net.tensors[wide].shape))
    flat = net.op("RESHAPE", (wide, net.tensor((2,), np.array([1, size], np.int32))), (1, size))
    features = run(write_model(net.graph(flat)), [x])[0].reshape(len(x), -1).astype(np.float64)
    centred = features - features.mean(axis=0)
    target = np.eye(10)[y] * 2 - 1
    ridge = 0.05 * np.trace(centred @ centred.T) / len(x)
    head = centred.T @ np.linalg.solve(centred @ centred.T + ridge * np.eye(len(x)), target)
    out = net.op(
        "FULLY_CONNECTED", (flat, net.floats(head.T), ABSENT), (1, 10), fused_activation_function="NONE"
    )
    return net.graph(out)
