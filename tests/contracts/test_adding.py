"""What it takes to add something: the files of contributing.md, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

SIMULATOR = '''
"""A simulator that is a table of the board file, and runs what Unicorn runs."""

from edgeq.boards.debugger import Debugger
from edgeq.boards.simulator import Simulator


class Toy(Simulator):
    """How the toy runs the board's firmware."""

    order = 99
    title = "the Toy"
    program = "toy-sim"
    purpose = "plays"
    install = "carve one"

    machine: str

    def debugger(self, core):
        return Debugger("Toy", {"servertype": "toy", "machine": self.machine, "cpu": core.qemu})

    def constants(self):
        return {"TOYS": 3}
'''

TARGET = '''
"""Unicorn under another name."""

from edgeq.base.installed import Installed
from edgeq.targets.simulators.unicorn_target import UnicornTarget


class ToyTarget(UnicornTarget):
    """The toy."""

    @classmethod
    def installed(cls):
        return Installed("ok", "toy-sim 1 in the box")
'''

RUNNER = '''
"""A flash tool."""

from typing import Literal

from edgeq.boards.debugger import Debugger
from edgeq.boards.flashing.complaints import NO_PROBE
from edgeq.boards.flashing.runner import HEX, Program


class ToyLink(Program):
    """toylink: `chip` is the name after --chip."""

    order = 99
    program = "toylink"
    form = HEX
    install = "carve one"
    words = ((r"nobody home", NO_PROBE),)

    runner: Literal["toylink"]
    chip: str

    def write(self, aim):
        return ["--chip", self.chip, "--at", hex(aim.start), HEX]

    def by_hand(self, origin):
        return f"toylink --chip {self.chip} build/{HEX}"

    def debugger(self):
        return Debugger("ToyLink", {"servertype": "toylink"})
