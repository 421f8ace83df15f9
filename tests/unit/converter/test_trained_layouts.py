"""Training's scales lie along any axis, on constants that are moved, behind operators that move values."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

import edgeq
from edgeq.base.errors import ModelError
from edgeq.converter import convert
from edgeq.converter.fakes import has_fakes
from edgeq.data import dequantize, quantize_input
from edgeq.graph import DType, Graph, Operator, OptionValue, QuantParams, Tensor, read_model, write_model
from edgeq.interpreter import run

CASES = Path(os.environ.get("EDGEQ_SHARED", "../shared")) / "cases" / "verdict"
NONE = {"fused_activation_function": "NONE"}
STRIDES = {"stride_w": 1, "stride_h": 1, "dilation_w_factor": 1, "dilation_h_factor": 1}


class Simulated:
    """A float graph with fake quantization as TensorFlow writes it: QUANTIZE and DEQUANTIZE."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []

    def tensor(self, shape: tuple[int, ...], data: np.ndarray | None = None) -> int:
        dtype = DType.INT32 if data is not None and data.dtype == np.int32 else DType.FLOAT32
        self.tensors.append(Tensor(f"t{len(self.tensors)}", shape, dtype, data=data))
        return len(self.tensors) - 1

    def ints(self, *values: object) -> int:
        data = np.array(values, np.int32)
        return self.tensor(data.shape, data)

    def op(self, opcode: str, inputs: tuple[int, ...], shape: tuple[int, ...], **options: OptionValue) -> int:
        output = self.tensor(shape)
        self.operators.append(Operator(opcode, inputs, (output,), options))
        return output

    def fake(self, source: int, quant: QuantParams, dtype: DType = DType.INT8) -> int:
        shape = self.tensors[source].shape
        if dtype is DType.UINT8:
            quant = QuantParams(quant.scales, quant.zero_points + 128, quant.axis)
        self.tensors.append(Tensor(f"q{len(self.tensors)}", shape, dtype, quant))
        middle = len(self.tensors) - 1
        self.operators.append(Operator("QUANTIZE", (source,), (middle,)))
        return self.op("DEQUANTIZE", (middle,), shape)

    def activation(self, source: int, low: float, high: float) -> int:
        low, high = min(low, 0.0), max(high, 0.0)
        scale = (high - low) / 255
        return self.fake(source, QuantParams.per_tensor(scale, round(-128 - low / scale)))

    def weights(self, shape: tuple[int, ...], axis: int | None) -> tuple[np.ndarray, QuantParams]:
        """Weights whose magnitude differs along an axis, and training's scales for it; None: one scale."""
        spread = np.ones(shape, np.float32)
        if axis is not None:
            along = [-1 if i == axis else 1 for i in range(len(shape))]
            spread = spread * self.rng.uniform(0.3, 3, shape[axis]).reshape(along).astype(np.float32)
        values = (self.rng.normal(size=shape) * spread).astype(np.float32)
        if axis is None:
            return values, QuantParams.per_tensor(float(np.abs(values).max() / 127), 0)
        others = tuple(i for i in range(len(shape)) if i != axis)
        scales = (np.abs(values).max(axis=others) / 127).astype(np.float32)
        return values, QuantParams(scales, np.zeros(len(scales), np.int64), axis if len(scales) > 1 else 0)

    def graph(self, x: int, *outputs: int) -> Graph:
        return Graph("qat", tuple(self.tensors), tuple(self.operators), (x,), outputs)


KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
OWN_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0, "TRANSPOSE_CONV": 0}


