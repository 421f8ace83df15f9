"""Renode as a target: real firmware behind a stand-in that speaks as Renode does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from waiting import GUARD, until

import edgeq
from edgeq.backends.aot.generate import generate
from edgeq.base.errors import DeviceError, ToolMissingError, UsageError
from edgeq.boards import Board, load_board, read_board
from edgeq.builder import Image, build, load_image
from edgeq.checker import check
from edgeq.cli.app import main
from edgeq.targets import Place, open_target
from edgeq.targets.link import Client
from edgeq.targets.simulators import renode_target
from edgeq.targets.simulators.renode_monitor import RenodeError
from edgeq.targets.simulators.renode_target import (
    LOG,
    SCRATCH,
    RenodeTarget,
    check_version,
    find_renode,
    version_of,
)

PLACE = Place(simulator="renode")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, board_file: Path, examples: Path) -> Image:
    """The digits model on the bench, in a folder with a space in its name."""
    digits = examples / "digits"
    model = edgeq.convert(digits / "digits_float.tflite", digits / "calibration.npz").model
    project = tmp_path_factory.mktemp("renode") / "a project"
    generate(check(model, name="digits"), read_board(board_file)).write(project)
    return build(project)


@pytest.fixture
def image(built: Image, tmp_path: Path) -> Image:
    """A copy of it, for the test's own log."""
    project = tmp_path / "a project"
    shutil.copytree(built.project, project)
    return load_image(project)


def standins(renode: Path) -> list[str]:
    """The stand-ins of this test that run, by their command lines."""
    listed = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(renode.parent / "standin_renode.py") in line]


def gone(renode: Path) -> bool:
    """Whether none of them is left soon."""
    return until(lambda: not standins(renode))


def test_the_firmware_answers_and_boots_again(renode: Path, image: Image) -> None:
    with open_target(image, PLACE) as target:
        assert isinstance(target, RenodeTarget)
        target.flash(image)
        with Client(target.open()) as client:
            info = client.handshake()
            assert info.build_hash == image.build_hash
        told = target.diagnosis()
        assert (
            told is not None
            and "after 1,000,000 instructions" in told
            and "in Renode the firmware is at 0x" in told
        )
        target.reset()
        with Client(target.open()) as client:
            assert client.handshake().model_hash == image.model_sha256[:16]
    assert (image.project / LOG).is_file()
    assert gone(renode)


