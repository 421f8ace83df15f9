"""One run of an image on a target: boot it or reach it, judge it, keep its log, report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.errors import DeviceError, UsageError
from edgeq.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.builder import Image
    from edgeq.checker import Checked, Finding
    from edgeq.data import Dataset
    from edgeq.report import Report, Thresholds
    from edgeq.targets import Place


def judge_image(
    checked: Checked,
    image: Image,
    data: Dataset,
    thresholds: Thresholds,
    *,
    serial_log: Path,
    place: Place | None = None,
    accuracy_float: float | None = None,
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
        place: where it runs; None for the board's simulator.
        accuracy_float: of the float model on the same data, where there is one.
        findings: what the stages before found, for the report.
        progress: hears of it.

    Raises:
        DeviceError: the device is not there, is silent, faults, or runs something else.
        UsageError: the log cannot be written.
    """
    from edgeq.link import Client, TranscriptStream
    from edgeq.measure import judge
    from edgeq.report import make_report
    from edgeq.targets import USUAL_PLACE, open_target

    place = place or USUAL_PLACE
    port = place.port
    where = image.board.id if place == USUAL_PLACE else f"{image.board.id}: {place}"
    progress.stage("run", f"{len(data)} samples ({data.source}) on {where}")
    with open_target(image, place) as target:
        target.flash(image)
        stream = target.open()
        try:
            transcript = TranscriptStream(stream, serial_log)
        except OSError as error:
            raise UsageError(
                f"cannot write {serial_log}: {error.strerror}", "check the place and its permissions"
            ) from error
        with transcript, _at(port), Client(transcript, diagnosis=target.diagnosis, log=serial_log) as client:
            judgement = judge(checked, image, client, data, accuracy_float=accuracy_float, progress=progress)
    report = make_report(
        checked, image, judgement, thresholds, notes=data.notes, artefacts={"serial_log": serial_log}
    )
    return replace(report, findings=(*findings, *report.findings))


@contextmanager
def _at(port: str | None) -> Iterator[None]:
    """Name the port in what goes wrong there."""
    try:
        yield
    except DeviceError as error:
        if port is not None and port not in error.message:
            error.message = f"{port}: {error.message}"
        raise
