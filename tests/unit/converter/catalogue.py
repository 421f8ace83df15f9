"""One-operator float models: at least one for every operator of the converter's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edgeq.graph import DType, Graph, OptionValue

from .one import One
from .stateful_layers import lstm, svdf


@dataclass(frozen=True)
class Case:
    """A float model of one operator.

    Attributes:
        make: builds it from an empty net and gives the model's outputs.
        low, high: the range of the inputs, uniform.
        integers: the largest value of each integer input, by position.
    """

    make: Callable[[One], Sequence[int]]
    low: float = -3.0
    high: float = 3.0
    integers: Mapping[int, int] | None = None

    def graph(self, seed: int = 0) -> Graph:
        net = One(seed)
        return net.graph(*self.make(net))

    def samples(self, graph: Graph, count: int, seed: int) -> tuple[np.ndarray, ...]:
        """Real inputs, [count, *shape[1:]], float32 or the input's own integer type."""
        rng = np.random.default_rng(seed)
        found = []
        for position, tensor in enumerate(graph.input_tensors):
            shape = (count, *tensor.shape[1:])
            if tensor.dtype is DType.BOOL:
                found.append(rng.random(shape) < 0.5)
            elif tensor.dtype is not DType.FLOAT32:
                most = (self.integers or {})[position]
                found.append(rng.integers(0, most + 1, shape).astype(tensor.dtype.numpy))
            else:
                found.append(rng.uniform(self.low, self.high, shape).astype(np.float32))
        return tuple(found)


_IMAGE = (1, 6, 5, 4)
_CONV = {"padding": "SAME", "stride_w": 1, "stride_h": 1, "fused_activation_function": "NONE"}
_PADS = ((0, 0), (1, 2), (0, 1), (0, 0))


def _unary(opcode: str, shape: Sequence[int] = _IMAGE, **options: OptionValue) -> Callable[[One], list[int]]:
    return lambda net: [net.op(opcode, (net.input(*shape),), shape, **options)]


def _with(
    opcode: str, shape: Sequence[int], *more: Callable[[One], int], **options: OptionValue
) -> Callable[[One], list[int]]:
    """An operator on an image and further inputs, with one output of ``shape``."""
    return lambda net: [net.op(opcode, (net.input(*_IMAGE), *(make(net) for make in more)), shape, **options)]


def _ints(*values: int) -> Callable[[One], int]:
    return lambda net: net.ints(*values)


def _binary(
    opcode: str, *, constant: bool = False, dtype: DType = DType.FLOAT32, **options: OptionValue
) -> Callable[[One], list[int]]:
    def make(net: One) -> list[int]:
        x = net.input(*_IMAGE)
        y = net.normal(4) if constant else net.input(*_IMAGE)
        return net.many(opcode, (x, y), [_IMAGE], [dtype], **options)

    return make


def _reduce(opcode: str, keep: bool = False) -> Callable[[One], list[int]]:
    return _with(opcode, (1, 1, 1, 4) if keep else (1, 4), _ints(1, 2), keep_dims=keep)


def _index_of(opcode: str) -> Callable[[One], list[int]]:
    return lambda net: net.many(
        opcode, (net.input(*_IMAGE), net.scalar(3)), [(1, 6, 5)], [DType.INT32], output_type="INT32"
    )


def _resize(opcode: str, **options: OptionValue) -> Callable[[One], list[int]]:
    return _with(opcode, (1, 12, 10, 4), _ints(12, 10), **options)


def _transpose_conv(bias: bool) -> Callable[[One], list[int]]:
    def make(net: One) -> list[int]:
        shape = (1, 12, 10, 3)
        inputs = [net.ints(*shape), net.normal(3, 3, 3, 4), net.input(*_IMAGE)]
        options = {**_CONV, "stride_w": 2, "stride_h": 2}
        more = [net.normal(3)] if bias else []
        return [net.op("TRANSPOSE_CONV", (*inputs, *more), shape, version=3 if bias else 1, **options)]

    return make


def _dense(bias: bool) -> Callable[[One], list[int]]:
    return lambda net: [net.dense(net.input(1, 12), 5, bias=bias)]


def _split(net: One) -> list[int]:
    x = net.input(*_IMAGE)
    return net.many("SPLIT", (net.scalar(3), x), [(1, 6, 5, 2)] * 2, num_splits=2)


def _split_v(net: One) -> list[int]:
    inputs = (net.input(*_IMAGE), net.ints(1, 3), net.scalar(3))
    return net.many("SPLIT_V", inputs, [(1, 6, 5, 1), (1, 6, 5, 3)], num_splits=2)


