"""``edgeq bench``: models, cores and compilers as tables, with others' figures beside ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.cli.options import verb
from edgeq.cli.output import Output
from edgeq.cli.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from edgeq.judge.bench import Peer, Row
    from edgeq.judge.bench.mlperf_tiny import Energy
    from edgeq.verbs.bench import Bench, Compiler
    from edgeq.verbs.suite import SuiteResult

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
    suite: str | None,
    **flags: Any,
) -> int:
    """Measure a folder of int8 models on every core by both compilers, beside what others' code takes.

    The folder holds NAME_int8.tflite files; by default it is MLPerf Tiny's below EDGEQ_SHARED.
    Instructions of a warm inference are counted; cycles are estimated by the core's published timings
    (docs/cycles.md). Exit code 1 where an output is not the oracle's.

    With --suite mlperf-tiny: that suite's benchmark on the device at --port, of whoever its firmware is. Exit
    code 1 where the rules' quality is not met, or the windows are too short for them.
    """
    if suite is not None:
        return _suite(output, flags)
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


def _suite(output: Output, flags: dict[str, Any]) -> int:
    from edgeq.base.errors import UsageError
    from edgeq.verbs.suite import SuiteRequest, run_suite

    if flags["suite_port"] is None:
        raise UsageError("no device is given", "give its serial port with --port")
    request = SuiteRequest(
        flags["suite_port"],
        flags["suite_baud"],
        flags["suite_interface"],
        flags["suite_mode"],
        flags["suite_data"],
        flags["suite_limit"],
    )
    with output.progress() as progress:
        found = run_suite(request, progress)
    output.result(found.to_dict(), lambda console: _show_suite(console, found))
    return 0 if found.is_good else 1


def _show_suite(console: Console, found: SuiteResult) -> None:
    lines = [f"{found.benchmark} on {found.device} ({found.profile})"]
    if found.performance is not None:
        one = found.performance
        whose = ", in simulated time, which says nothing of a chip" if one.is_simulated else ""
        lines.append(
            f"throughput {one.throughput:.3f} inferences/s (median of {len(one.windows)} windows{whose})"
        )
        lines.append(f"latency {one.latency_us:.1f} us an inference")
        if not one.is_long_enough:
            lines.append("too short: the windows come to less than the 10 s that the runner asks for")
    if found.energy is not None:
        lines += _energy_lines(found.energy)
    if found.quality is not None:
        quality = found.quality
        met = "meets" if quality.is_met else "MISSES"
        told = f"{quality.metric} {quality.value:.4f} on {quality.samples} samples"
        lines.append(f"{told}: {met} the target {quality.target}")
    for line in lines:
        console.print(one_line(line, 300), soft_wrap=True, markup=False)


def _energy_lines(one: Energy) -> list[str]:
    seconds = ", ".join(f"{window / 1e6:.1f}" for window in one.windows)
    whose = "simulated time" if one.is_simulated else "its own clock" if one.is_told else "this host's clock"
    lines = [
        f"energy not measured, for want of the monitor; {len(one.windows)} windows of {one.runs} inferences",
        f"seconds {seconds} ({whose})",
    ]
    return lines if one.is_long_enough else [*lines, "too short: each window has to be 10 s at least"]


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
