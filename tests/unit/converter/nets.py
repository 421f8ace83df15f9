"""Float networks for the tests: built by hand, or drawn at random from a seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgeq.graph import ABSENT, DType, Graph, Operator, OptionValue, Tensor

ACTIVATIONS = ("NONE", "RELU", "RELU6")


class Net:
    """A float graph, operator by operator. Methods take and give tensor indices."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []
        self.inputs: list[int] = []

    def tensor(
        self, shape: Sequence[int], dtype: DType = DType.FLOAT32, data: np.ndarray | None = None
    ) -> int:
        self.tensors.append(Tensor(f"t{len(self.tensors)}", tuple(shape), dtype, data=data))
        return len(self.tensors) - 1

    def input(self, *shape: int) -> int:
        self.inputs.append(self.tensor(shape))
        return self.inputs[-1]

    def floats(self, values: np.ndarray) -> int:
        values = np.asarray(values, np.float32)
        return self.tensor(values.shape, data=values)

    def ints(self, *values: int) -> int:
        data = np.array(values, np.int32)
        return self.tensor(data.shape, DType.INT32, data)

    def normal(self, *shape: int, spread: float = 1.0) -> int:
        return self.floats(self.rng.normal(0, spread, shape))

    def shape(self, index: int) -> tuple[int, ...]:
        return self.tensors[index].shape

    def op(
        self,
        opcode: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        version: int = 1,
        **options: OptionValue,
    ) -> int:
        output = self.tensor(shape)
        self.operators.append(Operator(opcode, tuple(inputs), (output,), options, version))
        return output

    def conv(
        self,
        x: int,
        channels: int,
        kernel: int = 3,
        stride: int = 1,
        act: str = "NONE",
        *,
        bias: int | None = None,
    ) -> int:
        _, h, w, c = self.shape(x)
        weights = self.normal(channels, kernel, kernel, c, spread=1 / kernel)
        bias = self.normal(channels) if bias is None else bias
        shape = (1, -(-h // stride), -(-w // stride), channels)
        return self.op(
            "CONV_2D", (x, weights, bias), shape, padding="SAME", stride_w=stride, stride_h=stride,
            fused_activation_function=act,
        )  # fmt: skip

    def depthwise(self, x: int, act: str = "NONE", multiplier: int = 1) -> int:
        _, h, w, c = self.shape(x)
        weights, bias = self.normal(1, 3, 3, c * multiplier), self.normal(c * multiplier)
        return self.op(
            "DEPTHWISE_CONV_2D", (x, weights, bias), (1, h, w, c * multiplier), padding="SAME", stride_w=1,
            stride_h=1, depth_multiplier=multiplier, fused_activation_function=act,
        )  # fmt: skip

    def dense(self, x: int, units: int, act: str = "NONE", *, bias: bool = True) -> int:
        weights = self.normal(units, self.shape(x)[1], spread=0.5)
        inputs = (x, weights, self.normal(units) if bias else ABSENT)
        return self.op("FULLY_CONNECTED", inputs, (1, units), fused_activation_function=act)

    def pool(self, kind: str, x: int) -> int:
        _, h, w, c = self.shape(x)
        return self.op(
            kind, (x,), (1, -(-h // 2), -(-w // 2), c), padding="SAME", stride_w=2, stride_h=2,
            filter_width=2, filter_height=2, fused_activation_function="NONE",
        )  # fmt: skip

    def same(self, opcode: str, x: int, *more: int, **options: OptionValue) -> int:
        return self.op(opcode, (x, *more), self.shape(x), **options)

    def flatten(self, x: int) -> int:
        size = int(np.prod(self.shape(x)))
        return self.op("RESHAPE", (x, self.ints(1, size)), (1, size))

    def concat(self, parts: Sequence[int]) -> int:
        first = self.shape(parts[0])
        channels = sum(self.shape(part)[-1] for part in parts)
        return self.op(
            "CONCATENATION", parts, (*first[:-1], channels), axis=3, fused_activation_function="NONE"
        )

    def graph(self, *outputs: int) -> Graph:
        return Graph("net", tuple(self.tensors), tuple(self.operators), tuple(self.inputs), tuple(outputs))


def random_net(seed: int) -> Graph:
    """A network of 4 to 10 random operators on images, then a classifier; every kind has its turn."""
    net = Net(seed)
    rng = net.rng
    side, channels = int(rng.integers(4, 10)), int(rng.integers(1, 5))
    x = net.input(1, side, side, channels)
    earlier = [x]
    for _ in range(int(rng.integers(4, 11))):
        x = _step(net, x, earlier)
        earlier.append(x)
    return net.graph(_head(net, x))


def _step(net: Net, x: int, earlier: list[int]) -> int:
    rng = net.rng
    act = str(rng.choice(ACTIVATIONS))
    _, h, w, c = net.shape(x)
    fitting = [t for t in earlier if net.shape(t) == net.shape(x)]
    other = int(rng.choice(fitting))
    kind = str(rng.choice(_KINDS))
    if kind == "conv":
        return net.conv(x, int(rng.integers(3, 9)), int(rng.choice([1, 3])), int(rng.choice([1, 2])), act)
    if kind == "dead":
        return _with_dead_channels(net, x)
    if kind == "depthwise":
        return net.depthwise(x, act, int(rng.integers(1, 3)) if c < 8 else 1)
    if kind == "SUB":  # without what would be 0 everywhere
        return net.same("SUB", x, other, fused_activation_function="NONE") if other != x else x
    if kind in ("ADD", "MUL"):
        return net.same(kind, x, other, fused_activation_function=act)
    if kind in ("ADD const", "SUB const", "MUL const"):
        constant = net.normal(c) if rng.random() < 0.5 else net.normal(1, h, w, c)
        return net.same(kind.removesuffix(" const"), x, constant, fused_activation_function=act)
    if kind in ("MAXIMUM", "MINIMUM"):
        return net.same(kind, x, other)
    if kind == "concat":
        return net.concat([x, other] if c < 16 else [x])
    if kind == "concat const":
        return net.concat([x, net.normal(1, h, w, 2)])
    if kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        return net.pool(kind, x) if min(h, w) > 1 else x
    if kind == "PAD":
        return net.op("PAD", (x, _pads(net)), (1, h + 2, w + 1, c))
    if kind == "TRANSPOSE":
        return net.op("TRANSPOSE", (x, net.ints(0, 2, 1, 3)), (1, w, h, c))
    if kind == "STRIDED_SLICE":
        ends = (net.ints(0, 0, 0, 0), net.ints(1, max(1, h - 1), w, c), net.ints(1, 1, 1, 1))
        return net.op("STRIDED_SLICE", (x, *ends), (1, max(1, h - 1), w, c))
    if kind == "there and back":
        flat = net.op("SQUEEZE", (x,), (h, w, c), squeeze_dims=(0,))
        return net.op("EXPAND_DIMS", (flat, net.ints(0)), (1, h, w, c))
    if kind == "LEAKY_RELU":
        return net.same(kind, x, alpha=0.1)
    return net.same(kind, x)


_KINDS = (
    "conv", "conv", "dead", "depthwise", "ADD", "SUB", "MUL", "ADD const", "SUB const", "MUL const",
    "MAXIMUM", "MINIMUM", "concat", "concat", "concat const", "AVERAGE_POOL_2D", "MAX_POOL_2D", "PAD",
    "TRANSPOSE", "STRIDED_SLICE", "there and back", "LEAKY_RELU", "RELU", "RELU6", "RELU_N1_TO_1",
    "HARD_SWISH", "LOGISTIC", "TANH",
)  # fmt: skip


def _with_dead_channels(net: Net, x: int) -> int:
    """A convolution with one channel of zero weights and one of tiny ones, their biases large."""
    made = net.conv(x, 4, 1)
    _, weights, _ = net.operators[-1].inputs
    values = np.array(net.tensors[weights].data)
    values[0], values[1] = 0, values[1] * 1e-12
    net.tensors[weights] = Tensor(net.tensors[weights].name, values.shape, DType.FLOAT32, data=values)
    return made


def _pads(net: Net) -> int:
    pads = np.array([[0, 0], [1, 1], [0, 1], [0, 0]], np.int32)
    return net.tensor(pads.shape, DType.INT32, pads)


def _head(net: Net, x: int) -> int:
    rng = net.rng
    _, _, _, c = net.shape(x)
    pooled = rng.random() < 0.5
    x = net.op("MEAN", (x, net.ints(1, 2)), (1, c), keep_dims=False) if pooled else net.flatten(x)
    x = net.dense(x, int(rng.integers(4, 12)), str(rng.choice(ACTIVATIONS)), bias=bool(rng.random() < 0.7))
    if rng.random() < 0.6:
        x = net.same("SOFTMAX", x, beta=1.0)
    return x
