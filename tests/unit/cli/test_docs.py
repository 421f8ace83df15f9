"""The documents say what the program does; EDGEQ_UPDATE_DOCS=1 rewrites the tables of options and keys."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest

from edgeq.verbs.options import OPTIONS, SETTINGS
from edgeq.verbs.options.option import Option
from edgeq.verbs.settings_schema import file_schema

from .test_frame import every_command

DOCS = Path(__file__).resolve().parents[3] / "docs"
_OUTDATED = "run this test with EDGEQ_UPDATE_DOCS=1"


def hold(page: str, marker: str, wanted: dict[str, str]) -> None:
    """A page's tables after markers (``<!-- options: deploy -->``) are these, by the marker's last words."""
    path = DOCS / page
    tables = re.compile(rf"(<!-- {marker}:? ?(.*?) ?-->\n)(.*?)(?=<!-- end -->)", re.S)
    text = path.read_text()
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        text = tables.sub(lambda found: found[1] + wanted[found[2]], text)
        path.write_text(text)
    assert {name: table for _, name, table in tables.findall(text)} == wanted, _OUTDATED


def rows_of(head: str, cells: list[tuple[str, ...]]) -> str:
    lines = [head, "|---" * head.count(" | ") + "|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in cells]
    return "\n".join(lines) + "\n"


def table(command: click.Command) -> str:
    """The arguments and options of a command as a table, in the order of --help."""
    context = click.Context(command)
    cells: list[tuple[str, ...]] = []
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            record = parameter.get_help_record(context)
            assert record is not None
            cells.append((f"`{record[0]}`", record[1]))
        else:
            need = "" if parameter.required else " (optional)"
            cells.append((f"`{parameter.make_metavar(context).strip('[]')}`", f"argument{need}"))
    return rows_of("| option | meaning |", cells)


def test_every_option_of_every_verb_is_documented() -> None:
    hold("cli.md", "options", {name: table(command) for name, command in every_command()})
    text = (DOCS / "cli.md").read_text()
    for name, _ in every_command():
        assert f"## edgeq {name}\n" in text


def test_every_flag_in_the_prose_exists() -> None:
    flags = {
        flag
        for _, command in every_command()
        for p in command.params
        for flag in (*p.opts, *p.secondary_opts)
    }
    for name in ("cli.md", "configuration.md"):
        said = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", (DOCS / name).read_text()))
        assert said <= flags | {"--help", "--version"}, name


def written(row: Option) -> str:
    """How the value of a key is written in TOML."""
    if row.kind == "choice":
        return ", ".join(f'`"{name}"`' for name in row.names)
    if row.kind in ("integer", "number"):
        kind = "integer" if row.kind == "integer" else "number"
        if row.high is not None:
            return f"{kind}, {'above ' if row.above else ''}{row.low:g} to {row.high:g}"
        if row.low is None:
            return kind
        return f"{kind}, {'above' if row.above else 'at least'} {row.low:g}"
    return {
        "text": "string",
        "spec": "data spec",
        "board": "id or path",
        "path": "path",
        "program": "path",
        "words": "list of strings",
        "share": '0..1, or `"90%"`',
        "mean_std": "`[mean, std]`",
        "switch": "boolean",
    }[row.kind]


def default(row: Option) -> str:
    value = {True: "true", False: "false", None: None}[row.default] if row.kind == "switch" else row.default
    return "" if value is None else f"`{value}`"


def what_it_sets(row: Option) -> str:
    if not row.verbs:
        return row.help
    several = [verb for other in OPTIONS if other.name == row.name and other.many for verb in other.verbs]
    verbs = ", ".join(f"`{verb}`" for verb in (*several, *row.verbs))
    return f"`{row.spelling} {row.metavar}".strip() + f"` of {verbs}"


def test_every_key_of_the_settings_is_documented() -> None:
    cells = [(f"`{row.key}`", written(row), default(row), what_it_sets(row)) for row in SETTINGS.values()]
    hold("configuration.md", "keys", {"": rows_of("| key | type | default | what it sets |", cells)})


def test_the_file_takes_these_keys_and_no_other() -> None:
    fields = file_schema().model_fields
    tables = {row.table for row in SETTINGS.values() if row.table}
    assert set(fields) == {row.key for row in SETTINGS.values() if not row.table} | tables


def test_every_variable_of_the_environment_is_documented() -> None:
    cells = [
        (f"`{row.environment}`", f"`{row.key}`" + (f", `{row.spelling}`" if row.verbs else ""))
        for row in SETTINGS.values()
        if row.environment
    ]
    hold("configuration.md", "environment", {"": rows_of("| variable | stands for |", cells)})
    package = DOCS.parent / "edgeq"
    read = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r'environ(?:\.get\(|\[)"([A-Z_]+)"', path.read_text())
    }
    text = (DOCS / "configuration.md").read_text()
    assert {name for name in read - {"TERM", "PATH"} if f"`{name}`" not in text} == set()


def test_the_example_of_the_settings_is_valid(tmp_path: Path) -> None:
    from edgeq.verbs.settings import load_settings

    text = (DOCS / "configuration.md").read_text()
    example = re.search(r"```toml\n(.*?)```", text, re.S)
    assert example is not None
    (tmp_path / "edgeq.toml").write_text(example[1])
    found = load_settings(tmp_path, {})
    assert (found.board, found.min_accuracy) == ("sim-m4", pytest.approx(0.9))


def test_every_exit_code_is_documented() -> None:
    from edgeq.base import errors
    from edgeq.cli import app, output

    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and hasattr(kind, "exit_code")
    }
    codes |= {0, output.EXIT_BUG, output.EXIT_INTERRUPTED, app.EXIT_BROKEN_PIPE}
    text = (DOCS / "cli.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)} >= codes