'''

CORE = """    Core(
        "cortex-m23",
        (_V8M_BASELINE,),
        (Variant(None, "cortex_m23", ("TARGET_ARCH=cortex-m23",)),),
        qemu="cortex-m23",
        renode="cortex-m23",
    ),
"""

Run = Callable[..., str]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of edgeq as it is installed, for files to be added to."""
    place = tmp_path_factory.mktemp("house")
    shutil.copytree(
        repository / "edgeq", place / "edgeq", ignore=shutil.ignore_patterns("__pycache__", "_data")
    )
    (place / "edgeq" / "_data").mkdir()
    for name in ("boards", "firmware_templates"):
        shutil.copytree(repository / name, place / "edgeq" / "_data" / name)
    return place


@pytest.fixture
def python(house: Path, tmp_path: Path) -> Run:
    """The copy's Python, away from the repository: what it says on stdout, or on stderr where it fails."""

    def call(*words: str | Path, code: int = 0, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, words)],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(house), "PYTHONSAFEPATH": "1"} | environment,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stderr if code else done.stdout

    return call


@pytest.fixture
def run(python: Run) -> Run:
    """The copy's command line."""
    return partial(python, "-m", "edgeq")


def board_file(repository: Path, folder: Path, **changes: tuple[str, str]) -> Path:
    """The file of sim-m4 with some lines changed, and tables added at its end (``more``)."""
    text = (repository / "boards" / "sim-m4" / "board.toml").read_text(encoding="utf-8")
    more = changes.pop("more", ("", ""))[1]
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    path = folder / "toy" / "board.toml"
    path.parent.mkdir()
    path.write_text(text + more, encoding="utf-8")
    return path.parent


def made_firmware(repository: Path, run: Run, board: Path) -> None:
    """The folder ``project`` with the example's model in it, and built."""
    digits = repository / "examples" / "digits"
    model, calibration = digits / "digits_float.tflite", digits / "calibration.npz"
    run("convert", model, "--calibration", calibration, "-o", "int8.tflite", "-q")
    run("generate", "int8.tflite", "--board", board, "-o", "project", "-q")
    run("build", "project", "-q")


def test_a_core_is_a_row_and_its_ports_word(repository: Path, house: Path, run: Run, tmp_path: Path) -> None:
    board = board_file(
        repository, tmp_path,
        core=('"cortex-m4"', '"cortex-m23"'), fpu=('fpu = "fpv4-sp-d16"\nfloat_abi = "hard"\n', ""),
    )  # fmt: skip
    assert "cpu.core: Input should be" in run("boards", "show", board, code=2)
    cores = house / "edgeq" / "boards" / "cores.py"
    last = "    Core(NATIVE),\n"
    assert last in cores.read_text()
    cores.write_text(cores.read_text().replace(last, CORE + last))
    assert "is for cortex-m0," in run("boards", "show", board, code=2)
    port = house / "edgeq" / "_data" / "firmware_templates" / "ports" / "sim" / "port.toml"
    port.write_text(port.read_text().replace('"cortex-m33"]', '"cortex-m33", "cortex-m23"]'))
    shown = json.loads(run("boards", "show", board, "--json"))["board"]
    assert (shown["cpu"]["core"], shown["has_dsp"]) == ("cortex-m23", False)
    made_firmware(repository, run, board)
    files = tmp_path / "project"
    assert "-mcpu=cortex-m23 " in (files / "cmake" / "arm-none-eabi.cmake").read_text()
    assert (files / "build" / "firmware.elf").is_file()


def test_a_simulator_is_two_python_files(repository: Path, house: Path, run: Run, tmp_path: Path) -> None:
    pytest.importorskip("unicorn")
    (house / "edgeq" / "boards" / "simulators" / "toy.py").write_text(SIMULATOR)
    (house / "edgeq" / "targets" / "simulators" / "toy_target.py").write_text(TARGET)
    board = board_file(
        repository, tmp_path, simulator=('"unicorn"', '"toy"'), more=("", '\n[toy]\nmachine = "wood"\n')
    )
    shown = json.loads(run("boards", "show", board, "--json"))["board"]
    assert (shown["simulator"], shown["simulators"], shown["toy"]) == ("toy", ["toy"], {"machine": "wood"})
    needs = {need["name"]: need for need in json.loads(run("doctor", "--board", board, "--json"))["needs"]}
    assert needs["toy-sim"]["found"] == "toy-sim 1 in the box" and needs["toy-sim"]["required"]
    digits = repository / "examples" / "digits"
    told = run(
        "deploy", digits / "digits_float.tflite", "--calibration", digits / "calibration.npz",
        "--data", digits / "test.npz", "--limit", "5", "--board", board, "--out", tmp_path / "made",
        "--require-exact", "--json", "-q",
    )  # fmt: skip
    assert json.loads(told)["verdict"] == "pass"
    (editor,) = (tmp_path / "made").rglob(".vscode")
    launch = json.loads((editor / "launch.json").read_text())["configurations"]
    assert [one["machine"] for one in launch] == ["wood"]
    assert "EDGEQ_TOYS 3u" in (editor.parent / "src" / "common" / "edgeq_board.h").read_text()
    table = (board / "board.toml").read_text().replace('machine = "wood"', 'machin = "wood"')
    (board / "board.toml").write_text(table)
    assert "did you mean 'machine'" in run("boards", "show", board, code=2)


def test_a_flash_tool_is_one_python_file(repository: Path, house: Path, run: Run, tmp_path: Path) -> None:
    (house / "edgeq" / "boards" / "flashing" / "toylink.py").write_text(RUNNER)
    board = board_file(
        repository, tmp_path,
        simulator=('simulator = "unicorn"\n', ""), kind=('kind = "simulated"', 'kind = "hardware"'),
        more=("", '\n[[flashing]]\nrunner = "toylink"\nchip = "T1"\n'),
    )  # fmt: skip
    tools = tmp_path / "bin"
    tools.mkdir()
    made_firmware(repository, run, board)
    project = tmp_path / "project"
    assert "toylink --chip T1" in (project / "README.md").read_text()
    launch = json.loads((project / ".vscode" / "launch.json").read_text())["configurations"]
    assert [one["servertype"] for one in launch] == ["toylink"]
    said = run("flash", "project", "--no-verify", code=3, PATH=str(tools))
    assert "toylink is not installed" in said and "toylink: carve one" in said
    script = tools / "toylink"
    script.write_text(f"#!{sys.executable}\nimport sys\nprint('nobody home', *sys.argv[1:])\nsys.exit(1)\n")
    script.chmod(0o755)
    said = run("flash", "project", "--no-verify", code=5, PATH=str(tools))
    assert "toylink could not flash" in said and "it finds no probe" in said
    script.write_text(f"#!{sys.executable}\nimport sys\nprint(*sys.argv[1:])\n")
    flashed = json.loads(run("flash", "project", "--no-verify", "--json", PATH=str(tools)))
    assert flashed["runner"] == "toylink"
    assert "--chip T1 --at 0x" in (project / "flash.log").read_text()


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Replace what stands in a file exactly once."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, f"{path}: {old}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


VERB = '''
"""``edgeq toy``: plays."""

from __future__ import annotations

from edgeq.cli.options import verb
from edgeq.cli.output import Output


@verb("toy")
def toy(output: Output, /, times: int) -> int:
    """Play."""
    from edgeq.verbs.toy import play

    output.result({"played": play(times)}, lambda console: console.print(play(times)))
    return 0