def test_deploy_judges_the_board_in_renode(
    renode: Path, board_file: Path, examples: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    digits = examples / "digits"
    arguments = ["deploy", str(digits / "digits_float.tflite"), "--board", str(board_file), "--sim", "renode"]
    arguments += ["--calibration", str(digits / "calibration.npz"), "--data", str(digits / "test.npz")]
    code = main([*arguments, "--limit", "20", "--out", str(out)])
    told = capfd.readouterr()
    assert code == 0, told.err
    report = json.loads((out / "report.json").read_text())
    assert report["verdict"] == "pass" and report["exactness"]["samples"] == 20
    notes = json.dumps(report["findings"])
    assert "Renode" in notes and "functional" in notes
    assert "millisecond" not in told.out + told.err and " ms" not in told.out + told.err
    assert gone(renode)


@pytest.mark.parametrize(
    "board",
    [
        "nrf52840dk",
        pytest.param("arduino_nano33ble", marks=pytest.mark.slow),  # behind a bootloader
        pytest.param("microbit_v2", marks=pytest.mark.slow),
    ],
)
def test_the_firmware_of_nordics_boards_passes(
    renode: Path, board: str, examples: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Their own images, with their clocks and UARTE: what stands in for Renode models these."""
    out = tmp_path / "out"
    digits = examples / "digits"
    arguments = ["deploy", str(digits / "digits_float.tflite"), "--board", board, "--sim", "renode"]
    arguments += ["--calibration", str(digits / "calibration.npz"), "--data", str(digits / "test.npz")]
    code = main([*arguments, "--limit", "10", "--out", str(out)])
    assert code == 0, capfd.readouterr().err
    report = json.loads((out / "report.json").read_text())
    assert report["exactness"]["argmax_agree"] == report["exactness"]["samples"] == 10
    assert f"{board} was simulated by Renode, which is functional" in json.dumps(report["findings"])


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("broken", "Renode has ended with code 150: You must install .NET"),
        ("dies", "Renode has ended with code 134: Fatal error: / System.OutOfMemoryException"),
        ("ports", "Renode refuses 'emulation CreateServerSocketTerminal"),
    ],
)
def test_a_renode_that_fails_is_told_with_its_words(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch, trouble: str, message: str
) -> None:
    monkeypatch.setenv("STANDIN", trouble)
    with open_target(image, PLACE) as target, pytest.raises(DeviceError) as caught:
        target.flash(image)
    assert message in caught.value.message and caught.value.hint and caught.value.exit_code == 5
    assert gone(renode)


def test_a_port_that_was_taken_in_between_is_another(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "port")
    with open_target(image, PLACE) as target:
        target.flash(image)
        with Client(target.open()) as client:
            client.handshake()


@pytest.mark.parametrize(
    ("trouble", "limit", "message"),
    [
        ("silent", "_STARTING", "Renode gives no prompt within 1 s"),
        ("stuck", "_LOADING", "Renode does not come back from 'include"),
    ],
)
def test_no_wait_is_for_ever(
    renode: Path,
    image: Image,
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    limit: str,
    message: str,
) -> None:
    target = RenodeTarget()
    monkeypatch.setattr(renode_target, "version_of", lambda _command: (1, 16, 1))
    monkeypatch.setattr(renode_target, limit, 1.0)
    monkeypatch.setenv("STANDIN", trouble)
    with target, pytest.raises(DeviceError, match=message):
        target.flash(image)
    assert gone(renode)


def test_a_renode_that_crashes_later_ends_the_stream(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "crashes")
    with open_target(image, PLACE) as target:
        target.flash(image)
        with (
            pytest.raises(DeviceError, match=r"Renode has ended with code 134: Unhandled exception"),
            Client(target.open()) as client,
        ):
            client.handshake()


def test_unmodelled_accesses_are_shown_when_the_firmware_is_silent(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN", "unmodelled")
    with open_target(image, PLACE) as target:
        target.flash(image)
        client = Client(target.open(), timeout=0.2, retries=0, diagnosis=target.diagnosis)
        with client, pytest.raises(DeviceError) as caught:
            client.handshake()
    told = caught.value.message
    assert "WriteDoubleWord at 0x4001E508, NVMC:ERASEPAGE (10001 times, first from 0x080001b8 (" in told
    assert "ReadDoubleWord at 0x40021000 (12 times, first from 0x080001ac (" in told
    assert "write at offset 0x50C of uart0 (3 times)" in told
    assert "Renode's error: cpu: CPU abort [PC=0x80001B4]" in told
    assert "UICR" not in told and "FICR" not in told and "0x308" not in told and "0xF50" not in told


def test_each_complaint_of_the_monitor_is_one(renode: Path, image: Image) -> None:
    """What Renode 1.16.1 says to a command that it does not take; and what it took before stays as it is."""
    with RenodeTarget() as target:
        target.flash(image)
        monitor = target._monitor
        assert monitor is not None
        for command, said in {
            "nosuch": "No such command or device: nosuch",
            "logFile": "Bad parameters for command logFile",
            "include @/nonexistent.resc": "File does not exist: /nonexistent.resc",
            f'emulation CreateServerSocketTerminal {target._port} "x2" false': "Address already in use",
            "sysbus.cpu NoSuch": "sysbus.cpu does not provide a field, method or property NoSuch",
        }.items():
            with pytest.raises(RenodeError) as caught:
                monitor.tell(command, 10.0)
            assert said in caught.value.message
        assert monitor.number("sysbus.cpu PC", 10.0) is not None


def test_what_renode_leaves_in_its_temporary_folder_goes(renode: Path, image: Image) -> None:
    scratch = image.elf.parent / SCRATCH
    before = set(Path(tempfile.gettempdir()).glob("renode-*"))
    with open_target(image, PLACE) as target:
        target.flash(image)
        assert list(scratch.glob("renode-*"))
        target.reset()
        assert len(list(scratch.glob("renode-*"))) == 1
    assert not scratch.exists()
    assert set(Path(tempfile.gettempdir()).glob("renode-*")) == before


def test_what_the_project_says_wrong_is_renodes_complaint(renode: Path, image: Image) -> None:
    (image.project / "renode" / "board.repl").write_text('using "platforms/cpus/none.repl"\n')
    with open_target(image, PLACE) as target, pytest.raises(DeviceError) as caught:
        target.flash(image)
    assert "error when loading 'platforms/cpus/none.repl'" in caught.value.message
    assert "board.repl" in caught.value.hint
    description = image.project / "renode" / "board.repl"
    description.write_text(
        "console: UART.STM32_UART @ sysbus 0x40004400\n"
    )  # as of a model that edgeq knows not
    with open_target(image, PLACE) as target, pytest.raises(DeviceError, match="Error E21") as caught:
        target.flash(image)
    assert "uart_size" in caught.value.hint
    shutil.rmtree(image.project / "renode")
    with open_target(image, PLACE) as target, pytest.raises(DeviceError, match=r"has no renode/board\.resc"):
        target.flash(image)


@pytest.mark.parametrize("name", ["a;b", "a\tb", "größe", "モデル", "a\nb"])
def test_a_path_that_the_monitor_cannot_read_is_refused_before_it_starts(
    renode: Path, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    odd = tmp_path / name
    image.project.rename(odd)
    monkeypatch.setenv("STANDIN", "broken")
    with open_target(image, PLACE) as target, pytest.raises(UsageError, match="cannot be given the path"):
        target.flash(load_image(odd))
    assert not (odd / LOG).exists()


def test_a_deploy_to_such_a_path_is_refused_before_any_work(
    renode: Path, board_file: Path, examples: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = examples / "digits" / "digits_float.tflite"
    out = tmp_path / "größe"
    assert main(["deploy", str(model), "--board", str(board_file), "--sim", "renode", "--out", str(out)]) == 2
    assert "cannot be given the path" in capfd.readouterr().err and not out.exists()


@pytest.mark.parametrize("name", ["a b", "a'b", 'a"b', "a#b", "a$b", "a[b](c)"])
def test_any_other_path_is_read(renode: Path, image: Image, tmp_path: Path, name: str) -> None:
    odd = tmp_path / name
    image.project.rename(odd)
    with open_target(image, PLACE) as target:
        target.flash(load_image(odd))
        with Client(target.open()) as client:
            client.handshake()


def test_without_renode_it_says_where_to_get_it(
    image: Image, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("RENODE_DIR", raising=False)
    with pytest.raises(ToolMissingError) as caught:
        open_target(image, PLACE)
    assert caught.value.exit_code == 3 and "RENODE_DIR" in caught.value.hint
    monkeypatch.setenv("RENODE_DIR", str(tmp_path / "nothing"))
    with pytest.raises(ToolMissingError, match="RENODE_DIR"):
        open_target(image, PLACE)


def test_renode_dir_goes_before_path(renode: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert find_renode() == str(renode)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(renode, other / "renode")
    monkeypatch.setenv("RENODE_DIR", str(other))
    assert find_renode() == str(other / "renode")


@pytest.mark.parametrize(
    ("core", "version", "fits"),
    [
        ("sim-m4", (1, 14, 0), False),
        ("sim-m4", (1, 15, 0), True),
        ("sim-m33", (1, 16, 0), False),
        ("sim-m33", (1, 16, 1), True),
        ("sim-m4", (2, 0, 0), True),
    ],
)
def test_a_renode_that_is_too_old_is_refused(core: str, version: tuple[int, int, int], fits: bool) -> None:
    board: Board = load_board(core)
    if fits:
        check_version(version, board)
    else:
        with pytest.raises(ToolMissingError, match=rf"Renode {version[0]}\.{version[1]}.*needs 1\.1[56]"):
            check_version(version, board)


def test_the_version_is_read_before_anything_starts(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANDIN_VERSION", "1.13.3")
    assert version_of(str(renode)) == (1, 13, 3)
    with (
        open_target(image, PLACE) as target,
        pytest.raises(ToolMissingError, match=r"this is Renode 1\.13\.3"),
    ):
        target.flash(image)
    assert not (image.project / LOG).exists()
    monkeypatch.setenv("STANDIN_VERSION", "")
    with pytest.raises(ToolMissingError, match="does not tell its version"):
        version_of(str(renode))
    monkeypatch.setattr(renode_target, "_STARTING", 1.0)
    monkeypatch.setenv("STANDIN", "mute")
    with pytest.raises(ToolMissingError, match="--version does not end within"):
        version_of(str(renode))
    assert gone(renode)
    with pytest.raises(ToolMissingError, match="does not tell its version: cannot start"):
        version_of(str(renode.parent / "none"))


@pytest.mark.parametrize(
    ("how", "trouble"),
    [(signal.SIGINT, ""), (signal.SIGTERM, "stays"), (signal.SIGKILL, ""), (signal.SIGKILL, "stays")],
)
def test_nothing_is_left_however_edgeq_ends(
    renode: Path, image: Image, monkeypatch: pytest.MonkeyPatch, how: signal.Signals, trouble: str
) -> None:
    """``stays``: a Renode that does not end when its input does."""
    monkeypatch.setenv("STANDIN", trouble)
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom edgeq.builder import load_image\n"
        "from edgeq.targets import Place, open_target\nimage = load_image(Path(sys.argv[1]))\n"
        "with open_target(image, Place(simulator='renode')) as target:\n"
        "    target.flash(image)\n    print('runs', flush=True)\n    time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(image.project)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stdout.readline() == b"runs\n"
    assert standins(renode)
    process.send_signal(how)
    process.wait(GUARD)
    process.stdout.close()
    assert gone(renode)
