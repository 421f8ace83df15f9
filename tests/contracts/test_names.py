"""What stands in one file: a core, a simulator and a flash tool are known by name there and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from edgeq.boards import Board, list_boards, simulator_names
from edgeq.boards.cores import CORES, NATIVE
from edgeq.boards.flashing import RUNNERS
from edgeq.boards.simulators import SIMULATORS

CORE = re.compile(r"(?:cortex|CORTEX)[-_][mM]\d|fpv\d-")
"""A core's or an FPU's name in GCC, zig, Unicorn, QEMU, Renode or TFLM. Prose writes Cortex-M4, and may."""

CORES_HOME = "boards/cores.py"
PORT_FILE = "port.toml"
"""What a port's data is: the cores that it is written for."""


def lines_with_a_core(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if CORE.search(line)]


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module that are no documentation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_core_has_a_name_outside_of_its_row(modules: Mapping[str, ast.Module], repository: Path) -> None:
    found = {
        path: lines
        for path in modules
        if path != CORES_HOME
        and (lines := lines_with_a_core((repository / "edgeq" / path).read_text(encoding="utf-8")))
    }
    assert not found


def test_no_template_knows_a_core_by_name(repository: Path) -> None:
    files = [
        path
        for path in (repository / "firmware_templates").rglob("*")
        if path.is_file() and path.name != PORT_FILE
    ]
    assert len(files) > 50
    found = {path.name: lines for path in files if (lines := lines_with_a_core(path.read_text("utf-8")))}
    assert not found


def test_every_name_of_a_core_would_be_seen() -> None:
    for core in CORES.values():
        if core.name == NATIVE:
            continue
        names = [core.name, core.qemu, core.renode, *(variant.zig for variant in core.variants)]
        names += [variant.tflm[0] for variant in core.variants] + [fpu.name for fpu in core.fpus]
        names += [core.unicorn.model] if core.unicorn else []
        assert all(lines_with_a_core(name) for name in names), core.name


@pytest.mark.parametrize(
    ("names", "homes"),
    [
        (frozenset(SIMULATORS), ("boards/simulators/", "targets/simulators/")),
        (frozenset(RUNNERS), ("boards/flashing/",)),
    ],
    ids=["simulators", "flash runners"],
)
def test_no_name_outside_of_its_file(
    names: frozenset[str], homes: tuple[str, ...], modules: Mapping[str, ast.Module]
) -> None:
    known = [path for path, tree in modules.items() if names & set(texts(tree))]
    assert any(path.startswith(homes) for path in known), "the test looks for the wrong names"
    assert [path for path in known if not path.startswith(homes)] == []


COINED = {"Trip", "Trial", "Rung", "Made", "Told"}
"""Words that once were types here, and are nobody's term."""


def test_types_and_modules_have_the_fields_names(modules: Mapping[str, ast.Module]) -> None:
    kinds = {
        node.name for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
    }
    given = {
        target.id
        for tree in modules.values()
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "Graph" in kinds
    assert (kinds | given) & COINED == set()
    stems = {path.rsplit("/", maxsplit=1)[-1].removesuffix(".py") for path in modules}
    assert stems & {"utils", "helpers", "misc", *(name.lower() for name in COINED)} == set()


def test_one_word_is_one_thing(modules: Mapping[str, ast.Module]) -> None:
    """A runner is a flash tool's, as in Zephyr, and what runs beside is a worker; a port is firmware's."""
    assert [path for path in modules if path.endswith("/runner.py")] == ["boards/flashing/runner.py"]
    assert [path for path in modules if path.endswith("/port.py")] == ["boards/port.py"]
    assert [path for path in modules if path.endswith("/place.py")] == ["targets/place.py"]


def test_the_command_line_offers_every_simulator() -> None:
    """By the files, without loading them."""
    assert sorted(simulator_names()) == sorted(SIMULATORS)


def test_a_core_has_what_each_of_its_variants_needs() -> None:
    for core in CORES.values():
        assert (core.name == NATIVE) == (not core.architectures) == (not core.variants)
        assert len({variant.zig for variant in core.variants}) == len(core.variants)
        assert core.name == NATIVE or core.variant(None).fpu is None
        assert not core.helium or core.dsp


@pytest.mark.parametrize("board", list_boards(), ids=lambda board: board.id)
def test_every_board_finds_its_row(board: Board) -> None:
    assert board.core.name == board.cpu.core
    if not board.is_host:
        assert (board.variant.fpu.name if board.variant.fpu else None) == board.cpu.fpu
    if board.simulator == "unicorn":
        assert board.core.unicorn is not None
