"""``edgeq bench``: models, cores and compilers as tables, with others' figures beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.cli.options import verb
from edgeq.cli.output import Output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.judge.bench import Peer, Row
    from edgeq.verbs.bench import Bench, Compiler

_TITLES = (
    "model", "by", "instructions", "cycles, estimated", "flash: code", "weights", "arena", "stack", "exact",
)  # fmt: skip


@verb("bench")
def bench(
    output: Output,
    /,
    models: Path | None,
    cores: Sequence[str],
    boards: Sequence[str],
    toolchains: Sequence[Compiler],
    *,
    ram: bool,
) -> int:
    """Measure a folder of int8 models on every core by both compilers, beside what others' code takes.

    The folder holds NAME_int8.tflite files; by default it is MLPerf Tiny's below EDGEQ_SHARED.
    Instructions of a warm inference are counted; cycles are estimated by the core's published timings
    (docs/cycles.md). Exit code 1 where an output is not the oracle's.
    """
    from edgeq.verbs.bench import BenchRequest, boards_with
    from edgeq.verbs.bench import bench as measure
    from edgeq.verbs.from_settings import board_of

    request = BenchRequest(
        models=models,
        boards=(*boards_with(cores), *map(board_of, boards)),
        toolchains=tuple(toolchains) or ("zig", "gcc"),
        ram=ram,
    )
    with output.progress() as progress:
        found = measure(request, progress)
    show = _show_ram if ram else _show
    output.result(found.to_dict(), lambda console: show(console, found))
    return 0 if found.is_exact else 1


def _show(console: Console, found: Bench) -> None:
    from rich.text import Text

    for board in dict.fromkeys(row.board for row in found.rows):
        rows = [row for row in found.rows if row.board == board]
        beside = [peer for peer in found.peers if peer.core == rows[0].core]
        console.print(Text(f"\n{board} ({rows[0].core})\n", "bold"))
        console.print(
            "| " + " | ".join(_TITLES) + " |\n|" + "---|" * len(_TITLES), soft_wrap=True, markup=False
        )
        for model in dict.fromkeys(row.model for row in rows):
            lines = [_ours(row) for row in rows if row.model == model]
            lines += [_theirs(peer, model) for peer in beside if peer.knows(model)]
            for cells in lines:
                console.print("| " + " | ".join(cells) + " |", soft_wrap=True, markup=False)
        for row in {(row.toolchain, row.missing): row for row in rows if row.missing}.values():
            console.print(f"{row.toolchain}: {row.missing}", soft_wrap=True, markup=False)
    for name, text in dict.fromkeys((peer.source.name, peer.source.text) for peer in found.peers):
        console.print(f"\n{name}: {text}", soft_wrap=True, markup=False)


_RAM_TITLES = (
    "model", "by", "optimize", "instructions", "to size", "arena", "goal", "static", "stack", "exact",
)  # fmt: skip


def _show_ram(console: Console, found: Bench) -> None:
    """The arena by what is optimized for; instructions beside those of the fastest kernels of little code."""
    from rich.text import Text

    from edgeq.judge.bench import ram_goals

    usual = {(r.board, r.model, r.toolchain): r.instructions for r in found.rows if r.optimize == "size"}
    for board in dict.fromkeys(row.board for row in found.rows):
        rows = [row for row in found.rows if row.board == board]
        console.print(Text(f"\n{board} ({rows[0].core})\n", "bold"))
        console.print(
            "| " + " | ".join(_RAM_TITLES) + " |\n|" + "---|" * len(_RAM_TITLES), soft_wrap=True, markup=False
        )
        for row in rows:
            base = usual[row.board, row.model, row.toolchain]
            more = f"{row.instructions / base - 1:+.1%}" if row.instructions and base else "-"
            goal = ram_goals().get(row.model) if row.optimize == "ram" else None
            cells = [row.model, row.toolchain, row.optimize, _figure(row.instructions), more]
            cells += [_figure(value) for value in (row.arena, goal, row.static, row.stack)]
            console.print("| " + " | ".join([*cells, _exact(row)]) + " |", soft_wrap=True, markup=False)


def _exact(row: Row) -> str:
    if row.exact is None or row.outputs is None:
        return "-"
    return "yes" if row.is_exact else f"NO: {row.exact:,} of {row.outputs:,}"


def _ours(row: Row) -> list[str]:
    figures = (row.instructions, row.cycles_estimated, row.flash, row.weights, row.arena, row.stack)
    return [row.model, row.toolchain, *map(_figure, figures), _exact(row)]


def _theirs(peer: Peer, model: str) -> list[str]:
    cycles = peer.cycles.get(model)
    told = "-" if cycles is None else f"{cycles:,} (measured)"
    figures = (peer.flash.get(model), None, peer.arena.get(model), None)
    return [model, peer.source.name, _figure(peer.instructions.get(model)), told, *map(_figure, figures), "-"]


def _figure(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
