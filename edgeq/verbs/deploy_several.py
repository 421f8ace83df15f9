"""One model on one board with several runtimes: each goes the whole road, the reports stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq import __version__
from edgeq.base.errors import UsageError
from edgeq.base.files import write_atomic
from edgeq.base.folders import OutputFolder, add_file, holding, refuse_existing_folder
from edgeq.base.ownership import MANIFEST
from edgeq.base.progress import SILENT, Progress
from edgeq.graph import model_hash
from edgeq.judge.trial import given_data, refuse_impossible, refuse_place
from edgeq.verbs.convert import quantize
from edgeq.verbs.deploy import Request, check_int8, json_bytes, keeping, make_and_judge

if TYPE_CHECKING:
    from edgeq.judge.report import Report

COMPARISON = "comparison.json"


@dataclass(frozen=True)
class Comparison:
    """Reports by runtime, in the order asked for.

    Attributes:
        artefact: the file that holds all of it.
    """

    model: str
    board: str
    reports: tuple[Report, ...]
    artefact: Path

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """``"fail"`` where one of them is."""
        return "pass" if all(report.verdict == "pass" for report in self.reports) else "fail"

    def to_json(self) -> dict[str, object]:
        """JSON values: a report of docs/report.md for each runtime."""
        return {
            "schema_version": 1,
            "verdict": self.verdict,
            "model": self.model,
            "board": self.board,
            "runtimes": {report.runtime: report.to_json() for report in self.reports},
            "artefact": str(self.artefact),
        }


def compare(request: Request, runtimes: Sequence[str], progress: Progress = SILENT) -> Comparison:
    """Deploys a model with each runtime, into a folder of its own in ``request.out``.

    The model is quantized once, and has to pass the check of every runtime before anything is built.

    Raises:
        UsageError: a device's port is given: a device runs one firmware.
        EdgeqError: as ``deploy``.
    """
    from edgeq.targets import USUAL_PLACE, is_flashed

    place = request.place or USUAL_PLACE
    if (place.port or place.device) is not None and not is_flashed(request.board, place):
        raise UsageError(
            f"{place} runs one firmware, and {len(runtimes)} are to be compared",
            "leave --port out to compare on a simulation, or deploy one --runtime at a time",
        )
    with holding(request.out):
        refuse_existing_folder(request.out, force=request.force)
        return _compare(request, runtimes, progress)


def _compare(request: Request, runtimes: Sequence[str], progress: Progress) -> Comparison:
    progress.stage("read", f"{request.graph.name}, {len(request.graph.operators)} operators")
    data = given_data(request.test, request.graph)
    refuse_impossible(request.thresholds, data)
    refuse_place(request.thresholds, request.board, request.place)
    quantized = quantize(request.model, request.graph, request.calibration, progress)
    checked = [check_int8(quantized, progress, runtime) for runtime in runtimes]
    with OutputFolder(request.out, force=request.force, progress=progress) as folder:
        for runtime in runtimes:  # theirs to fill
            with OutputFolder(folder / runtime) as place:
                write_atomic(place / MANIFEST, json_bytes({"schema_version": 1, "stage": "deploy"}))
        manifest = {
            "schema_version": 1,
            "tool": f"edgeq {__version__}",
            "stage": "compare",
            "board": request.board.id,
            "runtimes": list(runtimes),
            "source": {"name": request.graph.name, "sha256": model_hash(request.model)},
        }
        write_atomic(folder / MANIFEST, json_bytes(manifest))
    with keeping(request.out, progress):
        reports = []
        for one in checked:
            own = replace(request, out=request.out / one.runtime, runtime=one.runtime)
            reports.append(make_and_judge(own, quantized, one, data, progress))
    comparison = Comparison(checked[0].graph.name, request.board.id, tuple(reports), request.out / COMPARISON)
    add_file(request.out, COMPARISON, json_bytes(comparison.to_json()))
    return comparison
