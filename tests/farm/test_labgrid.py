"""A real labgrid on loopback: who gets a place, what is done with it, and that it is given back."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from edgeq.targets.farm import Farm, FarmSession

from .rig import PYTHON, Rig

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("labgrid")]


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, object]]:
    """Its exit code, and what it printed."""
    out, err = process.communicate(timeout=120)
    assert out, err
    told: dict[str, object] = json.loads(out)
    return process.returncode, told


@pytest.mark.parametrize("place", ["p0", "board={board}", "name=p0,board=sim-m4"])
def test_judged_and_released(rig: Rig, project: Path, place: str) -> None:
    code, told = ended(rig.run(project, place))
    assert (code, told["verdict"]) == (0, "pass"), told
    assert not rig.owner("p0")


def test_what_the_user_acquired_is_used_and_stays_acquired(rig: Rig, project: Path) -> None:
    rig.client("-p", "p0", "acquire")
    try:
        code, told = ended(rig.run(project, "p0"))
        assert code == 0, told
        assert rig.owner("p0") == "box/alice"
        code, told = ended(rig.run(project, "p0", user="bob"))
        assert code == 5
        assert "the place p0 is acquired by box/alice, and not by you (box/bob)" in str(told)
        assert rig.owner("p0") == "box/alice"
    finally:
        rig.client("-p", "p0", "release")


def test_what_is_not_there(rig: Rig, project: Path) -> None:
    for place, why in (("p7", "no place p7; there are: p0, p1"), ("board=other", "has board=other")):
        code, told = ended(rig.run(project, place))
        assert code == 5 and why in str(told)


def test_a_place_with_power_is_switched(rig: Rig, project: Path) -> None:
    rig.switched.clear()
    code, told = ended(rig.run(project, "p1"))
    assert code == 0, told
    assert rig.switched == ["off", "on"]


def test_flashed_by_the_driver_of_an_environment_file(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noting.py").write_text(
        """
import attr
from pathlib import Path
from labgrid.driver.common import Driver
from labgrid.factory import target_factory
from labgrid.protocol import BootstrapProtocol

@target_factory.reg_driver
@attr.s(eq=False)
class NotingDriver(Driver, BootstrapProtocol):
    def load(self, filename):
        Path(__file__).with_name("loaded").write_text(filename)
"""
    )
    target = {"resources": {"RemotePlace": {"name": "p0"}}, "drivers": {"NotingDriver": {}}}
    config = tmp_path / "env.yaml"
    config.write_text(json.dumps({"targets": {"main": target}, "imports": ["noting.py"]}))
    for name, value in rig.environ.items():
        monkeypatch.setenv(name, value)
    session = FarmSession(Farm("p0", python=PYTHON, coordinator=rig.coordinator, config=str(config)))
    try:
        held = session.acquire("sim-m4")
        assert held.loads and not held.resets
        assert rig.owner("p0") == f"box+edgeq.{os.getpid()}/alice"
        session.load(tmp_path / "firmware.elf")
        assert (tmp_path / "loaded").read_text() == str(tmp_path / "firmware.elf")
    finally:
        session.close()
    assert not rig.owner("p0")


def test_pytest_deploys_and_asks_there(rig: Rig, project: Path, tmp_path: Path) -> None:
    shutil.copy(project.parents[1] / "m.tflite", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_m.py").write_text(
        """
import pytest

pytestmark = pytest.mark.edgeq("m.tflite")


def test_the_verdict(edgeq_deployed):
    edgeq_deployed.check()


def test_one_answer(edgeq_session):
    assert edgeq_session.infer([[-3.0, -1.0, 2.0, 4.0]])[0].tolist() == [[0, 0, 2, 4]]
"""
    )
    module = "edgeq.verbs.testing.plugin"
    installed = any(one.value == module for one in entry_points(group="pytest11"))
    plugin = () if installed else ("-p", module)
    place = ("--edgeq-board", "sim-m4", "--edgeq-place", "name=p0,board={board}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *place],
        cwd=tmp_path, env=rig.environ, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout
    assert not rig.owner("p0")


def test_killed_at_any_moment(rig: Rig, project: Path, tmp_path: Path) -> None:
    """kill -9: the next run needs no flag, whether by name or by tags; nothing stays acquired."""
    chance = random.Random(14)
    copy = shutil.copytree(project, tmp_path / "project")
    for round_ in range(int(os.environ.get("EDGEQ_KILL_ROUNDS", "4"))):
        run = rig.run(copy, "name=p0" if round_ % 2 else "p0")
        time.sleep(chance.uniform(0.3, 3.0))
        run.kill()
        run.communicate()
        code, told = ended(rig.run(copy, "p0" if round_ % 3 else "name=p0"))
        assert code == 0, (round_, told)
    assert not rig.owner("p0")


def test_an_exporter_that_is_away(rig: Rig, project: Path) -> None:
    rig.kill_exporter()
    back = threading.Thread(target=rig.export)
    try:
        time.sleep(1.0)
        code, told = ended(rig.run(project, "p0"))
        assert code == 5 and "is its exporter up?" in str(told), told
        waiting = rig.run(project, "name=p0")
        time.sleep(2.0)
        assert waiting.poll() is None
    finally:
        back.start()
        back.join()
    code, told = ended(waiting)
    assert code == 0, told
    assert not rig.owner("p0")
