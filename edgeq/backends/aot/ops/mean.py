"""MEAN and SUM over any axes."""

from __future__ import annotations

import math
from functools import partial

from edgeq.backends.aot.families import DSP, PLAIN, finest
from edgeq.backends.aot.ops.channels import Channels, Ranges, one_to_one
from edgeq.backends.aot.ops.fixed_point import Ints, clamp, multiply, quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, constant_values, shape_text
from edgeq.backends.aot.step import Step, Value
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import Graph

_LOOPS = 3


def _lower(opcode: str, graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One step: loops over what stays, and inside them loops over what is added up."""
    op = graph.operators[index]
    source = graph[op.inputs[0]]
    rank = len(source.shape)
    axes = {axis % rank for axis in constant_values(graph, op.inputs[1], index, "axes")} if rank else set()
    in_scale, in_zero = affine(graph, op.inputs[0], index)
    out_scale, out_zero = affine(graph, op.outputs[0], index)
    count = math.prod(source.shape[axis] for axis in axes)
    multiplier, shift = mean_multiplier(in_scale / out_scale, count if opcode == "MEAN" else 1)
    params = loop_params(graph, index, axes) | {
        "offset": -in_zero * count,
        "multiplier": multiplier,
        "shift": shift,
        "output_zero_point": out_zero,
    }
    kernel = f"edgeq_mean_{finest(target, PLAIN, DSP).name}_s8"
    step = Step(
        operator=index,
        title=f"{opcode} over axes {', '.join(map(str, sorted(axes)))} of {shape_text(source.shape)}",
        kernel=kernel,
        params_type="edgeq_mean_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
    )
    return (step,)


def mean_multiplier(ratio: float, count: int) -> tuple[int, int]:
    """The multiplier and shift that turn a sum of ``count`` values into their rescaled mean."""
    multiplier, shift = quantize_multiplier(ratio)
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << extra) // count, shift - extra


def loop_params(graph: Graph, index: int, axes: set[int]) -> dict[str, Value]:
    """The fields of a reduction's loops: counts and strides of those that stay, and of those reduced.

    Raises:
        ModelError: more loops of a kind than the kernels have.
    """
    shape = graph[graph.operators[index].inputs[0]].shape
    params: dict[str, Value] = {}
    for name, loops in zip(("kept", "reduced"), _kept_and_reduced(shape, axes), strict=True):
        if len(loops) > _LOOPS:
            raise ModelError(
                f"{graph.describe(index)}: axes {sorted(axes)} of rank {len(shape)} are too scattered",
                "transpose the tensor so that the reduced axes are next to each other",
            )
        for level, (size, stride) in enumerate([(1, 0)] * (_LOOPS - len(loops)) + loops):
            params[f"{name}_count{level}"] = size
            params[f"{name}_stride{level}"] = stride
    return params


def _kept_and_reduced(
    shape: tuple[int, ...], axes: set[int]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(count, stride) of the loops that stay and of those reduced, outer first, neighbours joined."""
    kept: list[tuple[int, int]] = []
    reduced: list[tuple[int, int]] = []
    stride = math.prod(shape)
    for axis, size in enumerate(shape):
        stride //= size
        if size == 1:
            continue
        loops = reduced if axis in axes else kept
        if loops and loops[-1][1] == size * stride:
            loops[-1] = (loops[-1][0] * size, stride)
        else:
            loops.append((size, stride))
    return kept, reduced


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    """Where the last axis stays: a mean of values in a range is one of its ends' means, rescaled."""
    op = graph.operators[index]
    source, rank = graph[op.inputs[0]], len(graph[op.inputs[0]].shape)
    axes = {axis % rank for axis in constant_values(graph, op.inputs[1], index, "axes")}
    if rank - 1 in axes:
        return None
    (in_scale, in_zero), (out_scale, out_zero) = (
        affine(graph, t, index) for t in (op.inputs[0], op.outputs[0])
    )
    count = math.prod(source.shape[axis] for axis in axes)
    multiplier, shift = mean_multiplier(in_scale / out_scale, count)

    def mean(values: Ints) -> Ints:
        return clamp(multiply((values - in_zero) * count, multiplier, shift) + out_zero, -128, 127)

    return one_to_one(op.inputs[0], source.shape[-1], lambda each: Ranges(mean(each.low), mean(each.high)))


_HOW = f"any axes, in at most {_LOOPS} groups of neighbours; four values a word with DSP instructions"

OPERATORS = (
    Op(
        "MEAN",
        Support(3, (Operand("input"), parameter("axes")), shapes.mean, averages=True),
        partial(_lower, "MEAN"),
        _HOW,
        channels=_channels,
        unsigned=True,
    ),
    Op(
        "SUM",
        Support(2, (Operand("input"), parameter("axes")), shapes.mean),
        partial(_lower, "SUM"),
        f"{_HOW}; of int8 exact to TensorFlow Lite Micro's reference, for LiteRT's gives a constant",
        unsigned=True,
    ),
)
