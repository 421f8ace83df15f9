"""What it takes to add a core, a simulator or a flash tool: these files, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
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
def run(house: Path, tmp_path: Path) -> Run:
    """The copy's command line, away from the repository."""

    def call(*words: str | Path, code: int = 0, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "edgeq", *map(str, words)],
            cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(house), "PYTHONSAFEPATH": "1"} | environment,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stderr if code else done.stdout

    return call


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
