"""One run of an image on a target: boot it or reach it, judge it, keep its log, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError, UsageError
from edgeq.base.hints import command
from edgeq.base.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked, Finding
    from edgeq.data import Dataset
    from edgeq.judge.float_model import FloatAnswers
    from edgeq.judge.journal import Journal
    from edgeq.judge.report import Report, Thresholds
    from edgeq.targets import Place


def judge_image(
    checked: Checked,
    image: Image,
    data: Dataset,
    thresholds: Thresholds,
    *,
    serial_log: Path,
    place: Place,
    resume: bool = False,
    floats: FloatAnswers | None = None,
    findings: tuple[Finding, ...] = (),
    progress: Progress = SILENT,
) -> Report:
    """Run every sample on the target and in the oracle.

    Args:
        checked: the model that the image was built from.
        image: the firmware.
        data: the samples, for the model's inputs.
        thresholds: what the verdict asks.
        serial_log: where what the device said is kept; an earlier log is replaced.
        place: where it runs.
        resume: take the answers that a run which was cut short has kept.
        floats: what the float model gave for the same data, where there is one.
        findings: what the stages before found, for the report.
        progress: hears of it.

    Raises:
        DeviceError: the device is not there, is silent, faults, or runs something else.
        UsageError: the log cannot be written.
    """
    from edgeq.judge import judge
    from edgeq.judge.profile import INVOKE, layers_of
    from edgeq.judge.reporting import make_report
    from edgeq.targets import (
        FLASH_LOG,
        USUAL_PLACE,
        is_flashed,
        on_hardware,
        open_target,
        place_name,
        remarks,
    )
    from edgeq.targets.farm_target import FarmTarget
    from edgeq.targets.hardware_target import HardwareTarget
    from edgeq.targets.link import Client, TranscriptStream
    from edgeq.targets.simulators import SimulatedTarget

    where = image.board.id if place == USUAL_PLACE else f"{image.board.id}: {place}"
    flashed = is_flashed(image.board, place)
    flash_log = serial_log.with_name(FLASH_LOG)
    if not flashed:  # a simulator may be slow to start
        progress.stage("run")
    with open_target(image, place, flash_log=flash_log, progress=progress) as target:
        if isinstance(target, SimulatedTarget) and target.tells_what_runs:
            target.watch(INVOKE)
        target.flash(image)
        port = target.port if isinstance(target, HardwareTarget | FarmTarget) else place.port
        probe = target.device if isinstance(target, HardwareTarget | FarmTarget) else None
        progress.stage("run", f"{data.samples} samples ({data.source}) on {where}")
        stream = target.open()
        try:
            transcript = TranscriptStream(stream, serial_log, again=getattr(target, "reopen", None))
        except OSError as error:
            raise UsageError(
                f"cannot write {serial_log}: {error.strerror}", "check the place and its permissions"
            ) from error
        with (
            transcript,
            at_port(port),
            Client(
                transcript,
                baud=image.board.console.baud,
                diagnosis=target.diagnosis,
                log=serial_log,
                flashed=flashed,
            ) as client,
            ExitStack() as stack,
        ):
            journal = stack.enter_context(_kept(image, data, progress, resume=resume))
            judgement = judge(
                checked,
                image,
                client,
                data,
                floats=floats,
                real=on_hardware(image.board, place),
                estimated=target.cycles_estimated if isinstance(target, SimulatedTarget) else None,
                journal=journal,
                progress=progress,
            )
            layers = layers_of(target, image)
    logs = {"serial_log": serial_log, **({"flash_log": flash_log} if flashed else {})}
    notes = (*data.notes, *remarks(image.board, place))
    report = make_report(
        checked,
        image,
        judgement,
        thresholds,
        findings=findings,
        notes=notes,
        artefacts=logs,
        place=place_name(image.board, place),
        device=port if probe is None else probe.id,
    )
    return report if layers is None else report.having(layers)


@contextmanager
def _kept(image: Image, data: Dataset, progress: Progress, *, resume: bool) -> Iterator[Journal]:
    """Answers as they come, for a run that goes on after this one was cut short."""
    from edgeq.judge.journal import JOURNAL, Journal

    journal = Journal(image.project / JOURNAL, resume=resume)
    is_whole = False
    try:
        yield journal
        is_whole = True
    finally:
        journal.close(is_whole=is_whole)
        if not is_whole and journal.samples:
            again = command("edgeq", "run", image.project, "--resume")
            progress.note(
                f"{journal.samples} of {data.samples} samples have their answers: {again}, with the same "
                "data, goes on with the rest"
            )


@contextmanager
def at_port(port: str | None) -> Iterator[None]:
    """Name the port in what goes wrong there."""
    try:
        yield
    except DeviceError as error:
        if port is not None and port not in error.message:
            error.message = f"{port}: {error.message}"
        raise
