"""A model on a board, as a test has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edgeq.judge.baseline import figures_of
from edgeq.verbs.evidence import failed_because
from edgeq.verbs.request import RunRequest
from edgeq.verbs.run import session
from edgeq.verbs.testing.waiting import when_free

if TYPE_CHECKING:
    from edgeq.judge.report import Report
    from edgeq.judge.report.changes import Change
    from edgeq.verbs.request import DeployRequest
    from edgeq.verbs.runtimes.session import Session
    from edgeq.verbs.testing.cells import TestCell


@dataclass(frozen=True)
class Deployed:
    """A model on a board, judged.

    Attributes:
        cell: which.
        report: the verdict and everything behind it.
        folder: what was made: the int8 model, the project, logs, report.json.
        request: what ``deploy`` was told, the device that it was among it.
        wait: how many seconds a device is waited for that another has.
    """

    cell: TestCell
    report: Report
    folder: Path
    request: DeployRequest
    wait: float

    def check(self) -> None:
        """Hold the model to its verdict: thresholds, exactness, the baseline.

        Raises:
            AssertionError: with every reason.
        """
        __tracebackhide__ = True
        if self.report.verdict != "pass":
            raise AssertionError(f"{self.cell.name}: FAIL\n{failed_because(self.report)}")

    @property
    def figures(self) -> Mapping[str, float]:
        """What was measured, by the baseline's names (docs/ci.md)."""
        return figures_of(self.report.to_json())

    @property
    def changes(self) -> tuple[Change, ...]:
        """What has changed since the baseline; empty where nothing was accepted yet."""
        return () if self.report.changes is None else self.report.changes.changes

    def session(self) -> Session:
        """The model, open for inferences; close it, or use it as a context manager.

        Raises:
            EdgeqError: the device is not there, is silent, or runs something else.
        """
        request = RunRequest(
            self.folder, self.request.board, place=self.request.place, edgetpu=self.request.edgetpu
        )
        return when_free(lambda: session(request), self.wait)
