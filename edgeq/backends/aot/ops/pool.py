"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, MVE, PLAIN, finest
from edgeq.backends.aot.ops.channels import Channels, Ranges, one_to_one
from edgeq.backends.aot.ops.flipping import was_unsigned
from edgeq.backends.aot.ops.mac import round_up
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import activation, activation_limits, int_option, shape_text
from edgeq.backends.aot.step import Rows, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import RECTIFIERS, STRIDES, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph

_SUMMED = 255
"""Pixels whose sum fits two bytes."""


def _lower(stem: str, graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One step; tensors are NHWC."""
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    if len(source.shape) != 4:
        raise ModelError(
            f"{graph.describe(index)}: its input is not of rank 4 (NHWC)", "reshape it before pooling"
        )
    _, in_h, in_w, channels = source.shape
    batches, out_h, out_w, _ = output.shape
    window_h, window_w = (int_option(graph, index, f"filter_{side}") for side in ("height", "width"))
    stride_h, stride_w = (int_option(graph, index, f"stride_{side}") for side in "hw")
    same = op.options["padding"] == "SAME"
    low, high = activation_limits(output, activation(graph, index))
    padded = shapes.padding_before(in_h, out_h, window_h, stride_h) if same else 0
    wide = source.dtype is DType.INT16
    kernel = f"{stem}_s16" if wide else f"{stem}_{finest(target, PLAIN, DSP, MVE).name}_s8"
    step = Step(
        operator=index,
        title=f"{op.opcode} {window_h}x{window_w}/{stride_h},{stride_w} "
        f"{shape_text(source.shape)} -> {shape_text(output.shape)}",
        kernel=kernel,
        params_type="edgeq_pool_s16_params" if wide else "edgeq_pool_params",
        params={
            "batches": batches,
            "input_h": in_h,
            "input_w": in_w,
            "channels": channels,
            "output_h": out_h,
            "output_w": out_w,
            "window_h": window_h,
            "window_w": window_w,
            "stride_h": stride_h,
            "stride_w": stride_w,
            "pad_h": padded,
            "pad_w": shapes.padding_before(in_w, out_w, window_w, stride_w) if same else 0,
            "low": low,
            "high": high,
            **({} if wide else {"offset": 128 if was_unsigned(op) else 0}),
        },
        inputs=op.inputs,
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        typed=wide,
        rows=Rows(window_h, stride_h, padded, heights=("input_h", "output_h", "pad_h")),
    )
    whole = (window_h, window_w, padded, out_h, out_w, batches) == (in_h, in_w, 0, 1, 1, 1)
    if target.lean and whole and in_h * in_w <= _SUMMED and not wide and stem == "edgeq_average_pool":
        return (_by_rows(step, in_h, channels),)
    return (step,)


def _by_rows(step: Step, height: int, channels: int) -> Step:
    """A mean of all that there is, made in parts."""
    kernel = "edgeq_average_pool_rows_s8"
    return replace(
        step,
        kernel=kernel,
        params_type="edgeq_pool_rows_params",
        params={**{f"pool.{name}": value for name, value in step.params.items()}, "first": 0, "rows": height},
        sources=(f"{kernel}.c",),
        scratch=round_up(2 * channels, 4),
        rows=Rows(heights=None, gathers=True),
    )


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    op = graph.operators[index]
    if graph[op.inputs[0]].dtype is not DType.INT8:
        return None
    limits = activation_limits(graph[op.outputs[0]], activation(graph, index))

    def ranges(source: Ranges) -> Ranges:
        """Neither a mean nor the largest leaves the range of what it is taken of."""
        return Ranges(np.clip(source.low, *limits), np.clip(source.high, *limits))

    return one_to_one(op.inputs[0], graph[op.inputs[0]].shape[-1], ranges)


_SUPPORT = Support(
    3,
    shape=shapes.pool,
    ranks=(4, 4),
    activations=RECTIFIERS,
    spacing="moves-bytes",
    positive=(*STRIDES, "filter_height", "filter_width"),
    types=frozenset({DType.INT8, DType.INT16}),
)
_HOW = "int8 four channels a word on cores with DSP instructions, eight or sixteen a vector on Helium"

OPERATORS = (
    Op(
        "AVERAGE_POOL_2D",
        _SUPPORT,
        partial(_lower, "edgeq_average_pool"),
        _HOW,
        channels=_channels,
        unsigned=True,
    ),
    Op("MAX_POOL_2D", _SUPPORT, partial(_lower, "edgeq_max_pool"), _HOW, channels=_channels, unsigned=True),
)
