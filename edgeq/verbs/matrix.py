"""Models times boards times runtimes times compilers: cells, each of them a ``deploy`` of its own."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq.base.errors import EdgeqError, UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.base.progress import SILENT, Progress
from edgeq.verbs.deploy import deploy
from edgeq.verbs.evidence import evidence_of, failed_because
from edgeq.verbs.runtimes import Outcome, choose, foreign_options, parse_runtimes
from edgeq.verbs.settings import Settings

if TYPE_CHECKING:
    from edgeq.judge.junit import Case
    from edgeq.judge.report import Report
    from edgeq.verbs.calibration import Calibration
    from edgeq.verbs.request import BaselineFile, DeployRequest, Toolchain
    from edgeq.verbs.side_by_side import SideBySide


@dataclass(frozen=True)
class Axes:
    """What a matrix is made of; each with one value at least.

    Attributes:
        models: sources, or the bytes of a .tflite file.
        boards: as ``--board`` names them.
        runtimes: by name; the empty name is the board's usual one.
        toolchains: the empty name is what the settings say.
    """

    models: tuple[Path | bytes, ...]
    boards: tuple[str, ...]
    runtimes: tuple[str, ...] = ("",)
    toolchains: tuple[Toolchain | Literal[""], ...] = ("",)


@dataclass(frozen=True)
class Cell:
    """One of them.

    Attributes:
        name: of all that tells it from the others.
        request: what ``deploy`` is told.
    """

    name: str
    request: DeployRequest


def cells_of(
    axes: Axes,
    settings: Settings,
    calibration: Calibration,
    *,
    given: frozenset[str] = frozenset(),
    **more: Any,
) -> tuple[Cell, ...]:
    """The cells of a matrix, the models in turn on each board.

    Args:
        settings: what holds for all of them; ``out`` is the folder of their folders where there are several.
        given: the options that this call gives: one that means something to one board is none too many.
        more: for :func:`edgeq.verbs.from_settings.deploy_request`.

    Raises:
        UsageError: two cells have one name, or a setting is not what it should be.
        BoardError: there is no such board.
    """
    found = list(_cells(axes, settings, calibration, given, more))
    twice = [name for name, count in Counter(cell.name for cell in found).items() if count > 1]
    if twice:
        raise UsageError(
            f"two cells of the matrix are both called {twice[0]}",
            "name every model, board, runtime and toolchain once, and give models names that differ",
        )
    if len(found) == 1:
        return (replace(found[0], request=replace(found[0].request, out=settings.out)),)
    return tuple(found)


def _cells(
    axes: Axes, settings: Settings, calibration: Calibration, given: frozenset[str], more: dict[str, Any]
) -> Iterator[Cell]:
    from edgeq.verbs.from_settings import board_of, deploy_request

    boards = [(text, board_of(text)) for text in axes.boards]
    for text, board in boards:
        alien = _alien(given, board, [one for _, one in boards])
        for model in axes.models:
            for runtime in axes.runtimes:
                for toolchain in axes.toolchains:
                    said = settings.override(board=text, runtime=runtime or None, toolchain=toolchain or None)
                    made = deploy_request(model, said, board, calibration, given=given - alien, **more)
                    parts = _model_name(model), board.id, host_of(text), runtime, toolchain
                    name = "-".join(filter(None, parts))
                    yield Cell(name, replace(made, out=Path(settings.out or "") / name))


def _alien(given: frozenset[str], board: Any, boards: Sequence[Any]) -> frozenset[str]:
    """The options that say nothing to this board, and something to another one."""
    own, *others = (given & foreign_options(choose(one)[0]) for one in (board, *boards))
    return frozenset(name for name in own if any(name not in other for other in others))


def host_of(board: str) -> str:
    """The machine that ``coral@user@host`` names, as a part of a file's name."""
    from edgeq.boards import split_board

    return re.sub(r"[^\w.-]+", "-", split_board(board)[1])


def _model_name(model: Path | bytes) -> str:
    from edgeq.converter.sources import source_name

    return source_name(model) if isinstance(model, Path) else "model"


@dataclass(frozen=True)
class Judged:
    """What became of a cell, or of one runtime of it.

    Attributes:
        name: the cell's.
        seconds: that it took.
        report: None where there is none.
        error: why not.
        details: more than the error says: what was said last, and where the log is.
    """

    name: str
    seconds: float
    report: Report | None = None
    error: EdgeqError | None = None
    details: str = ""

    @property
    def outcome(self) -> Literal["pass", "fail", "error"]:
        """The report's verdict, or ``"error"``."""
        return "error" if self.report is None else self.report.verdict

    def to_json(self) -> dict[str, object]:
        """The cell, with its report or its error."""
        told: dict[str, object] = {"cell": self.name, "outcome": self.outcome}
        if self.report is not None:
            told["report"] = self.report.to_json()
        if self.error is not None:
            error = self.error
            told["error"] = {
                "message": error.message, "hint": error.hint, "exit_code": error.exit_code, "kind": error.kind
            }  # fmt: skip
        return told

    def case(self) -> Case:
        """As JUnit has it."""
        from edgeq.judge.junit import Case, properties_of

        if self.report is None:
            message = "" if self.error is None else self.error.message
            return Case(self.name, self.seconds, "error", message, self.details)
        why = failed_because(self.report)
        told = properties_of(self.report)
        return Case(self.name, self.seconds, self.outcome, why.partition("\n")[0], why, told)


