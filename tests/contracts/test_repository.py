"""What the repository promises about itself: its documents are true, its files portable and short."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import click
import pytest

import edgeq
from edgeq.boards import load_board
from edgeq.cli.app import app

LONGEST = 400
"""Lines of a source file before somebody should ask whether it holds one concept."""

CODE = {".py", ".c", ".h", ".j2"}
TEXT = CODE | {".md", ".toml", ".txt", ".ld", ".cfg", ".yml", ".yaml", ".json", ""}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere(repository: Path) -> None:
    assert f'version = "{edgeq.__version__}"' in text_of(repository / "pyproject.toml")
    assert f"## [{edgeq.__version__}]" in text_of(repository / "CHANGELOG.md")


def test_the_license_is_whole(repository: Path) -> None:
    text = text_of(repository / "LICENSE")
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_no_file_holds_a_path_of_somebodys_machine(tracked: tuple[Path, ...], repository: Path) -> None:
    places = re.compile(r"/(home|Users|root|work)/[a-z]")
    found = []
    for path in tracked:
        if path.suffix in TEXT and path != Path(__file__):
            found += [
                f"{path.relative_to(repository)}: {line.strip()}"
                for line in text_of(path).splitlines()
                if places.search(line)
            ]
    assert not found


def test_source_files_are_short(tracked: tuple[Path, ...], repository: Path) -> None:
    for path in tracked:
        if path.suffix in CODE:
            lines = len(text_of(path).splitlines())
            if lines > LONGEST:
                warnings.warn(f"{path.relative_to(repository)} has {lines} lines", stacklevel=1)
            assert lines <= 2 * LONGEST, path


def test_the_repository_stays_small(tracked: tuple[Path, ...], repository: Path) -> None:
    large = {str(p.relative_to(repository)): p.stat().st_size for p in tracked if p.stat().st_size > 500_000}
    assert not large


def test_links_in_documents_resolve(tracked: tuple[Path, ...], repository: Path) -> None:
    broken = []
    for path in tracked:
        if path.suffix != ".md":
            continue
        prose = re.sub(r"```.*?```", "", text_of(path), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            file, _, fragment = target.partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            place = path.parent / file if file else path
            if not place.exists():
                broken.append(f"{path.relative_to(repository)} -> {target}")
            elif fragment and fragment not in headings(place):
                broken.append(f"{path.relative_to(repository)} -> {target} (no such heading)")
    assert not broken


def headings(path: Path) -> set[str]:
    """The anchors that a Markdown file's headings give."""
    titles = re.findall(r"^#+ +(.*)$", text_of(path), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_make_targets_in_documents_exist(tracked: tuple[Path, ...], repository: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(repository / "Makefile"), flags=re.MULTILINE))
    named = {
        name
        for path in tracked
        if path.suffix == ".md"
        for name in re.findall(r"(?:^ {4}|`|^)make ([a-z][a-z-]*)", text_of(path), flags=re.MULTILINE)
    }
    assert {"demo", "test"} <= targets
    assert named <= targets


def test_the_readme_opens_with_demo_and_test(repository: Path) -> None:
    opening = text_of(repository / "README.md")[:900]
    assert "make demo" in opening
    assert "make test" in opening


def documented_commands(repository: Path) -> list[tuple[str, str]]:
    """Every ``edgeq …`` command line in the documents: (document, command)."""
    found = []
    documents = [
        repository / "README.md",
        *(repository / "docs").glob("*.md"),
        *repository.glob("examples/*/*.md"),
    ]
    for path in documents:
        for block in re.findall(
            r"```[a-z]*\n(.*?)```|((?:^ {4}.*\n)+)", text_of(path), re.DOTALL | re.MULTILINE
        ):
            joined = re.sub(r"\\\n\s*", "", "".join(block))
            for line in joined.splitlines():
                command = re.match(r"\s*(?:\$ )?(edgeq [^#|>]*)", line)
                if command:
                    found.append((path.name, command.group(1).strip()))
    return found


def test_documented_commands_exist(repository: Path) -> None:
    """Every verb and every option of a documented command is one that the parser knows."""
    commands = documented_commands(repository)
    assert commands
    for document, line in commands:
        command: click.Command = app
        words = line.split()[1:]
        context = click.Context(app)
        while words and isinstance(command, click.Group) and not words[0].startswith("-"):
            found = command.get_command(context, words[0])
            assert found is not None, f"{document}: {line}"
            command, words = found, words[1:]
        known = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        known |= {"--help", "-h"}
        for word in words:
            if word.startswith("-") and len(word) > 1:
                assert word.split("=")[0] in known, f"{document}: {line} ({word})"


def test_no_python_names_a_board_that_is_only_data(repository: Path) -> None:
    """A board is its file alone: its id stands in no module.

    ``host`` is a kind, too, and ``coral`` a key of the report.
    """
    ids = [path.parent.name for path in repository.glob("boards/*/board.toml")]
    assert "sim-m4" in ids
    for path in (repository / "edgeq").rglob("*.py"):
        source = text_of(path)
        said = [i for i in ids if re.search(rf"[\"']{i}[\"']", source)]
        assert set(said) <= {"host", "coral"}, path


def test_a_new_board_needs_no_python(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "my-m4"
    folder.mkdir()
    given = text_of(repository / "boards" / "sim-m4" / "board.toml")
    (folder / "board.toml").write_text(given.replace('"sim-m4"', '"my-m4"'), encoding="utf-8")
    board = load_board(str(folder / "board.toml"))
    assert board.id == "my-m4"
    assert board.cpu == load_board("sim-m4").cpu


@pytest.mark.parametrize("name", ["README.md", "docs/design.md", "docs/contributing.md", "docs/report.md"])
def test_the_documents_are_there(repository: Path, name: str) -> None:
    assert len(text_of(repository / name)) > 500