def _pack(net: One) -> list[int]:
    pair = (net.input(*_IMAGE), net.input(*_IMAGE))
    return [net.op("PACK", pair, (1, 6, 5, 2, 4), values_count=2, axis=3)]


def _unpack(net: One) -> list[int]:
    return net.many("UNPACK", (net.input(*_IMAGE),), [(1, 6, 5)] * 4, num=4, axis=3)


def _concatenation(net: One) -> list[int]:
    return [net.concat([net.input(*_IMAGE), net.input(*_IMAGE), net.normal(*_IMAGE)])]


def _batch_matmul(constant: bool, adj_y: bool = False) -> Callable[[One], list[int]]:
    def make(net: One) -> list[int]:
        x = net.input(1, 3, 7)
        shape = (1, 4, 7) if adj_y else (1, 7, 4)
        y = net.normal(*shape) if constant else net.input(*shape)
        return [net.op("BATCH_MATMUL", (x, y), (1, 3, 4), adj_x=False, adj_y=adj_y)]

    return make


def _prelu(net: One) -> list[int]:
    alpha = net.floats(net.rng.uniform(-0.3, 0.6, (1, 1, 4)))
    return [net.op("PRELU", (net.input(*_IMAGE), alpha), _IMAGE)]


def _select(opcode: str) -> Callable[[One], list[int]]:
    def make(net: One) -> list[int]:
        which = net.typed_input(DType.BOOL, *_IMAGE)
        return [net.op(opcode, (which, net.input(*_IMAGE), net.input(*_IMAGE)), _IMAGE)]

    return make


def _gather(net: One) -> list[int]:
    return [net.op("GATHER", (net.input(*_IMAGE), net.ints(3, 0, 0)), (1, 6, 5, 3), axis=3)]


def _gather_at_run_time(net: One) -> list[int]:
    where = net.typed_input(DType.INT32, 1)
    return [net.op("GATHER", (net.input(*_IMAGE), where), (1, 1, 5, 4), axis=1)]


def _one_hot(net: One) -> list[int]:
    places = net.typed_input(DType.INT32, 1, 5)
    values = (net.tensor((), DType.FLOAT32, np.array(value, np.float32)) for value in (1.5, -0.25))
    return [net.op("ONE_HOT", (places, net.scalar(7), *values), (1, 5, 7), axis=-1)]


def _set_diagonal(net: One) -> list[int]:
    return [net.op("MATRIX_SET_DIAG", (net.input(1, 4, 6), net.input(1, 4)), (1, 4, 6))]


def _topk(net: One) -> list[int]:
    kinds = [DType.FLOAT32, DType.INT32]
    return net.many("TOPK_V2", (net.input(1, 20), net.scalar(3)), [(1, 3), (1, 3)], kinds)


def _update(net: One) -> list[int]:
    inputs = (net.input(*_IMAGE), net.input(1, 2, 2, 4), net.ints(0, 1, 2, 0))
    return [net.op("DYNAMIC_UPDATE_SLICE", inputs, _IMAGE)]


def _reverse_sequence(net: One) -> list[int]:
    lengths = net.ints(4)
    return [net.op("REVERSE_SEQUENCE", (net.input(*_IMAGE), lengths), _IMAGE, seq_dim=1, batch_dim=0)]


def _lstm(**how: bool | int) -> Callable[[One], list[int]]:
    return lambda net: [lstm(net, net.input(1, 6, 5), 8, **how)]  # type: ignore[arg-type]


