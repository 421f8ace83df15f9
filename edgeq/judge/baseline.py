"""The figures that were accepted last, in a file that is committed, and what has changed since.

A figure is read from a report's JSON, so that reports of earlier runs are compared in the same way: the seam
is :func:`figures_of` and :func:`compare`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from edgeq.base.errors import UsageError
from edgeq.checker import Finding
from edgeq.judge.report import Findings, Report, finding
from edgeq.judge.report.changes import Change, Changes

BASELINE = "edgeq-baseline.json"
"""Its usual name."""

USUAL_TOLERANCE = 0.01
SCHEMA_VERSION = 1
_LARGEST = 16 << 20

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """One figure of a report.

    Attributes:
        name: as the file and messages have it.
        unit: as messages say it, unless the name does; ``"share"`` is shown in percent.
        better: in which direction it improves.
        read: its value in a report's JSON; None where it was not measured.
    """

    name: str
    unit: str
    better: Literal["less", "more"]
    read: Callable[[Mapping[str, Any]], float | None]

    def told(self, value: float) -> str:
        """A value as people read it."""
        if self.unit == "share":
            return f"{100 * value:.2f} %"
        return f"{value:,.10g} {self.unit}".rstrip()


def _at(*keys: str) -> Callable[[Mapping[str, Any]], float | None]:
    def read(report: Mapping[str, Any]) -> float | None:
        value: Any = report
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    return read


def _agreement(report: Mapping[str, Any]) -> float | None:
    agree, samples = _at("exactness", "argmax_agree")(report), _at("exactness", "samples")(report)
    return agree / samples if agree is not None and samples else None


FIGURES = (
    Figure("accuracy", "share", "more", _at("accuracy", "device")),
    Figure("r2", "", "more", _at("regression", "device", "r2")),
    Figure("mae", "", "less", _at("regression", "device", "mae")),
    Figure("argmax_agreement", "share", "more", _agreement),
    Figure("instructions", "", "less", _at("latency", "instructions_warm")),
    Figure("cycles_estimated", "", "less", _at("latency", "cycles_estimated")),
    Figure("cycles", "", "less", _at("latency", "cycles_warm")),
    Figure("flash", "bytes", "less", _at("flash", "total")),
    Figure("ram", "bytes", "less", _at("ram", "total")),
    Figure("arena", "bytes", "less", _at("ram", "arena")),
    Figure("mapped", "operators", "more", _at("coral", "mapped")),
)
"""What is accepted and compared: no wall-clock figure, since these differ from run to run."""

BY_NAME = {figure.name: figure for figure in FIGURES}


def figures_of(report: Mapping[str, Any]) -> dict[str, float]:
    """What was measured, of a report's JSON."""
    values = {figure.name: figure.read(report) for figure in FIGURES}
    return {name: value for name, value in values.items() if value is not None}


def compare(accepted: Figures, now: Figures, tolerance: float = USUAL_TOLERANCE) -> tuple[Change, ...]:
    """Every figure that is in one of them, in the order of :data:`FIGURES`.

    Args:
        tolerance: the share of the accepted value by which a figure may get worse.
    """
    return tuple(
        _change(figure, accepted.get(figure.name), now.get(figure.name), tolerance)
        for figure in FIGURES
        if figure.name in accepted or figure.name in now
    )


def _change(figure: Figure, accepted: float | None, now: float | None, tolerance: float) -> Change:
    if accepted is None or now is None:
        return Change(figure.name, accepted, now, None, is_worse=now is None)
    more = now - accepted
    loss = more if figure.better == "less" else -more
    percent = round(100 * more / abs(accepted), 4) if accepted else None
    return Change(figure.name, accepted, now, percent, is_worse=loss > tolerance * abs(accepted) + 1e-12)


@dataclass(frozen=True)
class Entry:
    """What was accepted for one cell.

    Attributes:
        figures: by name.
        toolchain: which compiler made it, with its version; None where none did.
    """

    figures: Figures
    toolchain: str | None = None


