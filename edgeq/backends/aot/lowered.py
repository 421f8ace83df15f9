"""A checked model on a board's core and in its memory: everything that any form of output is written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgeq.backends.aot.fitting import Fitted, fit
from edgeq.backends.aot.network import Network, describe
from edgeq.backends.aot.passes import prepare
from edgeq.backends.aot.sources import BY_ROWS
from edgeq.backends.aot.step import SIZED
from edgeq.backends.aot.target import Target
from edgeq.base.errors import BoardError
from edgeq.base.hints import document
from edgeq.graph.model import Graph

if TYPE_CHECKING:
    from edgeq.backends.project.budget import Budget
    from edgeq.boards import Board
    from edgeq.checker import Checked


@dataclass(frozen=True, eq=False)
class Lowered:
    """A network that is lowered, planned and put into words.

    Attributes:
        graph: what the passes have made of the model's.
        sources: the C files of its kernels.
    """

    graph: Graph
    target: Target
    fitted: Fitted
    network: Network
    sources: frozenset[str]

    @property
    def is_large(self) -> bool:
        """Whether a size of a layer is more than a halfword holds."""
        sized = [step.params.values() for step in self.fitted.steps if step.params_type in SIZED]
        return any(isinstance(value, int) and value >= 1 << 16 for values in sized for value in values)

    @property
    def memory(self) -> dict[str, int]:
        """Bytes, as a manifest tells them; ``faster`` where a larger arena would serve faster steps."""
        network, faster = self.network, self.fitted.faster
        return {
            "arena": network.arena,
            "state": network.state_bytes,
            "scratch": network.scratch,
            "live_peak": network.live_peak,
            "weights": network.weights,
            **({} if faster is None else {"faster": faster}),
        }


def lower(checked: Checked, board: Board, budget: Budget) -> Lowered:
    """Chooses kernels for a board's core and places for its memory.

    Raises:
        ModelError: an operator has a form that this backend cannot take.
        BoardError: the board runs no C of edgeq's.
    """
    if board.is_accelerator or board.sdk is not None:
        raise BoardError(
            f"{board.id} runs a model that the Edge TPU compiler made, and no firmware of edgeq's own",
            f"{document('coral.md')} shows its road",
        )
    target = Target(board.core, fpu=board.cpu.fpu is not None)
    lowerable = prepare(checked.model, checked.graph, target)
    fitted = fit(lowerable, board, budget)
    network = describe(
        lowerable.graph,
        fitted.steps,
        fitted.plan,
        fitted.segments,
        lowerable.states,
        sha256=checked.sha256,
        model_bytes=len(checked.model),
    )
    sources = frozenset(source for step in fitted.steps for source in step.sources)
    if fitted.segments:
        sources |= {BY_ROWS}
    return Lowered(lowerable.graph, target, fitted, network, sources)