CASES: Mapping[str, Case] = {
    "CONV_2D": Case(lambda net: [net.conv(net.input(*_IMAGE), 5)]),
    "DEPTHWISE_CONV_2D": Case(lambda net: [net.depthwise(net.input(*_IMAGE), multiplier=2)]),
    "FULLY_CONNECTED": Case(_dense(True)),
    "FULLY_CONNECTED without bias": Case(_dense(False)),
    "TRANSPOSE_CONV": Case(_transpose_conv(False)),
    "TRANSPOSE_CONV with bias": Case(_transpose_conv(True)),
    "BATCH_MATMUL": Case(_batch_matmul(False)),
    "BATCH_MATMUL constant": Case(_batch_matmul(True)),
    "BATCH_MATMUL adjoint": Case(_batch_matmul(True, adj_y=True)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": Case(_lstm()),
    "UNIDIRECTIONAL_SEQUENCE_LSTM peephole": Case(_lstm(peephole=True)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM norm": Case(_lstm(norm=True)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM norm, peephole, projection": Case(
        _lstm(norm=True, peephole=True, projection=4)
    ),
    "UNIDIRECTIONAL_SEQUENCE_LSTM cifg": Case(_lstm(cifg=True)),
    "UNIDIRECTIONAL_SEQUENCE_LSTM projection": Case(_lstm(projection=4)),
    "SVDF": Case(lambda net: [svdf(net, net.input(1, 6), 4, 2, 5, "RELU")]),
    "ADD": Case(_binary("ADD", fused_activation_function="NONE")),
    "ADD constant": Case(_binary("ADD", constant=True, fused_activation_function="NONE")),
    "SUB": Case(_binary("SUB", fused_activation_function="NONE")),
    "MUL": Case(_binary("MUL", fused_activation_function="RELU6")),
    "DIV": Case(_binary("DIV", fused_activation_function="NONE"), 0.5, 3.0),
    "MAXIMUM": Case(_binary("MAXIMUM")),
    "MINIMUM": Case(_binary("MINIMUM", constant=True)),
    "SQUARED_DIFFERENCE": Case(_binary("SQUARED_DIFFERENCE")),
    "FLOOR_DIV": Case(_binary("FLOOR_DIV"), 0.5, 3.0),
    "FLOOR_MOD": Case(_binary("FLOOR_MOD"), 0.5, 3.0),
    "POW": Case(_binary("POW"), 0.5, 3.0),
    "POW constant": Case(
        lambda net: [net.op("POW", (net.input(*_IMAGE), net.floats(np.array([1.5]))), _IMAGE)], 0.0, 3.0
    ),
    "ATAN2": Case(_binary("ATAN2"), 0.5, 3.0),
    "ADD_N": Case(_binary("ADD_N")),
    **{
        name: Case(_binary(name, dtype=DType.BOOL))
        for name in ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
    },
    "GREATER constant": Case(_binary("GREATER", constant=True, dtype=DType.BOOL)),
    "CONCATENATION": Case(_concatenation),
    "PACK": Case(_pack),
    "UNPACK": Case(_unpack),
    "SPLIT": Case(_split),
    "SPLIT_V": Case(_split_v),
    **{
        name: Case(lambda net, name=name: [net.pool(name, net.input(*_IMAGE))])  # type: ignore[misc]
        for name in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D")
    },
    "PAD": Case(_with("PAD", (1, 9, 6, 4), lambda net: net.table(_PADS))),
    "PADV2": Case(
        _with("PADV2", (1, 9, 6, 4), lambda net: net.table(_PADS), lambda net: net.floats(np.array([0.5])))
    ),
    "MIRROR_PAD": Case(_with("MIRROR_PAD", (1, 9, 6, 4), lambda net: net.table(_PADS), mode="REFLECT")),
    "TRANSPOSE": Case(_with("TRANSPOSE", (1, 5, 6, 4), _ints(0, 2, 1, 3))),
    "SLICE": Case(_with("SLICE", (1, 3, 2, 4), _ints(0, 1, 2, 0), _ints(1, 3, 2, 4))),
    "STRIDED_SLICE": Case(
        _with("STRIDED_SLICE", (1, 3, 5, 4), _ints(0, 0, 0, 0), _ints(1, 6, 5, 4), _ints(1, 2, 1, 1))
    ),
    "RESHAPE": Case(_with("RESHAPE", (1, 120), _ints(1, 120))),
    "SQUEEZE": Case(lambda net: [net.op("SQUEEZE", (net.input(1, 6, 1, 4),), (1, 6, 4), squeeze_dims=(2,))]),
    "EXPAND_DIMS": Case(_with("EXPAND_DIMS", (1, 6, 5, 4, 1), _ints(4))),
    "TILE": Case(_with("TILE", (1, 6, 10, 4), _ints(1, 1, 2, 1))),
    "BROADCAST_TO": Case(
        lambda net: [net.op("BROADCAST_TO", (net.input(1, 1, 5, 4), net.ints(1, 6, 5, 4)), _IMAGE, 2)]
    ),
    "GATHER": Case(_gather),
    "GATHER at run time": Case(_gather_at_run_time, integers={0: 5}),
    "GATHER_ND": Case(_with("GATHER_ND", (2, 5, 4), lambda net: net.table(((0, 1), (0, 4))))),
    "REVERSE_V2": Case(_with("REVERSE_V2", _IMAGE, _ints(2))),
    "REVERSE_SEQUENCE": Case(_reverse_sequence),
    "TOPK_V2": Case(_topk),
    "DYNAMIC_UPDATE_SLICE": Case(_update),
    "SPACE_TO_DEPTH": Case(
        lambda net: [net.op("SPACE_TO_DEPTH", (net.input(1, 6, 4, 4),), (1, 3, 2, 16), block_size=2)]
    ),
    "DEPTH_TO_SPACE": Case(
        lambda net: [net.op("DEPTH_TO_SPACE", (net.input(1, 3, 2, 16),), (1, 6, 4, 4), block_size=2)]
    ),
    "SPACE_TO_BATCH_ND": Case(
        _with("SPACE_TO_BATCH_ND", (2, 3, 5, 4), _ints(2, 1), lambda net: net.table(((0, 0), (0, 0))))
    ),
    "BATCH_TO_SPACE_ND": Case(
        _with("BATCH_TO_SPACE_ND", _IMAGE, _ints(1, 1), lambda net: net.table(((0, 0), (0, 0))))
    ),
    "RESIZE_BILINEAR": Case(_resize("RESIZE_BILINEAR", half_pixel_centers=True)),
    "RESIZE_NEAREST_NEIGHBOR": Case(_resize("RESIZE_NEAREST_NEIGHBOR")),
    "MEAN": Case(_reduce("MEAN")),
    "SUM": Case(_reduce("SUM")),
    "REDUCE_PROD": Case(_reduce("REDUCE_PROD"), 0.9, 1.1),
    "REDUCE_MAX": Case(_reduce("REDUCE_MAX", keep=True)),
    "REDUCE_MIN": Case(_reduce("REDUCE_MIN")),
    "ARG_MAX": Case(_index_of("ARG_MAX")),
    "ARG_MIN": Case(_index_of("ARG_MIN")),
    "ONE_HOT": Case(_one_hot, integers={0: 6}),
    "MATRIX_SET_DIAG": Case(_set_diagonal),
    "SELECT": Case(_select("SELECT")),
    "SELECT_V2": Case(_select("SELECT_V2")),
    "RELU": Case(_unary("RELU")),
    "RELU6": Case(_unary("RELU6"), -4, 8),
    "RELU_N1_TO_1": Case(_unary("RELU_N1_TO_1")),
    "RELU_0_TO_1": Case(_unary("RELU_0_TO_1")),
    "PRELU": Case(_prelu),
    "LEAKY_RELU": Case(_unary("LEAKY_RELU", alpha=0.1)),
    "HARD_SWISH": Case(_unary("HARD_SWISH"), -5, 5),
    "GELU": Case(_unary("GELU", approximate=False)),
    "GELU approximate": Case(_unary("GELU", approximate=True)),
    "ELU": Case(_unary("ELU")),
    "EXP": Case(_unary("EXP"), -3, 1),
    "LOG": Case(_unary("LOG"), 0.1, 4),
    "SQRT": Case(_unary("SQRT"), 0.1, 4),
    "RSQRT": Case(_unary("RSQRT"), 0.1, 4),
    "SQUARE": Case(_unary("SQUARE")),
    "ABS": Case(_unary("ABS")),
    "NEG": Case(_unary("NEG")),
    "SIGN": Case(_unary("SIGN")),
    "SIN": Case(_unary("SIN")),
    "COS": Case(_unary("COS")),
    "FLOOR": Case(_unary("FLOOR")),
    "CEIL": Case(_unary("CEIL")),
    "ROUND": Case(_unary("ROUND")),
    "SOFTMAX": Case(_unary("SOFTMAX", (1, 10), beta=1.0)),
    "LOG_SOFTMAX": Case(_unary("LOG_SOFTMAX", (1, 10))),
    "LOGISTIC": Case(_unary("LOGISTIC"), -6, 6),
    "TANH": Case(_unary("TANH")),
    "L2_NORMALIZATION": Case(_unary("L2_NORMALIZATION", fused_activation_function="NONE")),
    "CUMSUM": Case(_with("CUMSUM", _IMAGE, lambda net: net.scalar(3))),
    "ZEROS_LIKE": Case(_unary("ZEROS_LIKE")),
    "LOCAL_RESPONSE_NORMALIZATION": Case(
        _unary("LOCAL_RESPONSE_NORMALIZATION", radius=2, bias=1.0, alpha=1.0, beta=0.5)
    ),
}
"""By the operator's name, or its name and what is particular about the case."""


def opcode(name: str) -> str:
    """The operator of a case."""
    return name.split(" ", maxsplit=1)[0]
