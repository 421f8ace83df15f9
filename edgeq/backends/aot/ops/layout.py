"""Operators that only move bytes: PAD, PADV2, CONCATENATION; and RESHAPE and its kin, which move none."""

from __future__ import annotations

import math

import numpy as np

from edgeq.backends.aot.ops.tensors import affine, constant_values, int_option, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph

_PAD_LOOPS = 4


def lower_alias(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """RESHAPE, SQUEEZE and EXPAND_DIMS: the output is the input's bytes; nothing runs."""
    op = graph.operators[index]
    if graph[op.inputs[0]].elements != graph[op.outputs[0]].elements:
        raise ModelError(
            f"{graph.describe(index)}: its input and output differ in size", "export the model anew"
        )
    return ()


def lower_pad(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """PAD and PADV2: fill, then copy row by row."""
    op = graph.operators[index]
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    _, value = affine(graph, op.outputs[0], index)
    if len(op.inputs) > 2:
        value = constant_values(graph, op.inputs[2], index, "padding value")[0]
    flat = constant_values(graph, op.inputs[1], index, "paddings")
    loops, start = _pad_loops(source.shape, output.shape, [flat[2 * i] for i in range(len(source.shape))])
    if len(loops) > _PAD_LOOPS + 1:
        raise ModelError(
            f"{graph.describe(index)}: it pads more than {_PAD_LOOPS} axes", "pad fewer axes at once"
        )
    run = loops[-1][0]
    params: dict[str, int | str | None] = {
        "output_bytes": output.elements,
        "value": value if value < 128 else value - 256,
        "start": start,
        "run": run,
    }
    for level, (size, stride) in enumerate([(1, 0)] * (_PAD_LOOPS + 1 - len(loops)) + loops[:-1]):
        params[f"count{level}"] = size
        params[f"stride{level}"] = stride
    step = Step(
        operator=index,
        title=f"{op.opcode} {shape_text(source.shape)} -> {shape_text(output.shape)}",
        kernel="edgeq_pad_s8",
        params_type="edgeq_pad_params",
        params=params,
        inputs=op.inputs[:1],
        outputs=op.outputs,
        sources=("edgeq_pad_s8.c",),
    )
    return (step,)


def _pad_loops(
    source: tuple[int, ...], output: tuple[int, ...], before: list[int]
) -> tuple[list[tuple[int, int]], int]:
    """Loops over the input, outer first: (count, stride in the output), the last of stride 1; its start."""
    loops: list[tuple[int, int]] = []
    stride, start = 1, 0
    for size, out_size, first in zip(reversed(source), reversed(output), reversed(before), strict=True):
        if loops and loops[0][0] * loops[0][1] == stride:
            loops[0] = (loops[0][0] * size, loops[0][1])
        else:
            loops.insert(0, (size, stride))
        start += first * stride
        stride *= out_size
    return loops or [(1, 1)], start


def constant_output(graph: Graph, index: int) -> Step:
    """A model output that is the same on every run: its bytes are copied to where the host reads them."""
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    return Step(
        operator=index,
        title=f"{op.opcode} of constants {shape_text(output.shape)}, computed offline",
        kernel="edgeq_copy_constant_s8",
        params_type="edgeq_copy_params",
        params={"rows": 1, "run": output.elements, "stride": 0, "constant": "values"},
        inputs=(),
        outputs=op.outputs[:1],
        sources=("edgeq_copy_s8.c",),
        constants=(Constant("values", "int8_t", np.asarray(output.data).reshape(-1).view(np.int8)),),
    )


def lower_concatenation(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    """One copy for each input; LiteRT's int8 concatenation has no rescaling, so scales are equal."""
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    axis = int_option(graph, index, "axis") % max(len(output.shape), 1)
    inner = math.prod(output.shape[axis + 1 :])
    outer = math.prod(output.shape[:axis])
    expected = affine(graph, op.outputs[0], index)
    steps = []
    offset = 0
    for position, source in enumerate(op.inputs):
        tensor = graph[source]
        if affine(graph, source, index) != expected:
            raise ModelError(
                f"{graph.describe(index)}: input {position} has another scale or zero point than the output",
                "put a QUANTIZE before it; int8 CONCATENATION does not rescale",
            )
        run = tensor.shape[axis] * inner
        params: dict[str, int | str | None] = {
            "rows": outer,
            "run": run,
            "stride": output.shape[axis] * inner,
            "constant": None,
        }
        constants: tuple[Constant, ...] = ()
        if tensor.data is not None:
            name = f"part{position}"
            params["constant"] = name
            constants = (Constant(name, "int8_t", np.asarray(tensor.data).reshape(-1).view(np.int8)),)
        steps.append(
            Step(
                operator=index,
                title=f"CONCATENATION axis {axis}, part {position}: {shape_text(tensor.shape)}",
                kernel="edgeq_copy_constant_s8" if constants else "edgeq_copy_s8",
                params_type="edgeq_copy_params",
                params=params,
                inputs=() if constants else (source,),
                outputs=op.outputs,
                sources=("edgeq_copy_s8.c",),
                constants=constants,
                output_offset=offset,
            )
        )
        offset += run
    return tuple(steps)
