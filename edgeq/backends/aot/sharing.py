"""Kernels that a network can do without: they save little, and others that it calls anyway do their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf

from edgeq.backends.aot.lowerable import Lowerable
from edgeq.backends.aot.ops import candidates_of, lower_operator
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target

_PART = 500
"""The part of a network's instructions that kernels which are left out may have saved, together."""


def share(
    lowerable: Lowerable, lowered: Mapping[int, tuple[Step, ...]], target: Target
) -> dict[int, tuple[Step, ...]]:
    """The steps of every operator with fewer kernels, by its index.

    Args:
        lowered: those with the kernel that is best for each by itself.
        target: what they were chosen for.
    """
    costs = {index: _costs(lowerable, index, target) for index in lowered}
    taken = {
        index: step.kernel
        for index, steps in lowered.items()
        for step in steps
        if step.kernel in costs[index]
    }
    left = sum(costs[index][kernel] for index, kernel in taken.items()) / _PART
    for kernel in sorted(set(taken.values()), key=_largest_first):
        others = frozenset(taken.values()) - {kernel}
        instead = {index: _best(costs[index], others) for index in taken if taken[index] == kernel}
        more = sum(cost - costs[index][kernel] for index, (cost, _) in instead.items())
        if more <= left:
            left -= max(more, 0.0)
            taken.update({index: other for index, (_, other) in instead.items()})
    return {
        index: steps
        if index not in taken or taken[index] in {step.kernel for step in steps}
        else lower_operator(
            lowerable.graph, index, replace(target, shared=frozenset({taken[index]})), lowerable.flips
        )
        for index, steps in lowered.items()
    }


def _costs(lowerable: Lowerable, index: int, target: Target) -> dict[str, float]:
    """Instructions of the kernels that can do an operator."""
    costs: dict[str, float] = {}
    for one in candidates_of(lowerable.graph, index, target):
        if one.fits(target):
            costs[one.kernel] = min(one.instructions, costs.get(one.kernel, inf))
    return costs


def _best(costs: Mapping[str, float], kernels: frozenset[str]) -> tuple[float, str]:
    return min(((costs[kernel], kernel) for kernel in kernels if kernel in costs), default=(inf, ""))


def _largest_first(kernel: str) -> tuple[bool, str]:
    """Convolutions' kernels take the most code."""
    return not kernel.startswith("edgeq_conv"), kernel
