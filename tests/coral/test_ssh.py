"""The worker beside a device on another machine, behind a real sshd: what it gives, and how SSH fails."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from waiting import ends

import edgeq as api
from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.data import random_data
from edgeq.graph import read_model
from edgeq.judge.edgetpu import judge
from edgeq.judge.report import Report
from edgeq.targets.coral import parse_destination
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.session import Session, Stage

from .conftest import Beside, Sshd, StandIn
from .test_session import on_chip, refused, samples


def test_over_ssh(sshd: Sshd, model: bytes) -> None:
    destination = parse_destination(sshd.destination, python=sys.executable, ssh=sshd.ssh)
    with Session(destination) as one:
        assert one.probe().numpy
        one.load(Stage(model, delegate=False))
        timed = one.run(samples(70))
    with Session(Destination()) as here:
        here.load(Stage(model, delegate=False))
        assert np.array_equal(here.run(samples(70)).outputs[0], timed.outputs[0])


def test_nothing_stays_on_the_other_side(sshd: Sshd, model: bytes, tmp_path: Path) -> None:
    """No file, and no process."""
    script = tmp_path / "python"
    home = tmp_path / "home"
    home.mkdir()
    script.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid\ncd {home}\nexport HOME={home} TMPDIR={home}\n"
        f'exec {sys.executable} "$@"\n'
    )
    script.chmod(0o755)
    destination = parse_destination(sshd.destination, python=str(script), ssh=sshd.ssh)
    with Session(destination) as one:
        one.load(Stage(model, delegate=False))
        one.run(samples(2))
        pid = int((tmp_path / "pid").read_text())
        assert Path(f"/proc/{pid}").exists()
    assert ends(pid)
    assert list(home.iterdir()) == []


def test_a_device_over_ssh(sshd: Sshd, beside: Beside, model: bytes, compiled: bytes) -> None:
    beside.plug_in()
    graph = read_model(model)
    destination = parse_destination(sshd.destination, python=str(beside.python), ssh=sshd.ssh)
    judged = judge(destination, on_chip(compiled), model, graph, random_data(graph.input_tensors, 4))
    coral = judged.coral
    assert (coral.host, coral.link) == (sshd.destination, "USB 3, 5000 Mbit/s")
    beside.does("mismatch")
    error = refused(destination, compiled, delegate=True)
    assert isinstance(error, DeviceError) and "ended" in error.message and "generation" in error.hint


def test_a_connection_that_breaks(sshd: Sshd, beside: Beside, compiled: bytes, tmp_path: Path) -> None:
    """It is told, and the other side gives the device free although it is in the middle of an inference."""
    beside.does("hangs")
    beside.plug_in()
    noted = tmp_path / "noted"
    noted.write_text(f'#!/bin/sh\necho $$ > {tmp_path}/pid\nexec {beside.python} "$@"\n')
    noted.chmod(0o755)
    destination = parse_destination(sshd.destination, python=str(noted), ssh=sshd.ssh)
    with (
        pytest.raises(DeviceError, match=r"the SSH connection to .* broke") as caught,
        Session(destination) as one,
    ):
        one.load(Stage(compiled, delegate=True))
        pid = int((tmp_path / "pid").read_text())
        threading.Timer(1.0, sshd.cut).start()
        one.run(samples(9))
    assert "power" in caught.value.hint
    assert ends(pid)


def test_no_python_there(sshd: Sshd) -> None:
    destination = parse_destination(sshd.destination, python="python-of-nobody", ssh=sshd.ssh)
    with pytest.raises(ToolMissingError, match="has no python-of-nobody"), Session(destination):
        pass


def test_nobody_listens() -> None:
    destination = parse_destination("nobody@127.0.0.1:9", ssh=("ssh", "-F", "/dev/null"))
    with pytest.raises(DeviceError, match="runs no SSH server"), Session(destination):
        pass


def test_a_name_that_nobody_knows() -> None:
    destination = parse_destination("nobody@no-such-host.invalid", ssh=("ssh", "-F", "/dev/null"))
    with pytest.raises(DeviceError, match="not known by that name"), Session(destination):
        pass


def test_a_login_that_is_refused(sshd: Sshd) -> None:
    ssh = ("ssh", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    ssh += ("-o", "IdentityFile=/dev/null", "-o", "IdentitiesOnly=yes")
    with (
        pytest.raises(DeviceError, match="refuses the login") as caught,
        Session(parse_destination(sshd.destination, ssh=ssh)),
    ):
        pass
    assert "ssh-copy-id" in caught.value.hint


def test_no_ssh_here() -> None:
    with (
        pytest.raises(ToolMissingError, match="no 'no-ssh'") as caught,
        Session(parse_destination("a@b", ssh=("no-ssh",))),
    ):
        pass
    assert "openssh-client" in caught.value.hint


def test_a_shell_that_greets(sshd: Sshd, tmp_path: Path, model: bytes) -> None:
    chatty = tmp_path / "python"
    chatty.write_text(f'#!/bin/sh\necho "Welcome to the board!"\nexec {sys.executable} "$@"\n')
    chatty.chmod(0o755)
    with Session(parse_destination(sshd.destination, python=str(chatty), ssh=sshd.ssh)) as one:
        assert one.load(Stage(model, delegate=False)).package == "ai-edge-litert"


def test_deployed_and_run_from_python(sshd: Sshd, beside: Beside, folder: Path, standin: StandIn) -> None:
    beside.plug_in()
    (folder / "net.tflite").write_bytes(beside.int8.read_bytes())
    board, python = f"coral@{sshd.destination}", str(beside.python)
    (x,) = samples(6)
    report = api.deploy("net.tflite", board=board, data=x, edgetpu_python=python, edgetpu_ssh=sshd.ssh)
    assert isinstance(report, Report)
    again = api.run("net-coral", board=board, data=x, edgetpu_python=python, edgetpu_ssh=sshd.ssh)
    for one in (report, again):
        coral = one.to_json()["coral"]
        assert isinstance(coral, dict)
        assert (coral["host"], coral["processor"]) == (sshd.destination, "edgetpu")
        assert one.verdict == "pass"
