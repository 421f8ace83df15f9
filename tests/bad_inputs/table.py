"""What the tests saw, a row a case, in tests/golden/bad-inputs.md. EDGEQ_UPDATE_DOCS=1 rewrites it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "golden" / "bad-inputs.md"
_TABLE = re.compile(r"<!-- table -->\n(.*?)<!-- end -->", re.S)
_HEAD = "| given | command | exit code | message | hint |\n|---|---|---|---|---|\n"
_OUTDATED = "run this folder's tests in one process with EDGEQ_UPDATE_DOCS=1"


def hold_row(given: str, command: str, code: int, message: str, hint: str) -> None:
    """The page's row of a case is what its test saw; it is rewritten instead where that is asked for."""
    cells = (given, f"`edgeq {command}`", str(code), message, hint)
    line = "| " + " | ".join(_plain(cell) for cell in cells) + " |"
    rows = _rows()
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        rows[given] = line
        _write(rows)
    assert rows.get(given) == line, _OUTDATED


def hold_order(cases: Sequence[str]) -> None:
    """The page has these cases, in this order, and no other."""
    rows = _rows()
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        rows = {given: rows[given] for given in cases}
        _write(rows)
    assert list(rows) == list(cases), _OUTDATED


def _plain(text: str) -> str:
    """In one line, without the hashes, which depend on the interpreter that calibrated."""
    one_line = re.sub(r"\s*\n\s*", "; ", text.strip())
    return re.sub(r"\b[0-9a-f]{16}\b", "…", one_line).replace("|", "\\|")


def _rows() -> dict[str, str]:
    match = _TABLE.search(PAGE.read_text())
    assert match
    return {line.split(" | ")[0].removeprefix("| "): line for line in match[1].splitlines()[2:]}


def _write(rows: dict[str, str]) -> None:
    table = _HEAD + "".join(f"{line}\n" for line in rows.values())
    PAGE.write_text(_TABLE.sub(lambda _: f"<!-- table -->\n{table}<!-- end -->", PAGE.read_text()))
