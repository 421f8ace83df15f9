"""The firmware's files: each stands on others, and none on itself by way of them."""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def stands_on(files: dict[str, str]) -> dict[str, set[str]]:
    """Unit to units: ``edgeq_text`` is edgeq_text.c and edgeq_text.h."""
    units: dict[str, set[str]] = {}
    for name, source in files.items():
        unit = name.split(".")[0]
        others = {include.split(".")[0] for include in INCLUDE.findall(source)}
        units.setdefault(unit, set()).update(others - {unit})
    return units


def circle(files: dict[str, str]) -> list[str]:
    """The units of a circle of includes; empty where there is none."""
    try:
        tuple(TopologicalSorter(stands_on(files)).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


@pytest.mark.parametrize("folder", ["common", "parts", "aot/kernels", "features", "tflm"])
def test_no_file_of_the_firmware_stands_on_itself(repository: Path, folder: str) -> None:
    place = repository / "firmware_templates" / folder
    files = {p.name: p.read_text() for p in place.iterdir() if p.name.split(".")[1] in ("c", "h", "cc")}
    assert files
    assert circle(files) == []


def test_a_circle_is_seen() -> None:
    assert circle({"a.c": '#include "b.h"', "b.c": '#include "a.h"', "b.h": ""})
