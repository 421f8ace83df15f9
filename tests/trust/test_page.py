"""docs/trust.md is what edgeq says to each kind of fault. EDGEQ_UPDATE_DOCS=1 rewrites it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from edgeq.cli import main

from .kinds import KINDS, Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trust.md"
_TABLE = re.compile(r"<!-- table -->\n(.*?)<!-- end -->", re.DOTALL)
_HEAD = "| kind | input | command | exit code | outcome |\n|---|---|---|---|---|\n"
_OUTDATED = 'run tests/trust/test_page.py with EDGEQ_UPDATE_DOCS=1 -m "slow or not slow"'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: empty, and no settings of the developer reach it."""
    (tmp_path / ".git").mkdir()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("EDGEQ_BOARD", "EDGEQ_PORT", "EDGEQ_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return work


@pytest.mark.sample(9)
@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.slow if kind.slow else ()) for kind in KINDS],
    ids=lambda kind: f"{kind.kind}: {kind.given}",
)
def test_kind(kind: Kind, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ziglang", reason="builds for the host; pip install 'edgeq[sim]'")
    kind.prepare(folder)
    if kind.in_shell:
        code, outcome = _in_shell(kind)
        assert (code, kind.says in outcome) == (kind.exit_code, True), (code, outcome)
        return _hold(kind, outcome)
    capfd.readouterr()
    code = main([*kind.command.split(), "--json"])
    said = capfd.readouterr()
    assert "Traceback" not in said.err
    outcome = _outcome(json.loads(said.out), kind.rule).replace(str(folder), ".")
    assert (code, kind.says in outcome) == (kind.exit_code, True), (code, outcome)
    return _hold(kind, outcome)


def _in_shell(kind: Kind) -> tuple[int, str]:
    """The exit code of a pipeline's first failure, and its error's message, else what it printed."""
    edgeq = f'edgeq() {{ "{sys.executable}" -m edgeq "$@"; }}'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{edgeq}; edgeq {kind.command}"],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    told = re.search(r"^error: (.*)", done.stderr, re.MULTILINE)
    return done.returncode, told[1] if told else done.stdout.strip() or "nothing is said"


def test_the_page_has_these_kinds() -> None:
    rows = _rows()
    names = [_key(kind) for kind in KINDS]
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        rows = {name: rows[name] for name in names}
        _write(rows)
    assert list(rows) == names, _OUTDATED


def _outcome(answer: dict[str, Any], rule: str) -> str:
    """An error's message, the finding of a rule (``*``: of the first error), or what the report measured."""
    if "error" in answer:
        return str(answer["error"]["message"])
    findings = answer.get("findings", [])
    verdict = f"{answer['verdict'].upper()}: " if "verdict" in answer else ""
    if rule:
        found = [f for f in findings if f["rule"] == rule or (rule == "*" and f["severity"] == "error")]
        assert found, findings
        return f"{verdict}{found[0]['severity']}: {found[0]['message']}"
    return verdict + _figures(answer)


def _figures(report: dict[str, Any]) -> str:
    if "exactness" not in report:
        return f"done: {report['project']}"
    regression = report.get("regression")
    if regression:
        return f"R² of the device {regression['device']['r2']:.2f}"
    shares = {name: report["accuracy"][name] for name in ("float", "int8", "device")}
    told = [f"{name} {100 * share:.3g} %" for name, share in shares.items() if share is not None]
    exact = report["exactness"]["exact"] / report["exactness"]["outputs"]
    return ", ".join(["accuracy " + ", ".join(told)] * bool(told) + [f"{100 * exact:.3g} % exact"])


def _key(kind: Kind) -> str:
    return f"{kind.kind} | {kind.given}"


def _hold(kind: Kind, outcome: str) -> None:
    """The row of a kind is what its test saw; decibels and versions depend on the interpreter's, and a
    second oracle speaks only where it is installed."""
    outcome = outcome.split("; so does tflite-micro", maxsplit=1)[0]
    plain = re.sub(r"\d+\.\d+ dB", "… dB", re.sub(r"\s*\n\s*", "; ", outcome)).replace("|", "\\|")
    plain = re.sub(r"(ai-edge-litert|tflite-micro) \S+", r"\1", plain)
    command = kind.command.replace("|", "\\|")
    row = f"| {_key(kind)} | `edgeq {command}` | {kind.exit_code} | {plain} |"
    rows = _rows()
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        rows[_key(kind)] = row
        _write(rows)
    assert rows.get(_key(kind)) == row, _OUTDATED


def _rows() -> dict[str, str]:
    match = _TABLE.search(PAGE.read_text())
    assert match
    return {" | ".join(line[2:].split(" | ")[:2]): line for line in match[1].splitlines()[2:]}


def _write(rows: dict[str, str]) -> None:
    table = _HEAD + "".join(f"{row}\n" for row in rows.values())
    PAGE.write_text(_TABLE.sub(lambda _: f"<!-- table -->\n{table}<!-- end -->", PAGE.read_text()))