@dataclass(frozen=True)
class Baseline:
    """The figures that were accepted last, by cell."""

    entries: Mapping[str, Entry] = field(default_factory=dict)

    def accepting(self, reports: Iterable[Report]) -> Baseline:
        """A copy with the figures of these reports in the place of those of their cells."""
        made = {
            cell_of(report): Entry(figures_of(report.to_json()), _toolchain(report)) for report in reports
        }
        return Baseline({**self.entries, **made})

    def joined(self, other: Baseline) -> Baseline:
        """A copy with the other's entries, too: those of both are the other's."""
        return Baseline({**self.entries, **other.entries})

    def judged(self, report: Report, tolerance: float = USUAL_TOLERANCE, *, accept: bool = False) -> Report:
        """A report that says what has changed; a figure that got worse is an error.

        Args:
            tolerance: see :func:`compare`.
            accept: whether its figures are about to be accepted: then nothing is an error.
        """
        cell = cell_of(report)
        entry = self.entries.get(cell)
        if entry is None:
            new: tuple[Finding, ...] = ()
            if not accept:
                new = (finding("baseline", "info", f"no figures are accepted yet for {cell}", _ACCEPT),)
            return _with(report, Changes(cell, ()), new)
        changes = compare(entry.figures, figures_of(report.to_json()), tolerance)
        severity: Literal["error", "info"] = "info" if accept else "error"
        made = _toolchain(report)
        by = f"; accepted by {entry.toolchain}, now {made}" if entry.toolchain != made else ""
        found = tuple(
            finding("baseline", severity, told(one, tolerance) + by, "" if accept else _ACCEPT)
            for one in changes
            if one.is_worse
        )
        return _with(report, Changes(cell, changes), found)

    def text(self) -> bytes:
        """The file: one figure a line, in a fixed order, so that a change is a line in a diff."""
        cells = {
            cell: {"toolchain": entry.toolchain, "figures": dict(entry.figures)}
            for cell, entry in sorted(self.entries.items())
        }
        return (json.dumps({"schema_version": SCHEMA_VERSION, "cells": cells}, indent=2) + "\n").encode()

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """The baseline of a file.

        Raises:
            UsageError: it is not there, cannot be read, or is no baseline.
        """
        try:
            with path.open("rb") as file:
                raw = file.read(_LARGEST)
        except FileNotFoundError as error:
            raise UsageError(f"there is no baseline {path}", _ACCEPT) from error
        except OSError as error:
            raise UsageError(f"cannot read the baseline {path}: {error.strerror}", _ACCEPT) from error
        try:
            return cls.parse(json.loads(raw))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise UsageError(
                f"{path} is no baseline of edgeq's", "restore it from version control, or remove it"
            ) from error

    @classmethod
    def parse(cls, value: Any) -> Baseline:
        """The baseline of the file's JSON.

        Raises:
            ValueError, TypeError, KeyError, AttributeError: it is none.
        """
        if value["schema_version"] != SCHEMA_VERSION:
            raise ValueError(value["schema_version"])
        entries = {}
        for cell, entry in value["cells"].items():
            figures = entry["figures"]
            if not all(type(number) in (int, float) for number in figures.values()):
                raise TypeError(cell)
            toolchain = entry.get("toolchain")
            known = {name: figures[name] for name in BY_NAME if name in figures}
            entries[str(cell)] = Entry(known, None if toolchain is None else str(toolchain))
        return cls(entries)


@dataclass(frozen=True)
class Comparison:
    """A baseline, and how reports are held against it; see :meth:`Baseline.judged`."""

    baseline: Baseline
    tolerance: float = USUAL_TOLERANCE
    accept: bool = False

    def judged(self, report: Report) -> Report:
        """The report with what has changed."""
        return self.baseline.judged(report, self.tolerance, accept=self.accept)


_ACCEPT = "if that is meant, --update-baseline (pytest: --edgeq-update) accepts the figures of this run"


def cell_of(report: Report) -> str:
    """Which entry a report belongs to: ``model/board@place/runtime/compiler``."""
    origin = report.origin
    parts = [report.model, report.board, report.runtime]
    if origin is not None:
        parts[1] += f"@{origin.place}"
        parts += [origin.toolchain.split()[0]] if origin.toolchain else []
    return "/".join(parts)


def told(change: Change, tolerance: float) -> str:
    """A change that is worse, as a sentence."""
    figure = BY_NAME[change.figure]
    if change.accepted is None:
        return f"{change.figure} was not measured before"
    before = figure.told(change.accepted)
    if change.now is None:
        return f"{change.figure} is not measured any more: {before} was accepted"
    how = "worse" if change.percent is None else f"{abs(change.percent):.2f} % "
    how += "" if change.percent is None else "more" if change.now > change.accepted else "less"
    limit = f"{100 * tolerance:g} % is tolerated"
    return f"{change.figure}: {figure.told(change.now)}, {how} than the {before} accepted; {limit}"


def _toolchain(report: Report) -> str | None:
    return None if report.origin is None else report.origin.toolchain


def _with(report: Report, changes: Changes, found: tuple[Finding, ...]) -> Report:
    return report.having(changes).having(Findings((*report.findings, *found)))
