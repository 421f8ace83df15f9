"""What one process of pytest deploys, has deployed, and hands over at its end."""

from __future__ import annotations

import json
import pickle
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import DeviceBusy, DeviceError, EdgeqError, ToolMissingError, UsageError
from edgeq.base.files import write_atomic
from edgeq.base.ownership import file_hash
from edgeq.judge.baseline import BASELINE, USUAL_TOLERANCE, Baseline, Comparison
from edgeq.judge.junit import properties_of
from edgeq.judge.report import moved
from edgeq.verbs.deploy import deploy
from edgeq.verbs.evidence import evidence_of
from edgeq.verbs.matrix import Axes, cells_of
from edgeq.verbs.runtimes import Outcome
from edgeq.verbs.settings import parse_share
from edgeq.verbs.testing.asked import asked
from edgeq.verbs.testing.cells import settings_of
from edgeq.verbs.testing.deployed import Deployed
from edgeq.verbs.testing.waiting import alone, when_free

if TYPE_CHECKING:
    import pytest

    from edgeq.judge.report import Report
    from edgeq.targets import Place
    from edgeq.verbs.request import DeployRequest
    from edgeq.verbs.testing.cells import TestCell


class Deploying:
    """Each cell is deployed once a process; whoever asks later gets the same.

    Args:
        config: pytest's.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._deployed: dict[str, Deployed] = {}
        self._folders: dict[str, Path] = {}
        self._baseline: Baseline | None = None
        self._accepted = Baseline()
        self._lines: list[str] = []

    def deployed(self, cell: TestCell, base: Path, shared: Path) -> Deployed:
        """The cell's model on its board, judged.

        Args:
            base: the folder of the cells' folders.
            shared: a folder of this run's that all workers of pytest-xdist have.

        Raises:
            EdgeqError: as ``deploy``.
        """
        folder = self._folders[cell.name] = base / cell.name
        request = self._request(cell, folder)
        wait: float = self._config.getoption("--edgeq-wait")
        with alone(shared / f"edgeq-{cell.name}.lock"):
            known = shared / f"edgeq-{cell.name}.pickle"
            others = known.is_file()
            if others:  # another worker was first
                report, place = pickle.loads(known.read_bytes())  # noqa: S301  # of this run's own folder
            else:
                report, place = when_free(lambda: _anywhere(request, cell), wait)
                known.write_bytes(pickle.dumps((report, place)))
        made = Deployed(cell, report, folder, replace(request, place=place), wait)
        self._deployed[cell.name] = made
        if not others:
            self._lines.append(_line(made))
            if report.verdict == "pass":
                self._accepted = self._accepted.accepting([report])
        return made

    def properties(self, cell: TestCell, fixtures: Collection[str]) -> list[tuple[str, str]]:
        """For JUnit XML: what is known of a cell by now.

        Args:
            fixtures: that the test has: without a model's none of its figures are told.
        """
        known = {"cell": cell.name, "board": cell.board}
        if cell.model is not None:
            known["model"] = cell.model.name
            if cell.model.is_file():
                known["source_sha256"] = file_hash(cell.model)
        made = self._deployed.get(cell.name)
        if made is not None and "edgeq_deployed" in fixtures:
            known |= properties_of(made.report)
        return [(f"edgeq.{name}", value) for name, value in known.items()]

    def is_absent(self, cell: TestCell, error: EdgeqError) -> bool:
        """Whether a tool or device is not there, so that nothing was begun."""
        if isinstance(error, ToolMissingError):
            return True
        begun = self._folders.get(cell.name, Path()).exists() if cell.name in self._folders else False
        return isinstance(error, DeviceError) and not isinstance(error, DeviceBusy) and not begun

    def evidence(self, cell: TestCell, error: EdgeqError) -> str:
        """Why a cell came to nothing."""
        return f"{cell.name}: {evidence_of(error, self._folders.get(cell.name))}"

    def told(self) -> dict[str, Any]:
        """What a worker hands over."""
        return {"lines": self._lines, "accepted": self._accepted.text().decode()}

    def heard(self, told: Mapping[str, Any]) -> None:
        """What a worker has handed over."""
        self._lines += told["lines"]
        self._accepted = self._accepted.joined(Baseline.parse(json.loads(told["accepted"])))

    def finish(self) -> bool:
        """Accept what was measured, where that is asked for; whether that could be done."""
        path = self._path
        if not self._config.getoption("--edgeq-update") or path is None or not self._accepted.entries:
            return True
        try:
            write_atomic(path, self._before().joined(self._accepted).text(), force=True)
        except UsageError as error:
            self._lines.append(f"error: nothing is accepted: {error.message}")
            return False
        count = len(self._accepted.entries)
        self._lines.append(
            f"the figures of {count} {'cell is' if count == 1 else 'cells are'} accepted in {path}"
        )
        return True

    def summary(self) -> list[str]:
        """A line for each cell, then what was accepted."""
        return self._lines

    def _request(self, cell: TestCell, folder: Path) -> DeployRequest:
        if cell.model is None:
            raise UsageError(f"{cell.name} has no model", "name one")
        said = asked(cell.options, settings_of(self._config), self._config.rootpath)
        axes = Axes((cell.model,), (cell.board,), (cell.runtime,), (cell.toolchain,))  # type: ignore[arg-type]
        settings = said.settings.override(out=folder)
        (one,) = cells_of(axes, settings, said.calibration, force=True, **said.more)
        comparison = None
        if self._path is not None:
            given = self._config.getoption("--edgeq-tolerance")
            tolerance = USUAL_TOLERANCE if given is None else parse_share(given, "--edgeq-tolerance")
            if given is None and settings.says("tolerance"):
                tolerance = settings.tolerance
            update: bool = self._config.getoption("--edgeq-update")
            comparison = Comparison(self._before(), tolerance, update)
        return replace(one.request, comparison=comparison)

    @property
    def _path(self) -> Path | None:
        """The baseline's file: what is named, else the usual one where it is, or is to be made."""
        given: str | None = self._config.getoption("--edgeq-baseline")
        if given is not None:
            return self._config.invocation_params.dir / given
        settings = settings_of(self._config)
        if settings.baseline is not None:
            return Path(settings.baseline)
        usual = self._config.rootpath / BASELINE
        return usual if usual.exists() or self._config.getoption("--edgeq-update") else None

    def _before(self) -> Baseline:
        path = self._path
        if self._baseline is None and path is not None:
            update = self._config.getoption("--edgeq-update") and not path.exists()
            self._baseline = Baseline() if update else Baseline.read(path)
        return self._baseline or Baseline()


