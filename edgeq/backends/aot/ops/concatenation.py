"""CONCATENATION: one copy for each input, in the older unsigned form by a table where scales differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.ops.copying import copy_step
from edgeq.backends.aot.ops.fixed_point import Ints, round_half_away
from edgeq.backends.aot.ops.flipping import was_unsigned
from edgeq.backends.aot.ops.lookup import EVERY_BYTE
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, around, int_option, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import MOVABLE, UINT8, Support
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """Only what was unsigned is rescaled: of all else the checker has seen that scales are equal."""
    op = graph.operators[index]
    output = graph[op.outputs[0]]
    axis = int_option(graph, index, "axis") % max(len(output.shape), 1)
    outer, inner = around(output.shape, axis)
    steps = []
    offset = 0
    for position, source in enumerate(op.inputs):
        shape = graph[source].shape
        table = _table(graph, index, source)
        part = graph if table is None else _rescaled(graph, source, table)
        step = copy_step(
            part,
            index,
            source,
            f"CONCATENATION axis {axis}, part {position}: {shape_text(shape)}",
            name=f"part{position}",
            rows=outer,
            stride=output.shape[axis] * inner,
            offset=offset,
        )
        steps.append(step if table is None or not step.inputs else _by_table(step, table, position))
        offset += shape[axis] * inner
    return tuple(steps)


def _table(graph: Graph, index: int, source: int) -> Ints | None:
    """What becomes of a byte, int64 [256] from -128 to 127; None where it stays as it is.

    As LiteRT's reference has it of uint8 (``ConcatenationWithScaling``), in float32.
    """
    op = graph.operators[index]
    if graph[source].dtype is not DType.INT8 or not was_unsigned(op):
        return None
    (scale, zero), (out_scale, out_zero) = affine(graph, source, index), affine(graph, op.outputs[0], index)
    if (scale, zero) == (out_scale, out_zero):
        return None
    ratio = np.float32(scale) * (np.float32(1) / np.float32(out_scale))
    bias = np.float32(-(zero + _FLIPPED)) * ratio
    steps = round_half_away(np.arange(256).astype(np.float32) * ratio + bias)
    return np.clip(steps.astype(np.int64) + out_zero, -128, 127)


def _rescaled(graph: Graph, source: int, table: Ints) -> Graph:
    """The graph with a constant's bytes rescaled now."""
    tensor = graph[source]
    if tensor.data is None:
        return graph
    data = table[np.asarray(tensor.data).astype(np.int64) + _FLIPPED].astype(np.int8)
    tensors = [replace(t, data=data) if i == source else t for i, t in enumerate(graph.tensors)]
    return graph.replace(tensors=tuple(tensors))


def _by_table(step: Step, table: Ints, position: int) -> Step:
    name = f"table{position}"
    entries = table[EVERY_BYTE.view(np.int8).astype(np.int64) + _FLIPPED].astype(np.int8)
    comment = "output by input byte, 0..127 then -128..-1"
    rows, run, stride = (step.params[key] for key in ("rows", "run", "stride"))
    return replace(
        step,
        title=f"{step.title} by table",
        kernel="edgeq_copy_lookup_s8",
        params_type="edgeq_copy_lookup_params",
        params={"rows": rows, "run": run, "stride": stride, "table": name},
        sources=("edgeq_copy_lookup_s8.c",),
        constants=(Constant(name, "int8_t", entries, comment, is_weights=False),),
    )


_FLIPPED = 128
_SUPPORT = Support(
    7, shape=shapes.concatenation, repeats=True, spacing="as-input", types=MOVABLE - {DType.UINT8}
)

OPERATORS = (
    Op("CONCATENATION", _SUPPORT, _lower, "one copy for each input"),
    Op(
        "CONCATENATION",
        replace(_SUPPORT, spacing="free", types=UINT8),
        _lower,
        "one copy for each input, by a table where scales differ",
        unsigned=True,
    ),
)
