"""What could have been taken for each step, beside what was."""

from __future__ import annotations

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops import candidates_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.backends.project.choices import Alternative, Choice
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph


def explain(graph: Graph, step: Step, name: str, target: Target) -> Choice:
    """The kernels that the target's core runs for a step; one alone where the operator has no other.

    Args:
        graph: what the passes made.
        step: of it.
        name: of the step in the generated C.
        target: as for lowering.
    """
    usable = [one for one in candidates_of(graph, step.operator, target) if one.fits(target)]
    if step.kernel not in [one.kernel for one in usable]:
        flash = sum(constant.values.nbytes for constant in step.constants)
        usual = Alternative(step.kernel, None, step.scratch or 0, flash, step.code, chosen=True)
        return Choice(name, step.title, (usual,))
    known = [one for one in (_alternative(candidate, step) for candidate in usable) if one is not None]
    return Choice(name, step.title, tuple(sorted(known, key=_order)))


def _order(one: Alternative) -> tuple[bool, int, int]:
    return not one.chosen, one.instructions or 0, one.scratch


def _alternative(candidate: Candidate, step: Step) -> Alternative | None:
    """None for a kernel that cannot compute with the layer's numbers."""
    try:
        flash = candidate.flash
    except ModelError:
        return None
    return Alternative(
        kernel=candidate.kernel,
        instructions=round(candidate.instructions),
        scratch=candidate.scratch,
        flash=flash,
        code=candidate.code,
        chosen=(candidate.kernel, candidate.scratch) == (step.kernel, step.scratch or 0),
    )
