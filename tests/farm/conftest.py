"""A project that is built once, and boards and labgrid around it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .rig import BOARD, PYTHON, Rig, free_port, model, serving
from .switch import Switch


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Firmware for the simulated board."""
    for package in ("ziglang", "unicorn"):
        pytest.importorskip(package, reason="builds and runs firmware; pip install 'edgeq[sim]'")
    if not PYTHON:
        pytest.skip("no labgrid: set EDGEQ_LABGRID_PYTHON to a Python that has it (docs/farms.md)")
    folder = tmp_path_factory.mktemp("farm")
    (folder / "m.tflite").write_bytes(model())
    command = f"-q deploy m.tflite --board {BOARD} --samples 3 --out out"
    subprocess.run([sys.executable, "-m", "edgeq", *command.split()], cwd=folder, check=True, timeout=180)
    return folder / "out" / "project"


@pytest.fixture(scope="module")
def rig(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Two places, each with its board; the second has a power switch."""
    folder = tmp_path_factory.mktemp("labgrid")
    ports = [free_port(), free_port()]
    with (
        Switch() as switch,
        serving(project, ports[0], folder / "board.log"),
        serving(project, ports[1], folder / "board.log"),
        Rig(folder, ports, {"p1": {"NetworkPowerPort": switch.resource}}) as made,
    ):
        made.switched = switch.calls
        yield made
