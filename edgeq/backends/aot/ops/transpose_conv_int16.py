"""TRANSPOSE_CONV of int16 activations by int8 weights."""

from __future__ import annotations

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.products_int16 import INT16, WIDE_BIAS, misread_bias, read_layer
from edgeq.backends.aot.ops.tensors import int_option, shape_text
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import RECTIFIERS, STRIDES, WEIGHTS, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph, Operator

_INPUT, _BIAS = 2, 3
"""Their positions."""


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    refused = _refusal(graph, op)
    if refused:
        raise ModelError(f"{graph.describe(index)}: {refused}", "convert the float model again")
    layer = read_layer(graph, op, _INPUT, _BIAS, 0)
    weights, source, output = (graph[t].shape for t in (op.inputs[1], op.inputs[_INPUT], op.outputs[0]))
    channels, kernel_h, kernel_w, depth = weights
    strides = [int_option(graph, index, name) for name in STRIDES]
    pads = [
        shapes.padding_before(output[axis], source[axis], weights[axis], stride)
        for axis, stride in enumerate(strides, start=1)
    ]
    kernel = f"edgeq_transpose_conv_{layer.rounding}_s16"
    step = Step(
        operator=index,
        title=f"TRANSPOSE_CONV 16x8 {kernel_h}x{kernel_w}/{strides[0]},{strides[1]} "
        f"{shape_text(source)} -> {shape_text(output)}",
        kernel=kernel,
        params_type="edgeq_transpose_conv_s16_params",
        params={
            "weights": "weights",
            "channels": "channels",
            "batches": output[0],
            "input_height": source[1],
            "input_width": source[2],
            "depth": depth,
            "output_height": output[1],
            "output_width": output[2],
            "output_channels": channels,
            "kernel_height": kernel_h,
            "kernel_width": kernel_w,
            "stride_height": strides[0],
            "stride_width": strides[1],
            "pad_height": pads[0],
            "pad_width": pads[1],
            "wraps": int(layer.wraps),
            "output_min": layer.limits[0],
            "output_max": layer.limits[1],
        },
        inputs=(op.inputs[_INPUT],),
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=layer.constants(layer.rounding),
        macs=graph[op.inputs[_INPUT]].elements * channels * kernel_h * kernel_w,
        typed=True,
    )
    return (step,)


def _refusal(graph: Graph, op: Operator) -> str | None:
    return misread_bias(graph, op, _BIAS) or read_layer(graph, op, _INPUT, _BIAS, 0).why_not()


OPERATORS = (
    Op(
        "TRANSPOSE_CONV",
        Support(
            5,
            (parameter("output shape"), WEIGHTS, Operand("input"), WIDE_BIAS),
            shapes.transpose_conv,
            ranks=(4, 4),
            activations=RECTIFIERS,
            channel_axis=0,
            multiplies=True,
            positive=STRIDES,
            refusal=_refusal,
            types=INT16,
        ),
        _lower,
        "int16 by int8 weights in plain C on every core, the weights that meet an output one after the other",
    ),
)
