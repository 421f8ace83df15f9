"""``report``: what earlier runs found, as a page or as Markdown, and what changed between two of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.base.errors import UsageError
from edgeq.base.files import refuse_existing_file, write_atomic
from edgeq.verbs.folders import REPORT

if TYPE_CHECKING:
    from edgeq.judge.page import Run

_LARGEST = 64 << 20
_HEAD = (
    "verdict",
    "model",
    "board",
    "runtime",
    "accuracy",
    "exactness",
    "latency",
    "flash",
    "ram",
    "findings",
)


@dataclass(frozen=True)
class ReportRequest:
    """Everything that ``report`` is told.

    Attributes:
        run: an output folder of ``deploy``, one with several of them in it, a ``report.json``, or what
            ``deploy`` or ``run`` printed with ``--json``.
        before: an earlier run, likewise, to compare with; None for none.
        html: where the page goes; None for none.
        layers: what ``edgeq debug --json`` printed; None for none.
        ladder: what ``edgeq compare --json`` printed; None for none.
        force: replace an earlier page.
    """

    run: Path
    before: Path | None = None
    html: Path | None = None
    layers: Path | None = None
    ladder: Path | None = None
    force: bool = False


def report(request: ReportRequest) -> tuple[Run, ...]:
    """Read the runs, and write the page where one is asked for.

    Raises:
        UsageError: a file that is not there, is no report, or a page that exists.
    """
    from edgeq.judge.page import Run, page

    if request.html is not None:
        refuse_existing_file(request.html, force=request.force)
    before = () if request.before is None else tuple(_reports(request.before))
    layers = None if request.layers is None else _other(request.layers, "layers", "debug")
    ladder = None if request.ladder is None else _other(request.ladder, "forms", "compare")
    found = _reports(request.run)
    if len(found) > 1 and (layers or ladder):
        raise UsageError(
            "--layers and --ladder are of one model, and there are several runs", "give one run with them"
        )
    runs = tuple(Run(one, _alike(one, before), layers, ladder) for one in found)
    if request.html is not None:
        try:
            text = page(runs)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise _damaged(request.run) from error
        write_atomic(request.html, text, force=request.force)
    return runs


def _reports(path: Path) -> list[Mapping[str, Any]]:
    files = [path]
    if path.is_dir():
        files = [path / REPORT] if (path / REPORT).is_file() else sorted(path.glob(f"*/{REPORT}"))
    found = [one for file in files or [path / REPORT] for one in _parts(_read(file))]
    if not found or not all(_is_report(one) for one in found):
        raise _damaged(path)
    return found


def _parts(value: Any) -> list[Any]:
    """The reports in what was printed: of one run, of several runtimes side by side, of a matrix."""
    told = value if isinstance(value, dict) else {}
    if isinstance(told.get("cells"), list):
        return [one["report"] for one in told["cells"] if isinstance(one, dict) and "report" in one]
    if isinstance(told.get("runtimes"), dict):
        return list(told["runtimes"].values())
    return [value]


def _is_report(value: object) -> bool:
    return isinstance(value, dict) and value.get("schema_version") == 1 and all(key in value for key in _HEAD)


def _alike(report: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """What to compare with: the only other one, or of several the same model on the same board."""
    if len(others) == 1:
        return others[0]
    keys = ("model", "board", "runtime")
    return next((one for one in others if all(one[key] == report[key] for key in keys)), None)


def _other(path: Path, key: str, verb: str) -> Mapping[str, Any]:
    value = _read(path)
    if not isinstance(value, dict) or not isinstance(value.get(key), list):
        raise UsageError(f"{path} is not what edgeq {verb} gives", f"edgeq {verb} ... --json > {path.name}")
    return value


def _read(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}",
            "give an output folder of edgeq deploy, or the JSON that deploy or run printed",
        ) from error
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(what: object) -> UsageError:
    return UsageError(
        f"{what} is no report of edgeq's",
        "give an output folder of edgeq deploy, its report.json, or what deploy or run printed with --json",
    )
