"""Kernels that a network can do without: they save little, and another one does their steps in less flash.

That is one that it calls anyway, or a smaller one. Flash is code and constants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import candidates_of, lower_operator
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.base.errors import ModelError

_PART = 500
"""The part of a network's instructions that kernels which are left out may have saved, together."""
_CODE = {
    "edgeq_conv_dsp": 1900,
    "edgeq_conv_halfwords_dsp": 1550,
    "edgeq_fully_connected_dsp": 850,
    "edgeq_fully_connected_bytes_dsp": 550,
    "edgeq_fully_connected_plain": 450,
}
"""Bytes that a kernel takes beside others, about: of those that can do each other's steps."""


def share(
    lowerable: Lowerable, lowered: Mapping[int, tuple[Step, ...]], target: Target
) -> dict[int, tuple[Step, ...]]:
    """The steps of every operator in less flash, by its index.

    Args:
        lowered: those with the kernel that is best for each by itself.
        target: what they were chosen for.
    """
    found = {index: _candidates(lowerable, index, target) for index in lowered}
    taken = {
        index: step.kernel
        for index, steps in lowered.items()
        for step in steps
        if step.kernel in found[index]
    }
    left = sum(found[index][kernel].instructions for index, kernel in taken.items()) / _PART
    for kernel in sorted(set(taken.values()), key=lambda one: (-_code(one), one)):
        users = [found[index] for index in taken if taken[index] == kernel]
        best, saved = kernel, 0.0
        for other in sorted(set.intersection(*(set(one) for one in users)) - {kernel}):
            is_new = other not in taken.values()
            more = sum(one[other].instructions - one[kernel].instructions for one in users)
            if more <= left and _code(kernel) and (_code(other) or not is_new):
                less = _code(kernel) - _code(other) * is_new + _fewer_constants(users, kernel, other)
                best, saved = (other, less) if less > saved else (best, saved)
        left -= max(sum(one[best].instructions - one[kernel].instructions for one in users), 0.0)
        taken.update({index: best for index in taken if taken[index] == kernel})
    return {
        index: steps
        if index not in taken or taken[index] in {step.kernel for step in steps}
        else lower_operator(
            lowerable.graph, index, replace(target, shared=frozenset({taken[index]})), lowerable.flips
        )
        for index, steps in lowered.items()
    }


def _candidates(lowerable: Lowerable, index: int, target: Target) -> dict[str, Candidate]:
    """The kernels that can do an operator, by name: of one with several scratches the fastest."""
    fitting = [one for one in candidates_of(lowerable.graph, index, target) if one.fits(target)]
    return {one.kernel: one for one in sorted(fitting, key=lambda one: -one.instructions)}


def _code(kernel: str) -> int:
    """0 for a kernel that is neither left out nor taken for another."""
    return _CODE.get(kernel.partition("_s8")[0], 0)


def _fewer_constants(users: list[dict[str, Candidate]], kernel: str, other: str) -> float:
    """Bytes of constants that the other kernel saves; without end below 0 where it cannot do a step."""
    try:
        return sum(one[kernel].flash - one[other].flash for one in users)
    except ModelError:
        return float("-inf")
