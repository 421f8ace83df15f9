"""What operators share that move bytes: loops over places in the input and in the output."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph

HOW = "one loop of copies for all that move bytes; an alias where none moves"
_MAX_LOOPS = 8
"""``EDGEQ_MOVE_LOOPS``: as many as any tensor's dimensions."""


@dataclass(frozen=True)
class Loop:
    """One loop: where its places lie, in the input and in the output, from where the loops around it are.

    Attributes:
        source, target: offsets in elements, as many as the loop has turns.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]

    @property
    def count(self) -> int:
        """How often it turns."""
        return len(self.source)

    @property
    def strides(self) -> tuple[int, int] | None:
        """From one place to the next, in the input and in the output; None where they differ."""
        found = {(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(zip(self.source, self.target, strict=True))}
        return found.pop() if len(found) == 1 else None


def strides(shape: Sequence[int]) -> tuple[int, ...]:
    """The strides of a tensor of these dimensions, in elements."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def places(count: int, stride: int, start: int = 0) -> tuple[int, ...]:
    """Equidistant places."""
    return tuple(start + i * stride for i in range(count))


@dataclass(frozen=True)
class Move:
    """Elements of one tensor to places in another.

    Attributes:
        source, target: the tensors, of one type.
        loops: around each other, outermost first; together they meet no element of the output twice.
        fill: what every byte of the output is that none is moved to; None where there are none.
    """

    source: int
    target: int
    loops: tuple[Loop, ...]
    fill: int | None = None

    @property
    def simple(self) -> tuple[Loop, ...]:
        """The fewest loops that do the same; at least one."""
        found: list[Loop] = []
        for loop in self.loops:
            outer, inner = (found[-1].strides, loop.strides) if found else (None, None)
            if loop.count == 1 and found:
                found[-1] = _shifted(found[-1], loop.source[0], loop.target[0])
            elif found and found[-1].count == 1:
                found[-1] = _shifted(loop, found[-1].source[0], found[-1].target[0])
            elif outer and inner and outer == (inner[0] * loop.count, inner[1] * loop.count):
                turns = found[-1].count * loop.count
                first = found[-1].source[0] + loop.source[0], found[-1].target[0] + loop.target[0]
                found[-1] = Loop(places(turns, inner[0], first[0]), places(turns, inner[1], first[1]))
            else:
                found.append(loop)
        return tuple(found or [Loop((0,), (0,))])

    def in_bytes(self, size: int) -> Move:
        """The same of bytes, for elements of ``size`` bytes."""
        if size == 1:
            return self
        wide = (
            Loop(tuple(size * p for p in loop.source), tuple(size * p for p in loop.target))
            for loop in self.loops
        )
        return replace(self, loops=(*wide, Loop(places(size, 1), places(size, 1))))

    def is_identity(self, graph: Graph) -> bool:
        """Whether the output is the input's bytes in their order."""
        loops = self.simple
        whole = places(loops[0].count, 1)
        return (
            len(loops) == 1
            and self.fill is None
            and not graph[self.source].is_constant
            and loops[0].source == loops[0].target == whole
            and loops[0].count == graph[self.source].elements == graph[self.target].elements
        )


def _shifted(loop: Loop, source: int, target: int) -> Loop:
    return Loop(tuple(p + source for p in loop.source), tuple(p + target for p in loop.target))


def move_step(graph: Graph, index: int, move: Move, title: str, name: str = "") -> Step:
    """One call of the kernel, which moves bytes.

    Args:
        name: of this one among several of the operator, for its constants.
    """
    size = graph[move.target].dtype.numpy.itemsize
    *outer, run = move.in_bytes(size).simple
    step, output_step = run.strides or (1, 1)
    if run.strides is None and run.count > 1:
        outer, run = [*outer, run], Loop((0,), (0,))
    if len(outer) > _MAX_LOOPS:
        raise ValueError(f"{len(outer)} loops")
    rows: list[tuple[int, int, int, int]] = []
    own_steps: list[int] = []
    for loop in reversed(outer):
        if loop.strides is not None:
            rows.append((loop.count, *loop.strides, -1))
            continue
        rows.append((loop.count, 0, 0, len(own_steps)))
        for a, b in pairwise((*range(loop.count), 0)):
            own_steps += (loop.source[b] - loop.source[a], loop.target[b] - loop.target[a])
    data = graph[move.source].data
    arrays = {
        "loops": (np.array(rows, np.int32), "count, stride, stride in the output, first of its own steps"),
        "steps": (np.array(own_steps, np.int32), "input, output"),
    }
    constants = tuple(
        Constant(f"{key}{name}", "int32_t", values.reshape(-1), comment, is_weights=False)
        for key, (values, comment) in arrays.items()
        if values.size
    )
    if data is not None:
        constants += (Constant(f"input{name}", "int8_t", np.asarray(data).reshape(-1).view(np.int8)),)
    value = move.fill or 0
    return Step(
        operator=index,
        title=title,
        kernel="edgeq_move_s8" if data is None else "edgeq_move_constant_s8",
        params_type="edgeq_move_params",
        params={
            "start": run.source[0] + sum(loop.source[0] for loop in outer),
            "output_start": run.target[0] + sum(loop.target[0] for loop in outer),
            "run": run.count,
            "step": step,
            "output_step": output_step,
            "loop_count": len(rows),
            "loops": f"loops{name}" if rows else None,
            "steps": f"steps{name}" if own_steps else None,
            "fill": 0 if move.fill is None else size * graph[move.target].elements,
            "value": value,
            "constant": None if data is None else f"input{name}",
        },
        inputs=(move.source,) if data is None else (),
        outputs=(move.target,),
        sources=("edgeq_move_s8.c",),
        constants=constants,
    )


Moves = Callable[[Graph, int], tuple[Move, ...]]
"""What an operator of a graph, by its index, moves."""


def moving_operator(name: str, support: Support, moves: Moves, note: str = "") -> Op:
    """An operator that only moves bytes.

    Args:
        note: what docs/operators.md says of it beside that.
    """

    def lower(graph: Graph, index: int, _target: Target) -> tuple[Step, ...]:
        if is_alias(graph, index):
            return ()
        found = moves(graph, index)
        several = len(found) > 1
        return tuple(
            move_step(
                graph,
                index,
                move,
                f"{name} {shape_text(graph[move.source].shape)} -> {shape_text(graph[move.target].shape)}"
                + (f", part {position}" if several else ""),
                str(position) if several else "",
            )
            for position, move in enumerate(found)
        )

    def is_alias(graph: Graph, index: int) -> bool:
        found = moves(graph, index)
        first = graph.operators[index].inputs[0]
        return len(found) == 1 and found[0].source == first and found[0].is_identity(graph)

    return Op(name, support, lower, HOW + (f"; {note}" if note else ""), is_alias, unsigned=True)