def layer(kind: str, axis: int | None, seed: int, *, move: bool = False, dtype: DType = DType.INT8) -> Graph:
    """One layer with sizes that all differ, its weights' scales along ``axis``."""
    net = Simulated(seed)
    channels, units = 3, 6 if kind == "DEPTHWISE_CONV_2D" else 5
    shape = {
        "CONV_2D": (units, 2, 4, channels),
        "DEPTHWISE_CONV_2D": (1, 2, 4, units),
        "FULLY_CONNECTED": (units, channels),
        "TRANSPOSE_CONV": (units, 2, 4, channels),
    }[kind]
    dense = kind == "FULLY_CONNECTED"
    x = net.tensor((1, channels) if dense else (1, 6, 7, channels))
    source = net.activation(x, -2.0, 2.0)
    axis = None if axis is None else axis % len(shape)
    if axis is not None and shape[axis] == 1:
        axis = None
    values, quant = net.weights(shape, axis)
    if move:  # the file holds them the other way around
        order = tuple(int(i) for i in net.rng.permutation(len(shape)))
        back = tuple(int(i) for i in np.argsort(order))
        at = 0 if axis is None or not quant.is_per_channel else order.index(axis)
        turned = QuantParams(quant.scales, quant.zero_points, at)
        kept = np.ascontiguousarray(np.transpose(values, order))
        faked = net.fake(net.tensor(kept.shape, kept), turned, dtype)
        weights = net.op("TRANSPOSE", (faked, net.ints(*back)), shape)
    else:
        weights = net.fake(net.tensor(shape, values), quant, dtype)
    bias = net.tensor((units,), net.rng.normal(size=units).astype(np.float32))
    if kind == "CONV_2D":
        y = net.op(kind, (source, weights, bias), (1, 6, 7, units), padding="SAME", **STRIDES, **NONE)
    elif kind == "DEPTHWISE_CONV_2D":
        y = net.op(
            kind, (source, weights, bias), (1, 6, 7, units), padding="SAME", depth_multiplier=2,
            **STRIDES, **NONE,
        )  # fmt: skip
    elif dense:
        y = net.op(kind, (source, weights, bias), (1, units), **NONE)
    else:
        sizes = net.ints(1, 12, 14, units)
        y = net.op(kind, (sizes, weights, source), (1, 12, 14, units), padding="SAME", stride_w=2, stride_h=2)
    model = write_model(net.graph(x, y))
    found = run(model, [net.rng.uniform(-2, 2, (200, *net.tensors[x].shape[1:])).astype(np.float32)])[0]
    return net.graph(x, net.activation(y, float(found.min()) * 1.1, float(found.max()) * 1.1))


def sqnr(graph: Graph, made: edgeq.Converted) -> float:
    """Of the int8 model against what training simulated."""
    x = np.random.default_rng(9).uniform(-2, 2, (60, *graph.input_tensors[0].shape[1:])).astype(np.float32)
    (real,) = run(write_model(graph), [x])
    whole = read_model(made.model)
    (found,) = run(made.model, [quantize_input(x, whole.input_tensors[0])])
    noise = float(((dequantize(found, whole.output_tensors[0]) - real) ** 2).sum())
    return float(10 * np.log10((real**2).sum() / max(noise, 1e-12)))


@pytest.mark.sample(10)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axis", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("move", [False, True])
def test_scales_along_any_axis(kind: str, axis: int | None, move: bool) -> None:
    graph = layer(kind, axis, seed=1, move=move)
    made = edgeq.convert(write_model(graph))
    assert [op.opcode for op in made.graph.operators] == [kind], "what moved a constant is gone"
    quant = made.graph[made.graph.operators[0].inputs[1]].quant
    assert quant is not None
    assert not quant.is_per_channel or quant.axis == OWN_AXIS[kind]
    anew = any("rounded anew" in note for note in made.notes)
    rank = len(made.graph[made.graph.operators[0].inputs[1]].shape)
    shape = made.graph[made.graph.operators[0].inputs[1]].shape
    foreign = axis is not None and axis % rank != OWN_AXIS[kind] and shape[axis % rank] > 1
    assert anew is foreign
    assert sqnr(graph, made) > (34 if foreign else 48)


