"""The documents as a site: every page in its navigation, every link sound."""

from __future__ import annotations

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import edgeq

NEEDED = ("mkdocs", "material", "mkdocstrings")


@pytest.fixture(scope="module")
def hook(repository: Path) -> dict[str, Any]:
    return runpy.run_path(str(repository / ".ci" / "site.py"))


def test_every_page_is_in_the_navigation(repository: Path, hook: dict[str, Any]) -> None:
    """A page of docs/ has its line under ``nav`` in .ci/mkdocs.yml; examples are found."""
    _, _, nav = (repository / ".ci" / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")
    named = re.findall(r"^ +- (\S+\.md)$", nav, re.MULTILINE)
    sources = {name for name in hook["pages"]().values() if not name.startswith("examples/")}
    assert sorted(named) == sorted(sources | {"api.md"})


@pytest.mark.parametrize(
    ("file", "text", "turned"),
    [
        ("README.md", "[a]: https://x/s/report.html#keys", "[a]: report.md#keys"),
        ("README.md", "[a](https://y/report.html)", "[a](https://y/report.html)"),
        ("docs/data.md", "[a](../README.md), [b](boards.md#keys)", "[a](index.md), [b](boards.md#keys)"),
        ("docs/data.md", "[a](../pyproject.toml)", "a"),
        ("docs/data.md", "[a](nowhere.md)", "[a](nowhere.md)"),
        ("docs/data.md", "[a](../examples/digits/README.md)", "[a](examples/digits.md)"),
        ("examples/digits/README.md", "[a](../../docs/data.md)", "[a](../data.md)"),
        ("docs/data.md", "```\n[a](../README.md)\n```", "```\n[a](../README.md)\n```"),
    ],
)
def test_links_are_turned(file: str, text: str, turned: str, hook: dict[str, Any]) -> None:
    assert hook["relinked"](text, file, "https://x/s/") == turned


def build(repository: Path, out: Path) -> subprocess.CompletedProcess[str]:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)}: pip install 'edgeq[docs]'")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-f",
        repository / ".ci/mkdocs.yml",
        "-d",
        out,
    ]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip


@pytest.mark.slow
def test_the_site_is_built_and_a_broken_link_is_seen(repository: Path, tmp_path: Path) -> None:
    done = build(repository, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    held = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*.html")}
    assert held >= {"index.html", "api.html", "coral.html", "changelog.html", "examples/digits.html"}
    api = (tmp_path / "site" / "api.html").read_text(encoding="utf-8")
    names = [name for name in edgeq.__all__ if not name.startswith("_")]
    assert [name for name in names if f'id="edgeq.{name}"' not in api] == []

    copy = tmp_path / "copy"
    for name in ("docs", "edgeq", "examples", ".ci"):
        shutil.copytree(repository / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    for name in ("README.md", "CHANGELOG.md", "tests/golden/bad-inputs.md"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(repository / name, copy / name)
    with (copy / "docs" / "data.md").open("a", encoding="utf-8") as page:
        page.write("\n[gone](nowhere.md) and [moved](report.md#no-such-heading)\n")
    done = build(copy, tmp_path / "broken")
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr and "#no-such-heading" in done.stderr
