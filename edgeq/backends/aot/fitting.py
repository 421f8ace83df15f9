"""The steps of a graph on a board: the fastest that fit its memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgeq.backends.aot.feeding import feed
from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import lower_operator, outputs_are_made
from edgeq.backends.aot.plan import Plan, needs, plan
from edgeq.backends.aot.schedule import schedule
from edgeq.backends.aot.segment import Segment
from edgeq.backends.aot.sharing import share
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.streaming import CALLS, Streaming
from edgeq.backends.aot.target import Target
from edgeq.backends.project.budget import Budget
from edgeq.boards import Board

_FIRMWARE_FLASH = 24 * 1024
"""Bytes of code, at most, in a project whose operators take no kernel that is large and could be left out."""
_MOST = 0.15
"""Instructions that the least memory may cost, as a part of those of the fastest kernels of little code."""
_FIRMWARE_RAM = 4 * 1024
"""Bytes of RAM that firmware takes beside arena and stack, at most."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """Steps, and where their tensors lie.

    Attributes:
        steps: in the order in which they run.
        plan: the arena.
        faster: bytes of arena that the next faster steps would need; None where these are the fastest.
        segments: those of the steps that run by rows.
    """

    steps: tuple[Step, ...]
    plan: Plan
    faster: int | None
    segments: tuple[Segment, ...] = ()


def fit(lowerable: Lowerable, board: Board, budget: Budget) -> Fitted:
    """Lowers a graph for a board's memory, as a user wants it.

    Steps take the kernels that are chosen where memory does not count. Where they then need a larger arena
    than there is room for, one after the other at the peak takes a kernel that needs less, until they fit or
    none does; then nothing is gained by slower ones, and they stay as they were.

    Raises:
        ModelError: for an operator that this backend does not have, or a form of it that it cannot take.
    """
    outputs_are_made(lowerable.graph, lowerable.flips)
    if budget.optimize == "ram" or budget.input == "rows":
        least = _streaming(lowerable, budget).least(_MOST)
        return Fitted(least.steps, least.plan, None, least.segments)
    target = replace(lowerable.target, small=budget.optimize == "size")
    lowered = _lowered(lowerable, target)
    if budget.optimize != "size" and not _fits_flash(lowered, board, budget):
        target = replace(target, stored=False)
        lowered = _lowered(lowerable, target)
    if budget.optimize == "auto" and not _fits_flash(lowered, board, budget):
        target = replace(lowerable.target, small=True)
        lowered = _lowered(lowerable, target)
    lowered = share(lowerable, lowered, target)
    fastest, room = _ordered(lowerable, lowered), _room(board, budget)
    steps, faster = fastest, None
    while room is not None and (peak := max(needs(lowerable.graph, steps, lowerable.aliases))) > room:
        smaller = _smaller(lowerable, lowered, steps, room)
        if smaller is None:
            by_rows = _streaming(lowerable, budget).within(room)
            if by_rows is not None:
                return Fitted(by_rows.steps, by_rows.plan, peak, by_rows.segments)
            steps, faster = fastest, None
            break
        faster, lowered = peak, {**lowered, **smaller}
        steps = _ordered(lowerable, lowered)
    return Fitted(steps, plan(lowerable.graph, steps, lowerable.aliases), faster)


def _streaming(lowerable: Lowerable, budget: Budget) -> Streaming:
    target = replace(lowerable.target, stored=False)
    small, fast = (_lowered(lowerable, one) for one in (replace(target, small=True), target))
    lean = {rows: _lowered(lowerable, replace(target, lean=rows)) for rows in CALLS}
    steps = _ordered(lowerable, small)
    if budget.input == "rows":
        steps = (feed(lowerable.graph), *steps)
    return Streaming(lowerable, steps, fast, lean)


_Lowered = dict[int, tuple[Step, ...]]
"""The steps of every operator, by its index."""


def _lowered(lowerable: Lowerable, target: Target) -> _Lowered:
    indices = range(len(lowerable.graph.operators))
    return {index: lower_operator(lowerable.graph, index, target, lowerable.flips) for index in indices}


def _ordered(lowerable: Lowerable, lowered: _Lowered) -> tuple[Step, ...]:
    steps = tuple(step for index in sorted(lowered) for step in lowered[index])
    return schedule(lowerable.graph, steps, lowerable.aliases)


def _smaller(lowerable: Lowerable, lowered: _Lowered, steps: tuple[Step, ...], room: int) -> _Lowered | None:
    """An operator that needs more than there is room for, with a kernel that needs less; None without one."""
    before = _peaks(lowerable, steps)
    for index in sorted((index for index in before if before[index] > room), key=lambda i: -before[i]):
        found = lowered[index]
        while scratch := max((step.scratch or 0 for step in found), default=0):
            found = lower_operator(
                lowerable.graph, index, replace(lowerable.target, scratch=scratch - 1), lowerable.flips
            )
            if max((step.scratch or 0 for step in found), default=0) >= scratch:
                break
            place = next(place for place, step in enumerate(steps) if step.operator == index)
            others = [step for step in steps if step.operator != index]
            if _peaks(lowerable, (*others[:place], *found, *others[place:]))[index] < before[index]:
                return {index: found}
    return None


def _peaks(lowerable: Lowerable, steps: tuple[Step, ...]) -> dict[int, int]:
    """The most that is needed at any step of each operator, in bytes."""
    peaks: dict[int, int] = {}
    for step, need in zip(steps, needs(lowerable.graph, steps, lowerable.aliases)[1:], strict=False):
        peaks[step.operator] = max(peaks.get(step.operator, 0), need)
    return peaks


def _room(board: Board, budget: Budget) -> int | None:
    """The bytes that an arena may have; None where nothing bounds it."""
    if board.ram is None or budget.optimize == "speed":
        return None
    return board.ram.size - board.stack - _FIRMWARE_RAM - budget.reserve_ram


def _fits_flash(lowered: _Lowered, board: Board, budget: Budget) -> bool:
    steps = [step for some in lowered.values() for step in some]
    code = {step.kernel: step.code for step in steps}
    constants = sum(constant.values.nbytes for step in steps for constant in step.constants)
    needed = constants + sum(code.values()) + _FIRMWARE_FLASH
    return board.flash is None or needed <= board.flash.size - budget.reserve_flash
