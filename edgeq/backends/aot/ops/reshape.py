"""RESHAPE, SQUEEZE, EXPAND_DIMS and BITCAST: the output is the input's bytes."""

from __future__ import annotations

import numpy as np

from edgeq.backends.aot.ops.channels import Channels, Channelwise
from edgeq.backends.aot.ops.operator import Op, always
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError
from edgeq.checker.operators import MOVABLE, Operand, Support, parameter
from edgeq.graph import shapes
from edgeq.graph.model import DType, Graph, Operator

_HOW = "an alias: no code"


def _lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    """Nothing runs."""
    op = graph.operators[index]
    sizes = {graph[t].elements * graph[t].dtype.numpy.itemsize for t in (op.inputs[0], op.outputs[0])}
    if len(sizes) > 1:
        raise ModelError(
            f"{graph.describe(index)}: its input and output differ in size", "export the model anew"
        )
    return ()


def _channels(graph: Graph, index: int, _target: Target) -> Channels | None:
    """Where the last axis stays or takes others in: then it is the same channels again and again."""
    op = graph.operators[index]
    before, after = graph[op.inputs[0]].shape[-1], graph[op.outputs[0]].shape[-1]
    if before == 0 or after % before:
        return None
    return Channelwise({op.inputs[0]: np.arange(after) % before}, lambda inputs: inputs[op.inputs[0]])


def _bitcast(graph: Graph, op: Operator) -> shapes.Shape:
    """The input's, its last dimension taken in or split where numbers become wider or narrower."""
    source, output = graph[op.inputs[0]], graph[op.outputs[0]]
    before, after = source.dtype.numpy.itemsize, output.dtype.numpy.itemsize
    if before >= after:
        return source.shape if before == after else (*source.shape, before // after)
    if source.shape[-1:] != (after // before,):
        raise shapes.Contradiction(f"numbers of {before} bytes in {list(source.shape)} make none of {after}")
    return source.shape[:-1]


OPERATORS = (
    Op(
        "BITCAST",
        Support(
            1,
            shape=_bitcast,
            ranks=(0, 8),
            spacing="unrelated",
            types=MOVABLE,
            outputs=MOVABLE - {DType.BOOL},  # bytes that are neither 0 nor 1 are no truth values
        ),
        _lower,
        _HOW,
        always,
    ),
    Op(
        "RESHAPE",
        Support(
            1,
            (Operand("input"), parameter("shape", optional=True, wide=True)),
            shapes.reshape,
            ranks=(0, 8),
            spacing="moves-bytes",
            types=MOVABLE,
        ),
        _lower,
        _HOW,
        always,
        _channels,
        unsigned=True,
    ),
    Op(
        "SQUEEZE",
        Support(2, shape=shapes.squeeze, ranks=(0, 8), spacing="moves-bytes", types=MOVABLE),
        _lower,
        _HOW,
        always,
        _channels,
        unsigned=True,
    ),
    Op(
        "EXPAND_DIMS",
        Support(
            1,
            (Operand("input"), parameter("axis", wide=True)),
            shapes.expand_dims,
            ranks=(0, 7),
            spacing="as-input",
            types=MOVABLE,
        ),
        _lower,
        _HOW,
        always,
        _channels,
        unsigned=True,
    ),
)
