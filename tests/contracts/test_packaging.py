"""What pip installs: everything edgeq needs at run time, nothing else, and it works from there."""

from __future__ import annotations

import configparser
import json
import os
import re
import runpy
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import edgeq
from edgeq.base.hints import DOCUMENTS

VERSION = edgeq.__version__


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command away from the repository; its output."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "EDGEQ"))}
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source distribution, and the wheel made from what it unpacks to."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=repository)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    unpacked = folder / f"edgeq-{VERSION}"
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=unpacked)
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> Path:
    return built[1]


def test_the_wheel_holds_boards_and_templates_whole(repository: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith("edgeq/_data/")}
    for folder in ("boards", "firmware_templates"):
        there = {
            f"edgeq/_data/{path.relative_to(repository).as_posix()}"
            for path in (repository / folder).rglob("*")
            if path.is_file()
        }
        assert there
        assert {name for name in held if name.startswith(f"edgeq/_data/{folder}/")} == there


def test_the_wheel_holds_every_module_its_types_and_its_license(repository: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    package = {
        path.relative_to(repository).as_posix()
        for path in (repository / "edgeq").rglob("*")
        if path.is_file() and not {"__pycache__", "_data"} & set(path.parts)
    }
    assert "edgeq/py.typed" in package
    assert package <= held
    assert f"edgeq-{VERSION}.dist-info/licenses/LICENSE" in held


def test_the_wheel_brings_the_command_and_the_pytest_plugin(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        told = archive.read(f"edgeq-{VERSION}.dist-info/entry_points.txt").decode()
        held = archive.namelist()
    entries = configparser.ConfigParser()
    entries.read_string(told)
    assert {name: dict(entries[name]) for name in entries.sections()} == {
        "console_scripts": {"edgeq": "edgeq.cli:main"},
        "pytest11": {"edgeq": "edgeq.verbs.testing.plugin"},
    }
    assert "edgeq/verbs/testing/plugin.py" in held


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"edgeq", f"edgeq-{VERSION}.dist-info"}
    assert not [name for name in names if "/tests/" in name or name.endswith((".pyc", ".tflite", ".npz"))]
    assert wheel.stat().st_size < 2_000_000


def test_the_sdist_holds_tests_and_example(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[0]) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    assert {"Makefile", "tests/conftest.py", "examples/digits/digits_float.tflite", "boards"} <= names | {
        name.split("/")[0] for name in names
    }
    assert not [name for name in names if name.startswith((".venv", ".git/", "build/"))]


def test_the_installed_wheel_finds_its_boards(wheel: Path, tmp_path: Path) -> None:
    """From a folder of its own, where no repository is near."""
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    run(*pip, "--target", site, wheel, cwd=tmp_path)
    where = run(
        sys.executable, "-c", "import edgeq; print(edgeq.__file__)", cwd=tmp_path, PYTHONPATH=str(site)
    )
    assert Path(where.strip()).is_relative_to(site)
    told = run(sys.executable, "-m", "edgeq", "boards", "list", "--json", cwd=tmp_path, PYTHONPATH=str(site))
    ids = {board["id"] for board in json.loads(told)["boards"]}
    assert ids >= {"sim-m0", "sim-m3", "sim-m4", "sim-m7", "sim-m33", "host"}


def test_what_pypi_shows_has_only_links_that_lead_somewhere(repository: Path) -> None:
    """PyPI knows no file of the repository, so the README names pages of the site, and these are there."""
    text = (repository / "README.md").read_text(encoding="utf-8")
    assert not re.findall(r"\]\((?!https://)[^)]*\)", text), "a relative link, which PyPI cannot follow"
    defined = dict(re.findall(r"^\[([^\]]+)\]: (https://\S+)$", text, re.MULTILINE))
    prose = re.sub(r"```.*?```|`[^`\n]*`|^\[[^\]]+\]: .*$", "", text, flags=re.DOTALL | re.MULTILINE)
    used = re.findall(r"\[[^\]]+\]\[([^\]]+)\]|(?<!\])\[([^\]]+)\](?![\[(])", prose)
    assert {name or short for name, short in used} == set(defined)
    sources = set(runpy.run_path(str(repository / ".ci" / "site.py"))["pages"]().values())
    here = [address for address in defined.values() if address.startswith(f"{DOCUMENTS}/")]
    assert len(here) > 20
    lost = [a for a in here if a.removeprefix(f"{DOCUMENTS}/").replace(".html", ".md") not in sources]
    assert not lost


def test_what_pypi_is_told(wheel: Path, repository: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        told = archive.read(f"edgeq-{VERSION}.dist-info/METADATA").decode()
    fields = [line.partition(": ") for line in told.split("\n\n", 1)[0].splitlines()]
    urls = [value.partition(", ") for name, _, value in fields if name == "Project-URL"]
    assert {name for name, _, address in urls if address.startswith(DOCUMENTS)} == {
        "Documentation",
        "Changelog",
    }
    extras = {value for name, _, value in fields if name == "Provides-Extra"}
    page = (repository / "docs" / "install.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", page, re.MULTILINE)
    assert set(re.findall(r"\w+", " ".join(rows))) == extras - {"dev"}, "extras without a row in install.md"


@pytest.mark.slow
def test_a_fresh_environment_gets_from_the_wheel_to_a_judged_model(
    wheel: Path, repository: Path, tmp_path: Path
) -> None:
    """As a user who has only pip: install, deploy the example, read the report."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    pip = (place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, f"{wheel}[sim]", cwd=tmp_path)
    digits = repository / "examples" / "digits"
    told = run(
        place / "bin" / "edgeq", "deploy", digits / "digits_float.tflite",
        "--calibration", digits / "calibration.npz", "--data", digits / "test.npz", "--limit", "50",
        "--board", "sim-m4", "--require-exact", "--json",
        cwd=tmp_path, HOME=str(tmp_path),
    )  # fmt: skip
    report = json.loads(told)
    assert report["verdict"] == "pass"
    assert report["exactness"]["exact"] == report["exactness"]["outputs"] == 500
