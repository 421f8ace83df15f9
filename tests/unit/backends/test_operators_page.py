"""docs/operators.md: the runtimes' tables, as the checker has them. EDGEQ_UPDATE_DOCS=1 rewrites them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeq.backends.aot.ops import operators
from edgeq.checker.operators import UNFUSED, Operand, Support
from edgeq.checker.runtimes import operators_of, runtimes

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operators.md"
HOW = {"aot": {name: [op.how for op in forms] for name, forms in operators().items()}}
"""How a runtime computes its operators, where it says it."""
SPACING = {
    "free": (),
    "moves-bytes": ("one scale for inputs and output, else a warning",),
    "as-input": ("one scale for inputs and output",),
    "equal": ("one scale for inputs and output",),
}


def inputs(support: Support) -> str:
    words = [_operand(operand) for operand in support.operands]
    return ", ".join(words) + (", …" if support.repeats else "")


def _operand(operand: Operand) -> str:
    kind = "constant " if operand.constant else ""
    return f"{kind}{operand.name}" + (" (optional)" if operand.optional else "")


def types(support: Support) -> str:
    taken = ", ".join(sorted(dtype.value for dtype in support.types))
    given = taken if support.outputs is None else ", ".join(sorted(dtype.value for dtype in support.outputs))
    return taken if taken == given else f"{taken} to {given}"


def demands(support: Support) -> Iterator[str]:
    """What a row asks for, in words."""
    if support.batch_of_one:
        yield "batch 1"
    yield from SPACING[support.spacing]
    if support.output_scale is not None:
        fixed = support.output_scale
        yield f"output scale 1/{round(1 / fixed.scale)}, zero point {fixed.zero_point}"
    if support.channel_axis is not None:
        yield f"weights' scales one or along dimension {support.channel_axis}"
    if support.activations != UNFUSED:
        yield "fused " + ", ".join(sorted(support.activations - UNFUSED))
    yield from (f"{name} {value}" for name, value in support.fixed)


def table(runtime: str) -> str:
    """A row a form; operators that differ in their name alone share theirs."""
    how = HOW.get(runtime)
    rows: dict[tuple[str, ...], list[str]] = {}
    every = [(name, i, form) for name, forms in operators_of(runtime).items() for i, form in enumerate(forms)]
    for name, position, support in sorted(every, key=lambda one: one[:2]):
        low, high = support.ranks
        cells = (
            str(support.max_version),
            types(support),
            inputs(support),
            str(low) if low == high else f"{low} to {high}",
            "; ".join(demands(support)),
            *((how[name][position],) if how else ()),
        )
        rows.setdefault(cells, []).append(name)
    head = ["operator", "version", "types", "inputs", "dimensions", "asks for", *(("how",) if how else ())]
    lines = [head, ["---"] * len(head), *([", ".join(names), *cells] for cells, names in rows.items())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


@pytest.mark.parametrize("runtime", runtimes())
def test_the_page_has_the_runtimes_table(runtime: str) -> None:
    part = re.compile(rf"<!-- {runtime} -->\n(.*?)<!-- end -->", re.DOTALL)
    wanted = table(runtime)
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        whole = f"<!-- {runtime} -->\n{wanted}<!-- end -->"
        PAGE.write_text(part.sub(lambda _: whole, PAGE.read_text()))
    (found,) = part.findall(PAGE.read_text())
    assert found == wanted, "run this test with EDGEQ_UPDATE_DOCS=1"
