"""TRANSPOSE_CONV, output by output, in the reference's double rounding."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import activation, activation_limits, affine, int_option, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import BIAS, RECTIFIERS, STRIDES, WEIGHTS, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import ABSENT, Graph, Operator
from edgeq.graph.shapes import padding_before


def _padding(op: Operator) -> str:
    return str(op.options.get("padding"))


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    weights, source, output = graph[op.inputs[1]], graph[op.inputs[2]], graph[op.outputs[0]]
    if weights.data is None or weights.quant is None:
        raise ModelError(f"{graph.describe(index)}: its weights are not constant", "export the model frozen")
    in_scale, in_zero = affine(graph, op.inputs[2], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    channels = weights.shape[0]
    reals = np.broadcast_to(in_scale * weights.quant.scales.astype(np.float64) / out_scale, (channels,))
    flat = weights.data.astype(np.int64).reshape(channels, -1)
    offset = -weights.quant.zero_point  # other than 0 where uint8 weights do not fit int8 without it
    has_bias = len(op.inputs) > 3 and op.inputs[3] != ABSENT
    bias = np.asarray(graph[op.inputs[3]].data).reshape(-1) if has_bias else np.zeros(channels)
    table = [(int(b), *quantize_multiplier(float(real))) for b, real in zip(bias, reals, strict=True)]
    low, high = activation_limits(output, activation(graph, index))
    stride_h, stride_w = (int_option(graph, index, name) for name in STRIDES)
    _, kernel_h, kernel_w, depth = weights.shape
    pads = [
        padding_before(output.shape[axis], source.shape[axis], weights.shape[axis], stride)
        for axis, stride in ((1, stride_h), (2, stride_w))
    ]
    step = Step(
        operator=index,
        title=f"TRANSPOSE_CONV {kernel_h}x{kernel_w}/{stride_h},{stride_w} "
        f"{shape_text(source.shape)} -> {shape_text(output.shape)}",
        kernel="edgeq_transpose_conv_wide_s8" if offset else "edgeq_transpose_conv_s8",
        params_type="edgeq_transpose_conv_params",
        params={
            "weights": "weights",
            "channels": "channels",
            "batches": output.shape[0],
            "input_height": source.shape[1],
            "input_width": source.shape[2],
            "depth": depth,
            "output_height": output.shape[1],
            "output_width": output.shape[2],
            "output_channels": channels,
            "kernel_height": kernel_h,
            "kernel_width": kernel_w,
            "stride_height": stride_h,
            "stride_width": stride_w,
            "pad_height": pads[0],
            "pad_width": pads[1],
            "input_offset": -in_zero,
            "weights_offset": offset,
            "output_zero_point": out_zero,
            "low": low,
            "high": high,
        },
        inputs=(op.inputs[2],),
        outputs=op.outputs,
        sources=("edgeq_transpose_conv_s8.c",),
        constants=(
            Constant(
                "weights", "int8_t", flat.reshape(-1).astype(np.int8), "output channel, row, column, input"
            ),
            Constant("channels", "int32_t", np.array(table, np.int32).reshape(-1), "bias, multiplier, shift"),
        ),
        macs=source.elements * channels * kernel_h * kernel_w,
    )
    return (step,)


OPERATORS = (
    Op(
        "TRANSPOSE_CONV",
        Support(
            5,
            (parameter("output shape"), WEIGHTS, Operand("input"), BIAS),
            shapes.transpose_conv,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            positive=STRIDES,
        ),
        _lower,
        "the weights that meet an output, one after the other; plain C on every core",
        unsigned=True,
    ),
)
