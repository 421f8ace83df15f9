"""One model on one board with several runtimes, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from edgeq.base.errors import UsageError
from edgeq.base.folders import add_file
from edgeq.verbs.manifests import json_bytes

if TYPE_CHECKING:
    from edgeq.judge.report import Report
    from edgeq.verbs.request import DeployRequest
    from edgeq.verbs.runtimes import Outcome, Runtime

COMPARISON = "comparison.json"


@dataclass(frozen=True)
class SideBySide:
    """The reports of several runtimes, in the order asked for.

    Attributes:
        model, board: of all of them.
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


def refuse_one_device(request: DeployRequest, runtimes: Sequence[Runtime]) -> None:
    """Refuse to compare where firmware is on the board already: a device runs one.

    Raises:
        UsageError: several runtimes, and such a device.
    """
    from edgeq.targets import is_flashed

    place = request.place
    if (
        len(runtimes) < 2
        or (place.port or place.device or place.farm) is None
        or is_flashed(request.board, place)
    ):
        return
    raise UsageError(
        f"{place} runs one firmware, and {len(runtimes)} are to be compared",
        "leave --port or --place out to compare on a simulation, or deploy one --runtime at a time",
    )


def together(outcomes: Sequence[Outcome], out: Path) -> SideBySide:
    """The outcomes as one result, kept in ``out`` as ``comparison.json``."""
    reports = tuple(outcome.report for outcome in outcomes)
    found = SideBySide(reports[0].model, reports[0].board, reports, out / COMPARISON)
    add_file(out, COMPARISON, json_bytes(found.to_json()))
    return found
