"""Random graphs of 5 to 30 operators, drawn by hypothesis: any of the table, and some that are not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hypothesis import strategies as st

from edgeq.graph import DType, Graph

from .one import One
from .stateful_layers import lstm, svdf

Draw = Callable[[st.SearchStrategy[int]], int]
_UNARY = (
    "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH", "LOGISTIC", "TANH", "ABS", "EXP", "GELU",
    "LEAKY_RELU", "SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION",
)  # fmt: skip
_OPTIONS: Mapping[str, dict[str, float | bool | str]] = {
    "LEAKY_RELU": {"alpha": 0.2},
    "SOFTMAX": {"beta": 1.0},
    "GELU": {"approximate": True},
    "L2_NORMALIZATION": {"fused_activation_function": "NONE"},
}
_BINARY = ("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")
_FUSED = frozenset({"ADD", "SUB", "MUL"})
REFUSED = ("CUMSUM", "SIN", "FLOOR", "ROUND")
"""Without an int8 form; all but CUMSUM have a rewrite."""
_LARGEST = 600
"""Elements: a graph stays quick to run."""


def step(draw: Draw, net: One, x: int, seen: list[int], *, refused: bool) -> list[int]:
    """One more operator after ``x``; what it gives, of rank 4 and batch 1; ``x`` where it does not fit."""
    kinds = [*_STEPS, *(["refused"] if refused else [])]
    return _STEPS.get(kinds[draw(st.integers(0, len(kinds) - 1))], _refused)(draw, net, x, seen)


def _pick(draw: Draw, names: tuple[str, ...]) -> str:
    return names[draw(st.integers(0, len(names) - 1))]


def _refused(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    kind = _pick(draw, REFUSED)
    return [net.same(kind, x, net.scalar(3)) if kind == "CUMSUM" else net.same(kind, x)]


def _conv(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    act = _pick(draw, ("NONE", "RELU", "RELU6"))
    return [net.conv(x, draw(st.integers(1, 6)), draw(st.sampled_from([1, 3])), draw(st.integers(1, 2)), act)]


def _depthwise(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    return [net.depthwise(x, _pick(draw, ("NONE", "RELU")), draw(st.integers(1, 2)))]


def _transpose_conv(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    out = draw(st.integers(1, 4))
    shape = (1, 2 * h, 2 * w, out)
    if 4 * h * w * out > _LARGEST:
        return [x]
    inputs = (net.ints(*shape), net.normal(out, 3, 3, c, spread=0.5), x)
    return [
        net.op(
            "TRANSPOSE_CONV", inputs, shape, padding="SAME", stride_w=2, stride_h=2,
            fused_activation_function="NONE",
        )
    ]  # fmt: skip


def _unary(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    kind = _pick(draw, _UNARY)
    if kind == "EXP":  # of what is bounded, else its results are not finite
        x = net.same("TANH", x)
    return [net.same(kind, x, **_OPTIONS.get(kind, {}))]


def _binary(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    kind = _pick(draw, _BINARY)
    fitting = [t for t in seen if net.shape(t) == net.shape(x)]
    constant = draw(st.booleans())
    other = net.normal(net.shape(x)[-1]) if constant else fitting[draw(st.integers(0, len(fitting) - 1))]
    if not constant and kind == "MUL":
        x, other = net.same("TANH", x), net.same("TANH", other)  # powers of powers leave every range
    options = {"fused_activation_function": "NONE"} if kind in _FUSED else {}
    return [net.same(kind, x, other, **options)]


def _pool(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    return [net.pool(_pick(draw, ("AVERAGE_POOL_2D", "MAX_POOL_2D")), x)]


def _pad(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    kind = _pick(draw, ("PAD", "PADV2", "MIRROR_PAD"))
    if (h + 1) * (w + 1) * c > _LARGEST or h < 2:
        return [x]
    pads = net.table(((0, 0), (1, 0), (0, 0 if kind == "MIRROR_PAD" else 1), (0, 0)))
    shape = (1, h + 1, w + (kind != "MIRROR_PAD"), c)
    more = [net.floats([0.25])] if kind == "PADV2" else []  # type: ignore[arg-type]
    options = {"mode": "SYMMETRIC"} if kind == "MIRROR_PAD" else {}
    return [net.op(kind, (x, pads, *more), shape, **options)]


def _split(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    if c % 2:
        return [x]
    if draw(st.booleans()):
        return net.many("SPLIT", (net.scalar(3), x), [(1, h, w, c // 2)] * 2, num_splits=2)
    sizes = net.ints(1, c - 1)
    return net.many("SPLIT_V", (x, sizes, net.scalar(3)), [(1, h, w, 1), (1, h, w, c - 1)], num_splits=2)


def _join(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    fitting = [t for t in seen if net.shape(t)[:3] == (1, h, w)]
    other = fitting[draw(st.integers(0, len(fitting) - 1))]
    if (c + net.shape(other)[3]) * h * w > _LARGEST:
        return [x]
    return [net.concat([x, other])]


def _pack(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    if 2 * h * w * c > _LARGEST:
        return [x]
    packed = net.op("PACK", (x, net.same("RELU", x)), (1, h, w, 2, c), values_count=2, axis=3)
    if draw(st.booleans()):
        return net.many("UNPACK", (packed,), [(1, h, w, c)] * 2, num=2, axis=3)
    return [net.op("RESHAPE", (packed, net.ints(1, h, w * 2, c)), (1, h, 2 * w, c))]


def _move(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    kind = _pick(draw, ("TRANSPOSE", "SLICE", "STRIDED_SLICE", "GATHER", "REVERSE_V2", "TILE", "RESHAPE"))
    if kind == "TRANSPOSE":
        return [net.op(kind, (x, net.ints(0, 2, 1, 3)), (1, w, h, c))]
    if kind == "SLICE":
        return [net.op(kind, (x, net.ints(0, 0, 0, 0), net.ints(1, 1, w, c)), (1, 1, w, c))]
    if kind == "STRIDED_SLICE":
        ends = (net.ints(0, 0, 0, 0), net.ints(1, h, w, c), net.ints(1, 2, 1, 1))
        return [net.op(kind, (x, *ends), (1, -(-h // 2), w, c))]
    if kind == "GATHER":
        return [net.op(kind, (x, net.ints(c - 1, 0)), (1, h, w, 2), axis=3)]
    if kind == "REVERSE_V2":
        return [net.op(kind, (x, net.ints(1)), (1, h, w, c))]
    if kind == "TILE" and 2 * h * w * c <= _LARGEST:
        return [net.op(kind, (x, net.ints(1, 2, 1, 1)), (1, 2 * h, w, c))]
    return [net.op("RESHAPE", (x, net.ints(1, 1, h * w, c)), (1, 1, h * w, c))]


def _blocks(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    if h % 2 == 0 and w % 2 == 0:
        return [net.op("SPACE_TO_DEPTH", (x,), (1, h // 2, w // 2, 4 * c), block_size=2)]
    if c % 4 == 0:
        return [net.op("DEPTH_TO_SPACE", (x,), (1, 2 * h, 2 * w, c // 4), block_size=2)]
    return [x]


def _resize(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    if 2 * h * w * c > _LARGEST:
        return [x]
    kind = _pick(draw, ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"))
    return [net.op(kind, (x, net.ints(2 * h, w)), (1, 2 * h, w, c), half_pixel_centers=True)]


def _reduce(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, _, c = net.shape(x)
    kind = _pick(draw, ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN"))
    return [net.op(kind, (x, net.ints(2)), (1, h, 1, c), keep_dims=True)]


def _choose(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    """A comparison and a choice by it."""
    shape = net.shape(x)
    kind = _pick(draw, ("GREATER", "LESS_EQUAL", "EQUAL", "NOT_EQUAL"))
    condition = net.many(kind, (x, net.normal(shape[-1])), [shape], [DType.BOOL])
    return [net.op("SELECT_V2", (*condition, x, net.same("TANH", x)), shape)]


def _best(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    """An index of the largest, which is an output of its own."""
    shape = net.shape(x)
    net.many(
        _pick(draw, ("ARG_MAX", "ARG_MIN")), (x, net.scalar(3)), [shape[:3]], [DType.INT32],
        output_type="INT32",
    )  # fmt: skip
    return [x]


def _product(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    return [net.op("BATCH_MATMUL", (x, net.normal(1, h, c, 3, spread=0.5)), (1, h, w, 3))]


def _prelu(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    return [net.same("PRELU", x, net.normal(1, 1, net.shape(x)[-1], spread=0.3))]


def _recurrent(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    _, h, w, c = net.shape(x)
    if draw(st.booleans()):
        row = net.op("RESHAPE", (x, net.ints(1, h * w, c)), (1, h * w, c))
        return [net.op("RESHAPE", (lstm(net, row, 4), net.ints(1, h, w, 4)), (1, h, w, 4))]
    flat = svdf(net, net.flatten(x), 3, 2, 4, "RELU")
    return [net.op("RESHAPE", (flat, net.ints(1, 1, 1, 3)), (1, 1, 1, 3))]


def _dense(draw: Draw, net: One, x: int, seen: list[int]) -> list[int]:
    made = net.dense(net.flatten(x), 6, bias=draw(st.booleans()))
    return [net.op("RESHAPE", (made, net.ints(1, 1, 2, 3)), (1, 1, 2, 3))]


_STEPS: Mapping[str, Callable[[Draw, One, int, list[int]], list[int]]] = {
    "conv": _conv, "depthwise": _depthwise, "transpose_conv": _transpose_conv, "unary": _unary,
    "binary": _binary, "pool": _pool, "pad": _pad, "split": _split, "join": _join, "pack": _pack,
    "move": _move, "blocks": _blocks, "resize": _resize, "reduce": _reduce, "choose": _choose,
    "best": _best, "product": _product, "prelu": _prelu, "recurrent": _recurrent, "dense": _dense,
}  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn, *, refused: bool = False) -> Graph:
    """A graph of 5 to 30 operators, some of whose results nobody reads."""
    net = One(draw(st.integers(0, 2**16)))
    count = draw(st.integers(5, 30))
    x = net.input(1, draw(st.integers(2, 6)), draw(st.integers(2, 6)), draw(st.integers(1, 4)))
    seen = [x]
    while len(net.operators) < count:
        before = len(net.operators)
        made = step(draw, net, x, seen, refused=refused)
        if len(net.operators) == before:
            made = _unary(draw, net, x, seen)
        seen += made
        x = made[draw(st.integers(0, len(made) - 1))]
    read = {index for op in net.operators for index in op.inputs}
    outputs = [index for op in net.operators for index in op.outputs if index not in read]
    return net.graph(*dict.fromkeys(outputs))
