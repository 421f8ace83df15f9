"""docs/bad-inputs.md, written from what the tests saw."""

from __future__ import annotations

import os
import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bad-inputs.md"
_TABLE = re.compile(r"<!-- table -->\n(.*?)<!-- end -->", re.S)
HEAD = "| given | command | exit code | message | hint |\n|---|---|---|---|---|\n"


def row(given: str, command: str, code: int, message: str, hint: str) -> str:
    """One line of the table."""
    cells = (given, f"`edgeq {command}`", str(code), message, hint)
    return "| " + " | ".join(_plain(cell) for cell in cells) + " |\n"


def _plain(text: str) -> str:
    """In one line, without the hashes, which depend on the interpreter that calibrated."""
    one_line = re.sub(r"\s*\n\s*", "; ", text.strip())
    return re.sub(r"\b[0-9a-f]{16}\b", "…", one_line).replace("|", "\\|")


def held_or_rewritten(rows: list[str]) -> None:
    """Compare the page's table with these rows; EDGEQ_UPDATE_DOCS=1 rewrites it instead."""
    text = PAGE.read_text()
    wanted = HEAD + "".join(rows)
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        text = _TABLE.sub(lambda _: f"<!-- table -->\n{wanted}<!-- end -->", text)
        PAGE.write_text(text)
    match = _TABLE.search(text)
    assert match
    assert match[1] == wanted, "run the tests of this folder with EDGEQ_UPDATE_DOCS=1"
