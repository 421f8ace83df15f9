"""A row of the bench: one model on one board by one compiler."""

from __future__ import annotations

from dataclasses import dataclass

from edgeq.judge.report import Instructions, Report


@dataclass(frozen=True)
class Row:
    """What one model took on one board.

    Attributes:
        model: its short name.
        board, core, toolchain: where, and by which compiler.
        optimize: for what its kernels were chosen.
        missing: why nothing was measured; None where it was.
        macs: multiply-accumulates.
        instructions: of a warm inference.
        cycles_estimated: of that; None where the core has no timings.
        flash, weights: bytes: without the model's constants, and these.
        arena, static, stack: bytes of RAM; the stack's is its high water.
        exact, outputs: output elements that equal the oracle's, of how many.
    """

    model: str
    board: str
    core: str
    toolchain: str
    optimize: str = "auto"
    missing: str | None = None
    macs: int | None = None
    instructions: int | None = None
    cycles_estimated: int | None = None
    flash: int | None = None
    weights: int | None = None
    arena: int | None = None
    static: int | None = None
    stack: int | None = None
    exact: int | None = None
    outputs: int | None = None

    @property
    def is_exact(self) -> bool:
        """Whether every output equals the oracle's; so is a row that was not measured."""
        return self.exact == self.outputs


def row_of(report: Report, model: str, core: str, toolchain: str, optimize: str = "auto") -> Row:
    """The row of a report on firmware."""
    cost, flash, ram = report.latency.cost, report.flash, report.ram
    counted = cost if isinstance(cost, Instructions) else None
    return Row(
        model=model,
        board=report.board,
        core=core,
        toolchain=toolchain,
        optimize=optimize,
        macs=report.latency.macs,
        instructions=None if counted is None else counted.warm,
        cycles_estimated=None if counted is None else counted.cycles_estimated,
        flash=None if flash is None else flash.code,
        weights=None if flash is None else flash.weights,
        arena=None if ram is None else ram.arena,
        static=None if ram is None else ram.static,
        stack=None if ram is None else ram.stack,
        exact=report.exactness.exact,
        outputs=report.exactness.outputs,
    )