def _anywhere(request: DeployRequest, cell: TestCell) -> tuple[Report, Place]:
    """Deploy where it is free.

    Raises:
        DeviceBusy: it is free nowhere.
    """
    busy: DeviceBusy | None = None
    for place in _places(request.place, cell):
        try:
            found = deploy(replace(request, place=place))
        except DeviceBusy as error:
            busy = error
            continue
        if not isinstance(found, Outcome):  # one runtime has one outcome
            raise TypeError(type(found))
        return found.report, place
    raise busy or DeviceBusy(f"{cell.name} has no place to run", "look at the hardware map")


def _places(usual: Place, cell: TestCell) -> Iterator[Place]:
    """Each device that the hardware map has for the cell; without any, what the board and settings say."""
    chosen = (usual.simulator, usual.port, usual.device, usual.farm)
    if not cell.devices or any(one is not None for one in chosen):
        yield usual
        return
    for one in cell.devices:
        yield replace(usual, device=one.id) if one.id else replace(usual, port=one.serial or None)


def _line(made: Deployed) -> str:
    figures = [f"{name} {value:,.6g}" for name, value in made.figures.items()]
    since = f"; since the baseline: {moved(made.changes) or 'the same'}" if made.changes else ""
    return f"{made.cell.name}: {made.report.verdict.upper()}, {', '.join(figures)}{since}"