@pytest.mark.sample(4)
@pytest.mark.parametrize("seed", range(12))
def test_random_layers_with_scales_along_a_random_axis(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    kind = str(rng.choice(KINDS))
    dtype = DType.UINT8 if rng.random() < 0.5 else DType.INT8
    graph = layer(kind, int(rng.integers(4)), seed, move=bool(rng.random() < 0.5), dtype=dtype)
    made = edgeq.convert(write_model(graph))
    assert sqnr(graph, made) > 34


def test_training_s_own_integers_stay_where_the_axis_is_the_kernel_s() -> None:
    net = layer("CONV_2D", 0, seed=4, move=True)
    made = edgeq.convert(write_model(net))
    weights = made.graph[made.graph.operators[0].inputs[1]]
    scales = next(t.quant for t in net.tensors if t.quant is not None and t.quant.is_per_channel)
    assert scales is not None
    assert weights.quant is not None
    np.testing.assert_array_equal(weights.quant.scales, scales.scales)


def test_scales_that_fit_no_axis_are_refused_by_name() -> None:
    net = Simulated(0)
    x = net.tensor((1, 4))
    values = net.tensor((6, 4), net.rng.normal(size=(6, 4)).astype(np.float32))
    faked = net.fake(values, QuantParams(np.full(5, 0.1, np.float32), np.zeros(5, np.int64), 0))
    dense = net.op("FULLY_CONNECTED", (net.activation(x, -1, 1), faked, -1), (1, 6), **NONE)
    graph = net.graph(x, net.activation(dense, -9, 9))
    with pytest.raises(ModelError, match=r"'t1' \[6, 4\] 5 scales along axis 0"):
        convert(write_model(graph), graph, None)


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", range(6))
def test_a_scale_that_a_float_tensor_carries_says_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = Simulated(seed)
    x = net.tensor((1, 8))
    hidden = net.op(
        "FULLY_CONNECTED",
        (x, net.tensor((6, 8), rng.normal(size=(6, 8)).astype(np.float32)), -1),
        (1, 6), fused_activation_function="RELU",
    )  # fmt: skip
    y = net.op(
        "FULLY_CONNECTED", (hidden, net.tensor((3, 6), rng.normal(size=(3, 6)).astype(np.float32)), -1),
        (1, 3), **NONE,
    )  # fmt: skip
    plain = net.graph(x, y)
    stray = plain.replace(
        tensors=tuple(
            Tensor(t.name, t.shape, t.dtype, QuantParams.per_tensor(float(rng.uniform(1e-4, 10)), 3), t.data)
            if t.dtype is DType.FLOAT32 and rng.random() < 0.7
            else t
            for t in plain.tensors
        )
    )
    assert not has_fakes(stray)
    data = rng.normal(size=(40, 8)).astype(np.float32)
    for mode in ("auto", "minmax"):
        made = [edgeq.convert(write_model(graph), data, mode=mode).model for graph in (plain, stray)]  # type: ignore[arg-type]
        assert made[0] == made[1]


def dilated(kind: str, steps: list[str], seed: int) -> Graph:
    """SPACE_TO_BATCH_ND, a convolution, BATCH_TO_SPACE_ND, then these; fake quantization only at the ends."""
    net = Simulated(seed)
    channels = 4
    x = net.tensor((1, 8, 8, channels))
    parted = net.op(
        "SPACE_TO_BATCH_ND", (net.activation(x, -2, 2), net.ints(2, 2), net.ints([2, 2], [2, 2])),
        (4, 6, 6, channels),
    )  # fmt: skip
    shape = (channels, 3, 3, channels) if kind == "CONV_2D" else (1, 3, 3, channels)
    values, quant = net.weights(shape, OWN_AXIS[kind])
    weights = net.fake(net.tensor(shape, values), quant)
    more = {} if kind == "CONV_2D" else {"depth_multiplier": 1}
    bias = net.tensor((channels,), net.rng.normal(size=channels).astype(np.float32))
    y = net.op(kind, (parted, weights, bias), (4, 4, 4, channels), padding="VALID", **STRIDES, **NONE, **more)
    y = net.op("BATCH_TO_SPACE_ND", (y, net.ints(2, 2), net.ints([0, 0], [0, 0])), (1, 8, 8, channels))
    for step in steps:
        now = net.tensors[y].shape
        if step.startswith("bias"):
            constant = net.tensor((channels,), net.rng.normal(size=channels).astype(np.float32))
            fused = "RELU" if step.endswith("RELU") else "NONE"
            y = net.op("ADD", (y, constant), now, fused_activation_function=fused)
        elif step == "RESHAPE":
            y = net.op("RESHAPE", (y, net.ints(*now)), now)
        elif step == "MAX_POOL_2D":
            y = net.op(
                step, (y,), (1, now[1] // 2, now[2] // 2, channels), padding="VALID", stride_w=2, stride_h=2,
                filter_width=2, filter_height=2, **NONE,
            )  # fmt: skip
        elif step == "STRIDED_SLICE":
            ends = (net.ints(0, 0, 0, 0), net.ints(1, now[1] - 1, now[2], channels), net.ints(1, 1, 1, 1))
            y = net.op(step, (y, *ends), (1, now[1] - 1, now[2], channels))
        else:
            y = net.op("RELU", (y,), now)
    data = net.rng.uniform(-2, 2, (200, 8, 8, channels)).astype(np.float32)
    (found,) = run(write_model(net.graph(x, y)), [data])
    return net.graph(x, net.activation(y, float(found.min()) * 1.05, float(found.max()) * 1.05))


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D"])
@pytest.mark.parametrize("steps", [["bias"], ["bias and RELU"], ["RESHAPE", "bias", "RELU"], ["RELU"], []])
def test_a_dilated_convolution_has_the_range_of_the_operator_behind(kind: str, steps: list[str]) -> None:
    graph = dilated(kind, steps, 3)
    made = edgeq.convert(write_model(graph))
    assert "ADD" not in [op.opcode for op in made.graph.operators]
    assert sqnr(graph, made) > 40


@pytest.mark.parametrize("seed", range(10))
def test_ranges_reach_back_over_random_operators_that_only_move(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = [str(s) for s in rng.choice(["RESHAPE", "RELU", "MAX_POOL_2D", "STRIDED_SLICE"], 3)]
    where = int(rng.integers(0, 2))
    steps = [*steps[:where], "bias", *steps[where:]] if "RELU" not in steps[:where] else steps
    kind = str(rng.choice(["CONV_2D", "DEPTHWISE_CONV_2D"]))
    graph = dilated(kind, steps, seed)
    assert sqnr(graph, edgeq.convert(write_model(graph))) > 34, steps


@pytest.mark.parametrize(
    ("case", "least"),
    [
        ("qat_conv_2d_axis0", 50), ("qat_conv_2d_axis3", 38), ("qat_square_conv_2d_axis3", 38),
        ("qat_square_fully_connected_axis0", 50), ("qat_square_fully_connected_axis1", 34),
        ("qat_square_transpose_conv_axis0", 50), ("qat_square_transpose_conv_axis3", 36),
        ("qat_transpose_conv_axis0", 50), ("qat_transpose_conv_axis3", 36), ("qat_conv1d_float", 50),
        ("qat_tconv_float", 34), ("qat_pools_float", 32), ("qat_cnn_float", 22),
    ],
)  # fmt: skip
def test_the_public_cases(case: str, least: float) -> None:
    path = CASES / f"{case}.tflite"
    if not path.exists():
        pytest.skip(f"{path} is not here (EDGEQ_SHARED)")
    graph = read_model(path.read_bytes())
    assert sqnr(graph, edgeq.convert(path.read_bytes())) > least
