"""The map is true: what design.md and contributing.md name is there, and what is there is on the map."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_imports import ARROW

MOST = 17
"""How many packages and modules can be remembered."""

NAMED = re.compile(r"`([^`\s]+)`")
PLACE = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|c|h|j2)")
"""What looks like a path in this repository; a placeholder (``<name>``) does not."""

WRITERS = {
    "boards.md": "tests/unit/boards/test_catalogue_docs.py",
    "catalogue.md": "tests/unit/boards/test_catalogue_docs.py",
    "cli.md": "tests/unit/cli/test_docs.py",
    "configuration.md": "tests/unit/cli/test_docs.py",
    "operators.md": "tests/unit/backends/test_operators_page.py",
    "report.md": "tests/unit/judge/test_report_docs.py",
    "trust.md": "tests/trust/test_page.py",
}
"""The test that holds, and writes, what stands between ``<!-- … -->`` and ``<!-- end -->``."""


def text_of(repository: Path, name: str) -> str:
    return (repository / "docs" / name).read_text(encoding="utf-8")


def places(text: str) -> list[tuple[str, str]]:
    """The paths that a document names in backticks, blocks left out: the first of a line, and the path."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines = [[name for name in NAMED.findall(line) if PLACE.fullmatch(name)] for line in prose.splitlines()]
    return [(names[0], name) for names in lines for name in names]


def is_there(repository: Path, first: str, name: str, files: frozenset[str]) -> bool:
    """A path of the repository, of edgeq/ or of the place that its line is about; or some file's name."""
    if "/" in name:
        return any((home / name).exists() for home in (repository, repository / "edgeq", repository / first))
    return name in files or f"{name}.j2" in files


@pytest.mark.parametrize("page", ["design.md", "contributing.md"])
def test_every_path_exists(page: str, repository: Path, tracked: tuple[Path, ...]) -> None:
    files = frozenset(path.name for path in tracked)
    named = places(text_of(repository, page))
    assert len(named) > 10
    missing = [name for first, name in named if not is_there(repository, first, name, files)]
    beside = {name for name in missing if name.startswith("../")}  # the shared folder need not be there
    assert set(missing) - beside <= {"utils.py"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see `edgeq/no/`", ["edgeq/no/"]),
        ("`no_file.py` and `--force`", ["no_file.py"]),
        ("`boards/<id>/board.toml`, `edgeq.toml`", []),
    ],
)
def test_a_path_is_seen(text: str, found: list[str]) -> None:
    assert [name for _, name in places(text)] == found


def rows(text: str, heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return re.findall(r"^\| `?([^`|]+?)`? \|", section, re.MULTILINE)[1:]


def test_the_map_has_every_package_in_the_order_of_imports(repository: Path) -> None:
    found = rows(text_of(repository, "design.md"), "Who lives where")
    packages = [name.removeprefix("edgeq/").rstrip("/") for name in found if name.startswith("edgeq/")]
    there = {path.parent.name for path in (repository / "edgeq").glob("*/__init__.py")}
    assert set(packages) == there
    rank = {name: level for level, names in enumerate(ARROW) for name in names}
    assert [rank[name] for name in packages] == sorted(rank[name] for name in packages)
    assert len(found) <= MOST


def test_the_house_can_be_remembered(repository: Path) -> None:
    house = repository / "edgeq"
    entries = {path.parent.name for path in house.glob("*/__init__.py")} | {
        path.name for path in house.glob("*.py")
    }
    assert {"graph", "__main__.py"} <= entries
    assert len(entries) <= MOST


def test_every_rule_of_the_map_names_its_test(repository: Path) -> None:
    text = text_of(repository, "design.md")
    (section,) = re.findall(r"^## Rules.*?\n(.*?)(?=^## )", text, re.DOTALL | re.MULTILINE)
    lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert len(lines) > 10
    assert [line for line in lines if "`tests/" not in line.rsplit("|", 2)[1]] == []
    held = {path.name for path in (repository / "tests" / "contracts").glob("test_*.py")}
    told = set(re.findall(r"`tests/contracts/(\w+\.py)`", text + text_of(repository, "contributing.md")))
    assert held - told == set(), "a contract that no document tells"


def test_every_generated_table_has_a_test_that_writes_it(repository: Path) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (repository / "docs").glob("*.md")}
    marks = {
        name: re.findall(r"^<!-- (.+) -->$", text, re.MULTILINE)
        for name, text in pages.items()
        if "<!-- " in text
    }
    assert set(marks) == set(WRITERS)
    for page, found in marks.items():
        assert found[1::2] == ["end"] * (len(found) // 2) and "end" not in found[::2], page
        test = (repository / WRITERS[page]).read_text(encoding="utf-8")
        assert f'"{page}"' in test and "EDGEQ_UPDATE_DOCS" in test, page


def test_the_changelog_says_each_thing_once(repository: Path) -> None:
    """Two hands that add lines are merged line by line, which can tear an entry or keep one twice."""
    text = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- (.*?)(?=^- |^#|\Z)", text, re.DOTALL | re.MULTILINE)
    begins = [" ".join(entry.split())[:40] for entry in entries]
    assert len(begins) > 50
    assert [one for one in begins if begins.count(one) > 1] == []
    assert [entry for entry in entries if not entry.rstrip().endswith(".")] == []
