"""What one form of an operator is to this backend: its row for the checker, and how it becomes steps.

A module of this package that offers ``OPERATORS`` is an operator in some of its forms, or a family of
operators that differ in a name; :func:`edgeq.backends.aot.ops.operators` finds it there. The other modules
are what operators share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edgeq.backends.aot.kernels import Candidate
from edgeq.backends.aot.ops.channels import Channels
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.checker.operators import Support
from edgeq.graph.model import Graph

Lowering = Callable[[Graph, int, Target], tuple[Step, ...]]
"""An operator of a graph, by its index, as steps; ModelError for a form of it that cannot be taken."""


Candidates = Callable[[Graph, int, Target], Iterable[Candidate]]
"""The kernels that can do an operator of a graph, by its index."""

Treatment = Callable[[Graph, int, Target], Channels | None]
"""What an operator of a graph, by its index, does with its channels; None where that is not known."""


def unknown(_graph: Graph, _index: int, _target: Target) -> Channels | None:
    """For operators that need all their channels as they are."""
    return None


def never(_graph: Graph, _index: int) -> bool:
    """For operators that always compute something."""
    return False


def always(_graph: Graph, _index: int) -> bool:
    """For operators that only change how their input is seen."""
    return True


@dataclass(frozen=True)
class Op:
    """One form of an operator.

    Attributes:
        name: the schema's.
        support: what it may look like: version, types, operands, ranks, rule of its shape, quantization.
        lower: how it becomes steps; each names its kernel, its constants and its scratch.
        how: how it is computed, and what it asks for beyond ``support``: a line of docs/operators.md.
        is_alias: whether, in this place, its one output is its first input's bytes: nothing has to run.
        channels: what it does with its channels, for the pass that takes constant ones out.
        candidates: the kernels between which ``lower`` chooses; None where it has one.
        unsigned: whether TensorFlow Lite computes of uint8 what it does of int8, moved by 128: then it has a
            uint8 form, too, which the pass ``signed`` makes an int8 one of.
    """

    name: str
    support: Support
    lower: Lowering
    how: str
    is_alias: Callable[[Graph, int], bool] = never
    channels: Treatment = unknown
    unsigned: bool = False
    candidates: Candidates | None = None