'''

TIMES = """    Option(
        "times", "integer", "How often.", ("toy",), low=1, metavar="N", default=1, needs=("board",),
    ),
    Option("board", "board", "With which.", ("toy",), metavar="ID"),
"""


def test_a_verb_is_its_two_files_and_its_name(house: Path, run: Run) -> None:
    package = house / "edgeq"
    (package / "verbs" / "toy.py").write_text("def play(times: int) -> str:\n    return 'toy ' * times\n")
    (package / "cli" / "toy.py").write_text(VERB.replace("times: int)", "times: int, board: str | None)"))
    edit(package / "cli" / "app.py", ('    "doctor",\n)', '    "doctor",\n    "toy",\n)'))
    edit(
        package / "verbs" / "options" / "program.py",
        ('"doctor",\n', '"doctor", "toy",\n'),
        ("    # What every verb takes.\n", TIMES + "    # What every verb takes.\n"),
    )
    assert "--times" in run("toy", "--help") and "plays" not in run("--help")
    assert "  toy" in run("--help")
    assert json.loads(run("toy", "--times", "2", "--board", "host", "--json"))["played"] == "toy toy "
    assert "--times goes with --board" in run("toy", "--times", "2", code=2)


SOURCE = '''
def toy(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """A .toy file: a float .tflite under another name."""
    notes.append("It was only painted.")
    (folder / "model.tflite").write_bytes(Path(source).read_bytes())
    return "toybox 1"


def onnx('''


def test_a_source_is_a_kind_a_framework_and_a_function(
    repository: Path, house: Path, run: Run, tmp_path: Path
) -> None:
    sources = house / "edgeq" / "converter" / "sources"
    edit(
        sources / "kinds.py",
        ('"torch_export"]', '"torch_export", "toy"]'),
        ('    ".onnx": "onnx",\n', '    ".onnx": "onnx",\n    ".toy": "toy",\n'),
    )
    edit(sources / "environments.py", ('    "onnx": "onnx",\n', '    "onnx": "onnx",\n    "toy": "onnx",\n'))
    edit(sources / "worker.py", ("\ndef onnx(", SOURCE), ("(keras, sav", "(toy, keras, sav"))
    digits = repository / "examples" / "digits"
    shutil.copy(digits / "digits_float.tflite", tmp_path / "m.toy")
    made = json.loads(run("convert", "m.toy", "--calibration", digits / "calibration.npz", "--json", "-q"))
    assert "toybox 1" in json.dumps(made) and "only painted" in json.dumps(made)


RULE = """
def _max_flash(limits: Thresholds, judgement: Judgement) -> Finding | None:
    most, samples = limits.max_flash, judgement.exactness.samples
    return None if most is None or samples <= most else _error("max-flash", f"{samples} > {most}", "less")


_DROP = """


def test_a_limit_is_a_rule_and_a_row(
    repository: Path, house: Path, run: Run, python: Run, tmp_path: Path
) -> None:
    pytest.importorskip("unicorn")
    edit(
        house / "edgeq" / "judge" / "report" / "limits.py",
        ("\n_DROP = ", RULE),
        (
            "    require_exact: bool = _limit(",
            '    max_flash: int | None = _limit(_max_flash, "it is")\n    require_exact: bool = _limit(',
        ),
        ("    require_exact: bool\n", "    max_flash: int | None\n    require_exact: bool\n"),
    )
    table = "LIMITS: tuple[Option, ...] = (\n"
    edit(
        house / "edgeq" / "verbs" / "options" / "verdict.py",
        (table, table + '    _limit("max_flash", "integer", "Toy."),\n'),
    )
    made_firmware(repository, run, repository / "boards" / "sim-m4" / "board.toml")
    run("run", "project", "--samples", "2", "--max-flash", "2", "-q")
    run("run", "project", "--samples", "2", "--max-flash", "1", "-q", code=1)
    called = "import edgeq; print([f.rule for f in edgeq.run('project', samples=2, max_flash=1).findings])"
    assert "'max-flash'" in python("-c", called)
    (tmp_path / "edgeq.toml").write_text("[thresholds]\nmax_flash = 1\n")
    run("run", "project", "--samples", "2", "-q", code=1)


def test_a_report_field_is_its_sections_and_what_measures_it(
    repository: Path, house: Path, run: Run, python: Run
) -> None:
    pytest.importorskip("unicorn")
    judge = house / "edgeq" / "judge"
    edit(
        judge / "report" / "exactness.py",
        ("        first=record(\n", '        toys=count("Toys."),\n        first=record(\n'),
        ("    first: Difference | None = None\n", "    toys: int = 0\n    first: Difference | None = None\n"),
    )
    edit(judge / "exactness.py", ("    return Exactness(\n", "    return Exactness(\n        toys=7,\n"))
    made_firmware(repository, run, repository / "boards" / "sim-m4" / "board.toml")
    told = json.loads(run("run", "project", "--samples", "2", "--json", "-q"))
    assert told["exactness"]["toys"] == 7
    shown = "import json; from edgeq.judge.report import report_schema; print(json.dumps(report_schema()))"
    assert "toys" in json.loads(python("-c", shown))["properties"]["exactness"]["properties"]


PASS = '''
"""Renames the model."""

from dataclasses import replace


def toy(lowerable):
    """Only the name."""
    return replace(lowerable, graph=replace(lowerable.graph, name="toy_" + lowerable.graph.name))
'''


def test_a_pass_is_a_file_in_the_tuple(repository: Path, house: Path, run: Run, tmp_path: Path) -> None:
    passes = house / "edgeq" / "backends" / "aot" / "passes"
    (passes / "toy.py").write_text(PASS)
    table = "PASSES: tuple[Pass, ...] = ("
    edit(
        passes / "__init__.py",
        (table, f"from edgeq.backends.aot.passes.toy import toy\n\n{table}toy, "),
    )
    made_firmware(repository, run, repository / "boards" / "sim-m4" / "board.toml")
    assert "toy_" in "".join(path.read_text() for path in (tmp_path / "project").rglob("edgeq_network.c"))
