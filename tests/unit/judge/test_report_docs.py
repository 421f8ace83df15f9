"""docs/report.md and the report's schema say what the sections say; EDGEQ_UPDATE_DOCS=1 writes them anew."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from edgeq.judge.data_checks import CHECKS
from edgeq.judge.report import limits, report_schema

REPOSITORY = Path(__file__).parents[3]
DOCUMENT = REPOSITORY / "docs" / "report.md"
SCHEMA = REPOSITORY / "edgeq" / "judge" / "report" / "schema.json"


def held(path: Path, wanted: str) -> None:
    """A file says what the source says; EDGEQ_UPDATE_DOCS=1 writes it anew."""
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        path.write_text(wanted, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == wanted


def test_the_schema_that_is_shipped_is_that_of_the_sections():
    held(SCHEMA, json.dumps(report_schema(), indent=2) + "\n")


def test_the_document_lists_every_limit():
    rows = [
        f"| `--{limit.name.replace('_', '-')}` | {limit.fails_where} | `{limit.finding}` |\n"
        for limit in limits()
    ]
    held_table("limits", "| option | an error where | finding |\n|---|---|---|\n" + "".join(rows))


def test_the_document_lists_every_check_of_the_data():
    rows = [f"| `{check.finding}` | {check.severity} | {check.where} |\n" for check in CHECKS]
    held_table("checks", "| finding | severity | where |\n|---|---|---|\n" + "".join(rows))


def held_table(name: str, wanted: str) -> None:
    """The document has this table between its marks."""
    marked = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    text = DOCUMENT.read_text(encoding="utf-8")
    assert marked.search(text)
    held(DOCUMENT, marked.sub(lambda found: found[1] + wanted + found[2], text))


def test_the_document_names_every_key():
    text = DOCUMENT.read_text(encoding="utf-8")
    keys = set(re.findall(r"^\| `([a-z0-9_.\[\]]+)` \|", text, re.MULTILINE))
    assert keys == set(paths(report_schema()))


def paths(schema: dict[str, Any], at: str = "") -> list[str]:
    """Every key of the report, ``findings[].rule`` for those of a list's elements."""
    found = []
    for key, part in schema.get("properties", {}).items():
        found.append(at + key)
        found += paths(part, f"{at}{key}.") + paths(part.get("items", {}), f"{at}{key}[].")
    return found
