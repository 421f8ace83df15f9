"""The documents say what the program does; EDGEQ_UPDATE_DOCS=1 rewrites the tables of options."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
import pytest

from edgeq.verbs.settings_schema import ConfigFile, EdgeTpuKeys, SourceKeys, ThresholdKeys

from .test_frame import every_command

DOCS = Path(__file__).resolve().parents[3] / "docs"
TABLE = re.compile(r"<!-- options: ([a-z ]+) -->\n(.*?)<!-- end -->", re.S)


def table(command: click.Command) -> str:
    """The arguments and options of a command as a table, in the order of --help."""
    context = click.Context(command)
    lines = ["| option | meaning |", "|---|---|"]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            record = parameter.get_help_record(context)
            assert record is not None
            lines.append("| `{}` | {} |".format(*(part.replace("|", "\\|") for part in record)))
        else:
            need = "" if parameter.required else " (optional)"
            lines.append(f"| `{parameter.make_metavar(context).strip('[]')}` | argument{need} |")
    return "\n".join(lines) + "\n"


def test_every_option_of_every_verb_is_documented() -> None:
    text = (DOCS / "cli.md").read_text()
    wanted = {name: table(command) for name, command in every_command()}
    if os.environ.get("EDGEQ_UPDATE_DOCS"):
        text = TABLE.sub(lambda m: f"<!-- options: {m[1]} -->\n{wanted[m[1]]}<!-- end -->", text)
        (DOCS / "cli.md").write_text(text)
    assert dict(TABLE.findall(text)) == wanted, "run this test with EDGEQ_UPDATE_DOCS=1"
    for name in wanted:
        assert f"## edgeq {name}\n" in text


def test_every_flag_in_the_prose_exists() -> None:
    flags = {
        flag
        for _, command in every_command()
        for p in command.params
        for flag in (*p.opts, *p.secondary_opts)
    }
    for name in ("cli.md", "configuration.md"):
        said = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", (DOCS / name).read_text()))
        assert said <= flags | {"--help", "--version"}, name


def test_every_key_of_the_settings_is_documented() -> None:
    text = (DOCS / "configuration.md").read_text()
    said = set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.M))
    tables = {"thresholds": ThresholdKeys, "edgetpu": EdgeTpuKeys, "sources": SourceKeys}
    keys = set(ConfigFile.model_fields) - set(tables)
    keys |= {f"{table}.{name}" for table, of in tables.items() for name in of.model_fields}
    assert said == keys


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
