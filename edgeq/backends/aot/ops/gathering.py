"""GATHER, GATHER_ND and EMBEDDING_LOOKUP: elements that indices name, which may be computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from edgeq.backends.aot.ops.moving import HOW, Loop, Move, move_step, places, strides
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import INDEX, MOVABLE, Operand, Support
from edgeq.graph import indexed, shapes
from edgeq.graph.model import DType, Graph, Operator


@dataclass(frozen=True)
class _Lookup:
    """What an operator looks up, in elements of its input.

    Attributes:
        source, indices: the tensors.
        batches: groups of indices, each for its own part of the input.
        outer: tables of a batch, each of which is asked for all indices.
        whole, run: elements of a table, and of what an index names.
        axes: (elements, stride) of each number of an index.
    """

    source: int
    indices: int
    batches: int
    outer: int
    whole: int
    run: int
    axes: tuple[tuple[int, int], ...]

    def count(self, graph: Graph) -> int:
        """Indices of a batch."""
        return graph[self.indices].elements // (self.batches * len(self.axes))


def _gather(graph: Graph, op: Operator) -> _Lookup:
    shape, axis = graph[op.inputs[0]].shape, shapes.option(op, "axis") % len(graph[op.inputs[0]].shape)
    batch = shapes.option(op, "batch_dims")
    run = math.prod(shape[axis + 1 :])
    outer = math.prod(shape[batch:axis])
    return _Lookup(
        op.inputs[0],
        op.inputs[1],
        math.prod(shape[:batch]),
        outer,
        shape[axis] * run,
        run,
        ((shape[axis], run),),
    )


def _gather_nd(graph: Graph, op: Operator) -> _Lookup:
    shape, depth = graph[op.inputs[0]].shape, graph[op.inputs[1]].shape[-1]
    axes = tuple(zip(shape[:depth], strides(shape)[:depth], strict=True))
    return _Lookup(op.inputs[0], op.inputs[1], 1, 1, math.prod(shape), math.prod(shape[depth:]), axes)


def _embedding(graph: Graph, op: Operator) -> _Lookup:
    shape = graph[op.inputs[1]].shape
    run = math.prod(shape[1:])
    return _Lookup(op.inputs[1], op.inputs[0], 1, 1, math.prod(shape), run, ((shape[0], run),))


_Of = Callable[[Graph, Operator], _Lookup]


def _shape(rule: shapes.Rule, of: _Of, graph: Graph, op: Operator) -> shapes.Shape:
    """The rule's; constant indices are looked at, too."""
    shape = rule(graph, op)
    lookup = of(graph, op)
    data = graph[lookup.indices].data
    if data is not None:
        rows = np.asarray(data).reshape(-1, len(lookup.axes))
        limits = np.array([size for size, _ in lookup.axes])
        if np.any(rows < 0) or np.any(rows >= limits):
            raise shapes.Contradiction(
                f"its indices reach out of an input of {list(graph[lookup.source].shape)}"
            )
    return shape


def _lower(of: _Of, graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    lookup = of(graph, op)
    source, indices = (shape_text(graph[tensor].shape) for tensor in (lookup.source, lookup.indices))
    title = f"{op.opcode} of {source} at {indices}"
    if graph[lookup.indices].data is not None:
        return (move_step(graph, index, _move(graph, lookup, op.outputs[0]), title),)
    return (_step(graph, index, lookup, title),)


def _move(graph: Graph, lookup: _Lookup, target: int) -> Move:
    """By constant indices: a loop with places of its own for each batch's."""
    rows = np.asarray(graph[lookup.indices].data, np.int64).reshape(lookup.batches, -1, len(lookup.axes))
    starts = rows @ np.array([stride for _, stride in lookup.axes], np.int64)
    count, part = lookup.count(graph), lookup.outer * lookup.whole
    run = Loop(places(lookup.run, 1), places(lookup.run, 1))
    outer = Loop(places(lookup.outer, lookup.whole), places(lookup.outer, count * lookup.run))
    if lookup.batches == 1:
        rows_ = Loop(tuple(int(s) for s in starts[0]), places(count, lookup.run))
        return Move(lookup.source, target, (outer, rows_, run))
    sources = tuple(
        int(b * part + o * lookup.whole + s)
        for b, each in enumerate(starts)
        for o in range(lookup.outer)
        for s in each
    )
    return Move(lookup.source, target, (Loop(sources, places(len(sources), lookup.run)), run))


def _step(graph: Graph, index: int, lookup: _Lookup, title: str) -> Step:
    source, indices = graph[lookup.source], graph[lookup.indices]
    size = source.dtype.numpy.itemsize
    axes = np.array([(count, stride * size) for count, stride in lookup.axes], np.int32).reshape(-1)
    constants: tuple[Constant, ...] = (
        Constant("axes", "int32_t", axes, "elements, stride in bytes", is_weights=False),
    )
    if source.data is not None:
        constants += (Constant("input", "int8_t", np.asarray(source.data).reshape(-1).view(np.int8)),)
    return Step(
        operator=index,
        title=title,
        kernel="edgeq_take" if source.data is None else "edgeq_take_constant",
        params_type="edgeq_take_params",
        params={
            "batches": lookup.batches,
            "outer": lookup.outer,
            "count": lookup.count(graph),
            "whole": lookup.whole * size,
            "run": lookup.run * size,
            "depth": len(lookup.axes),
            "axes": "axes",
            "number": indices.dtype.numpy.itemsize,
            "constant": None if source.data is None else "input",
        },
        inputs=(lookup.source, lookup.indices) if source.data is None else (lookup.indices,),
        outputs=graph.operators[index].outputs,
        sources=("edgeq_take.c",),
        constants=constants,
    )


_INPUT = Operand("input")
_INDICES = Operand("indices", "parameter", INDEX, most=1 << 16)
_ROWS = Operand("rows", "parameter", frozenset({DType.INT32}), most=1 << 16)
_NOTE = f"{HOW}; by computed indices row by row, one that points outside is taken to the end there"


def _support(version: int, operands: tuple[Operand, ...], shape: shapes.Rule, fewest: int) -> Support:
    return Support(version, operands, shape, ranks=(fewest, 6), spacing="moves-bytes", types=MOVABLE)


OPERATORS = (
    Op(
        "GATHER",
        _support(8, (_INPUT, _INDICES), partial(_shape, indexed.gather, _gather), 1),
        partial(_lower, _gather),
        _NOTE,
    ),
    Op(
        "GATHER_ND",
        _support(6, (_INPUT, _INDICES), partial(_shape, indexed.gather_nd, _gather_nd), 1),
        partial(_lower, _gather_nd),
        _NOTE,
    ),
    Op(
        "EMBEDDING_LOOKUP",
        _support(5, (_ROWS, Operand("table")), partial(_shape, indexed.embedding, _embedding), 2),
        partial(_lower, _embedding),
        _NOTE,
    ),
)
