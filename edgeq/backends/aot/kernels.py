"""The kernels that can do a step: each with what it costs; the cheapest that fits is taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from edgeq.backends.aot.families import Family, finest
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target

WORTH = 5000
"""Instructions that a kernel of a coarser family must save in a step to be linked beside the finer one's; and
a kernel that saves scratch, beside the usual one."""
_ABOUT = 2
"""How many times the fastest kernel's instructions one may execute that has less scratch."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """One kernel for one step.

    Attributes:
        kernel: the C function, which its file is named by.
        family: of the cores that run it.
        instructions: executed in one call on the target's core: an estimate, by a model that is linear in the
            layer's sizes and was fitted to counts in simulation.
        scratch: bytes of scratch.
        code: bytes that it brings beside the code that every layer of its kind calls.
        rows: output rows that it makes together where it makes them by rows; 0 where that is no matter, None
            where it makes all at once.
        beside: whether it stands beside the usual one of its family, to save scratch.
        borrowed: whether it is taken only where other steps call it anyway.
        make: makes the step; called for the one that is chosen, and for those of which more is asked.
    """

    kernel: str
    family: Family
    instructions: float
    scratch: int
    make: Callable[[], Step]
    code: int = 0
    rows: int | None = None
    beside: bool = False
    borrowed: bool = False

    def fits(self, target: Target) -> bool:
        """Whether the target's core runs it."""
        return self.family.fits(target)

    @cached_property
    def step(self) -> Step:
        """The step with this kernel.

        Raises:
            ModelError: the layer's numbers are none that it can compute with.
        """
        return self.make()

    @property
    def flash(self) -> int:
        """Bytes of the step's constants. The kernel's code is not in it: it serves all steps that call it."""
        return sum(constant.values.nbytes for constant in self.step.constants)


def alike(
    stem: str, instructions: Mapping[Family, float], make: Callable[[str], Step]
) -> Iterator[Candidate]:
    """A kernel for each family, all with the same parameters and without scratch.

    Args:
        make: makes the step with the kernel of that name.
    """
    for family, count in instructions.items():
        kernel = f"edgeq_{stem}_{family.name}_s8"
        yield Candidate(kernel, family, count, 0, partial(make, kernel))


def choose(candidates: Iterable[Candidate], target: Target) -> Candidate:
    """The one that fits and executes the fewest instructions; of equal ones that with the least scratch.

    A target that asks for little flash gets the one with the least, and of equal ones the fastest; one that
    asks for little RAM the one with the least scratch of those without code of their own that are about as
    fast.

    Raises:
        ValueError: none fits.
    """
    every = [candidate for candidate in candidates if candidate.fits(target)]
    shared = [candidate for candidate in every if candidate.kernel in target.shared]
    fitting = shared or [candidate for candidate in every if not candidate.borrowed]
    usual = finest(target, *(candidate.family for candidate in fitting))
    if target.scratch is not None:
        least = min(candidate.scratch for candidate in fitting)
        fitting = [one for one in fitting if one.scratch <= max(target.scratch, least)]

    if target.lean:
        of_family = [one for one in fitting if one.family is usual]
        usable = [one for one in of_family if not one.code] or of_family
        most = _ABOUT * min(one.instructions for one in usable)
        pool = [one for one in fitting if one in usable or not one.code]
        near = [one for one in pool if one.instructions <= most]
        if not any(one.rows is not None for one in near) and any(one.rows is not None for one in pool):
            near = pool
        return min(
            near,
            key=lambda one: (
                one.rows is None,
                one.family is not usual,
                0 < (one.rows or 0) < target.lean,
                one.scratch,
                one.instructions,
            ),
        )

    def cost(candidate: Candidate) -> tuple[float, float, int]:
        beside = WORTH if candidate.beside or candidate.family is not usual else 0
        return target.small * candidate.code, candidate.instructions + beside, candidate.scratch

    return min(fitting, key=cost)
