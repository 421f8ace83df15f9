"""``deploy`` and ``run`` where the board is an accelerator: from settings to the road, and its result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.base.hints import command
from edgeq.cli.output import Output
from edgeq.cli.settings import calibration, open_model, settings_from, thresholds, trial

if TYPE_CHECKING:
    from rich.console import Console

    from edgeq.boards import Board
    from edgeq.edgetpu.compiler import Options
    from edgeq.judge.report import Report
    from edgeq.targets.coral import Place
    from edgeq.verbs.deploy_edgetpu import Device
    from edgeq.verbs.doctor.machine import Need
    from edgeq.verbs.settings import Settings

_TOOL_MISSING = 3


def refuse_elsewhere(flags: Mapping[str, Any], board: str) -> None:
    """The options of accelerators say nothing on other boards.

    Raises:
        UsageError: one of them is given.
    """
    for name in ("cpu", "min_mapped", "min_runtime_version"):
        if flags.get(name):
            option = "--" + name.replace("_", "-")
            raise UsageError(f"{option} is for an Edge TPU, and {board} is none", "leave it out")


def refuse_here(flags: Mapping[str, Any], board: str) -> None:
    """The options of boards that are flashed say nothing on an accelerator.

    Raises:
        UsageError: one of them is given.
    """
    for name in ("device", "no_flash", "max_latency"):
        if flags.get(name):
            option = "--" + name.replace("_", "-")
            raise UsageError(f"{option} is for boards with firmware, and {board} has none", "leave it out")


def refuse_sdk(board: Board, model: Path) -> None:
    """A board whose SDK builds for it has no road to its end.

    Raises:
        UsageError: it is such a board.
    """
    if board.sdk is not None:
        raise UsageError(
            f"{board.id} is built and flashed by its SDK ({board.sdk}), so deploy cannot go to the end",
            f"{command('edgeq', 'compile', model)}, then edgeq generate X_edgetpu.tflite --board {board.id}; "
            "its README has the commands",
        )


def place_of(settings: Settings, board: str) -> Place:
    """The machine that ``--board`` names."""
    from edgeq.boards import split_board
    from edgeq.targets.coral import parse_place

    return parse_place(
        split_board(board)[1], python=settings.edgetpu_python or "", ssh=settings.edgetpu_ssh or ("ssh",)
    )


def deploy(
    output: Output, model: Path, board: Board, settings: Settings, *, force: bool, flags: Mapping[str, Any]
) -> int:
    """The whole road to an accelerator; the exit code."""
    from edgeq.base.folders import refuse_existing_folder
    from edgeq.converter.sources import source_name
    from edgeq.verbs.deploy import default_out
    from edgeq.verbs.deploy_edgetpu import Request
    from edgeq.verbs.deploy_edgetpu import deploy as take

    out = settings.out if settings.out is not None else default_out(source_name(model), board.id)
    refuse_existing_folder(out, force=force)
    device = _device(settings, board, cpu=flags["cpu"])
    with output.progress() as progress:
        loaded = open_model(model, settings, progress)
        request = Request(
            model=loaded.model,
            graph=loaded.graph,
            device=device,
            out=out,
            calibration=calibration(settings, flags),
            test=trial(settings),
            thresholds=thresholds(settings),
            compiler=settings.edgetpu_compiler,
            options=_options(settings),
            min_mapped=settings.min_mapped,
            force=force,
        )
        outcome = take(request, progress)
    code = _shown(output, outcome.report)
    if outcome.missing is None or code:
        return code
    output.note(f"{outcome.missing.message}: everything else was done; {outcome.missing.hint}")
    return _TOOL_MISSING


def run(output: Output, path: Path, board: Board, settings: Settings, *, cpu: bool) -> int:
    """A compiled model on an accelerator; the exit code."""
    from edgeq.verbs.deploy_edgetpu import run as judge

    device = _device(settings, board, cpu=cpu)
    with output.progress() as progress:
        report = judge(path, device, trial(settings), thresholds(settings), progress)
    return _shown(output, report)


def generate(output: Output, model: Path, board: Board, target: Path, *, force: bool) -> None:
    """A compiled model as a project for the board's SDK."""
    from edgeq.backends.coral_micro.generate import generate as make
    from edgeq.graph import load_model

    with output.progress() as progress:
        data, graph = load_model(model)
        progress.stage("generate", f"a project for {board.id}, which its SDK builds")
        project = make(data, graph, board)
        project.write(target, force=force, progress=progress)
    manifest = project.manifest
    result = {
        "project": str(target),
        "board": board.id,
        "model": manifest["model"],
        "memory": manifest["memory"],
        "macs": manifest["macs"],
        "files": sorted(project.files),
    }
    cpu = ", ".join(manifest["operators"]) or "nothing"

    def show(console: Console) -> None:
        console.print(
            f"{target}: {len(project.files)} files for {board.id}; on its CPU: {cpu}", soft_wrap=True
        )
        output.next(console, target / "README.md", more=" has the SDK's commands that build and flash it")

    output.result(result, show)


def examine(board: str) -> tuple[Need, ...]:
    """What ``doctor`` says of an accelerator's machine."""
    from edgeq.verbs.doctor.edgetpu import examine_accelerator

    settings = settings_from({})
    return examine_accelerator(
        place_of(settings, board), settings.edgetpu_device or "", settings.edgetpu_compiler
    )


def _device(settings: Settings, board: Board, *, cpu: bool) -> Device:
    from edgeq.verbs.deploy_edgetpu import Device

    place = place_of(settings, settings.board or board.id)
    return Device(board.id, place, settings.edgetpu_device or "", cpu)


def _options(settings: Settings) -> Options | None:
    from edgeq.edgetpu.compiler import Options

    version = settings.min_runtime_version
    return None if version is None else Options(version)


def _shown(output: Output, report: Report) -> int:
    from edgeq.cli.report_view import show_report

    output.result(report.to_json(), lambda console: show_report(console, report))
    return 0 if report.verdict == "pass" else 1