@dataclass(frozen=True)
class Matrix:
    """What became of all cells, in their order.

    Attributes:
        cells: one for each report.
        found: what ``deploy`` gave, by cell, where it came to an end.
    """

    cells: tuple[Judged, ...]
    found: tuple[Outcome | SideBySide | None, ...] = ()

    @property
    def exit_code(self) -> int:
        """Of the first cell that came to no verdict; else 1 where one fails."""
        errors = [cell.error.exit_code for cell in self.cells if cell.error is not None]
        return errors[0] if errors else int(any(cell.outcome == "fail" for cell in self.cells))

    @property
    def verdict(self) -> Literal["pass", "fail"]:
        """``"pass"`` where every cell does."""
        return "pass" if all(cell.outcome == "pass" for cell in self.cells) else "fail"

    def only(self) -> Outcome | SideBySide:
        """What became of a matrix of one cell.

        Raises:
            EdgeqError: why it came to no end.
        """
        (found,) = self.found
        if found is not None:
            return found
        (cell,) = self.cells
        raise cell.error if cell.error is not None else ValueError(cell.name)

    def to_json(self) -> dict[str, object]:
        """JSON values."""
        return {
            "schema_version": 1,
            "verdict": self.verdict,
            "cells": [cell.to_json() for cell in self.cells],
        }

    def junit(self) -> bytes:
        """JUnit XML."""
        from edgeq.judge.junit import junit_xml

        return junit_xml([cell.case() for cell in self.cells])


def judge_cells(
    cells: Sequence[Cell],
    baseline: BaselineFile | None = None,
    junit: Path | None = None,
    progress: Progress = SILENT,
) -> Matrix:
    """Deploy every cell; one that fails keeps none of the others.

    Args:
        baseline: the figures that were accepted last.
        junit: where results go as JUnit XML, also where a cell failed; what ran so far, where the run is
            cut short.

    Raises:
        UsageError: a file cannot be read or written.
    """
    from edgeq.judge.baseline import Baseline, Comparison

    for place in (junit, baseline.path if baseline is not None and baseline.update else None):
        if place is not None:
            refuse_existing_file(place, force=True)
    accepted = None
    if baseline is not None:
        there = baseline.path.exists() or not baseline.update
        accepted = Baseline.read(baseline.path) if there else Baseline()
        how = Comparison(accepted, baseline.tolerance, baseline.update)
        cells = [replace(cell, request=replace(cell.request, comparison=how)) for cell in cells]
    judged: list[Judged] = []
    found: list[Outcome | SideBySide | None] = []
    for number, cell in enumerate(cells, 1):
        if len(cells) > 1:
            progress.note(f"{number} of {len(cells)}: {cell.name}")
        if junit is not None:
            write_atomic(junit, _cut_short(judged, cells[number - 1 :]), force=True)
        one, parts = _judged(cell, progress)
        found.append(one)
        judged += parts
    matrix = Matrix(tuple(judged), tuple(found))
    if baseline is not None and accepted is not None and baseline.update:
        passed = [cell.report for cell in judged if cell.report is not None and cell.outcome == "pass"]
        write_atomic(baseline.path, accepted.accepting(passed).text(), force=True)
    if junit is not None:
        write_atomic(junit, matrix.junit(), force=True)
    return matrix


def _cut_short(judged: Sequence[Judged], left: Sequence[Cell]) -> bytes:
    """What JUnit says if the run comes no further than the first that is left, however it ends."""
    from edgeq.judge.junit import Case, junit_xml

    now, *later = (cell.name for cell in left)
    why = "the run was cut short"
    cases = [one.case() for one in judged]
    cases.append(Case(now, 0.0, "error", f"{why} while this cell ran"))
    return junit_xml([*cases, *(Case(name, 0.0, "skipped", f"{why} before this cell") for name in later)])


def _judged(cell: Cell, progress: Progress) -> tuple[Outcome | SideBySide | None, list[Judged]]:
    began = time.monotonic()
    try:
        found = deploy(cell.request, progress)
    except EdgeqError as error:
        details = evidence_of(error, cell.request.out)
        return None, [Judged(cell.name, time.monotonic() - began, error=error, details=details)]
    seconds = time.monotonic() - began
    if isinstance(found, Outcome):
        return found, [Judged(cell.name, seconds, found.report)]
    each = seconds / len(found.reports)
    return found, [Judged(f"{cell.name}-{one.runtime}", each, one) for one in found.reports]


def runtimes_of(settings: Settings) -> tuple[str, ...]:
    """The runtimes that settings name, each an axis' value; the usual one where none is."""
    return ("",) if settings.runtime is None else parse_runtimes(settings.runtime)
