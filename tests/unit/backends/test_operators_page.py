"""docs/operators.md: the tables as `edgeq operators` has them. EDGEQ_UPDATE_DOCS=1 rewrites them."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from edgeq.checker.runtimes import runtimes
from edgeq.verbs.operators import table

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operators.md"


def written(runtime: str) -> str:
    """A row a form; forms that differ in their types alone share theirs, and operators in their names."""
    every = table(runtime)
    told = any(row.how for row in every)
    own: dict[tuple[str, ...], list[str]] = {}
    for row in every:
        how = (row.how,) if told else ()
        cells = (row.operator, str(row.version), row.inputs, row.dimensions, "; ".join(row.asks), *how)
        own.setdefault(cells, []).append(row.types_told)
    rows: dict[tuple[str, ...], list[str]] = {}
    for (name, version, *cells), types in own.items():
        rows.setdefault((version, ", ".join(types), *cells), []).append(name)
    head = ["operator", "version", "types", "inputs", "dimensions", "asks for", *(("how",) if told else ())]
    lines = [head, ["---"] * len(head), *([", ".join(names), *cells] for cells, names in rows.items())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.mark.parametrize("runtime", runtimes())
def test_the_page_has_the_runtimes_table(runtime: str) -> None:
    part = re.compile(rf"<!-- {runtime} -->\n(.*?)<!-- end -->", re.DOTALL)
    wanted = written(runtime)
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        whole = f"<!-- {runtime} -->\n{wanted}<!-- end -->"
        PAGE.write_text(part.sub(lambda _: whole, PAGE.read_text()))
    (found,) = part.findall(PAGE.read_text())
    assert found == wanted, "run this test with EDGEQ_UPDATE_DOCS=1"
