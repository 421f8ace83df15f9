"""What edgeq makes of a QEMU that is missing, old, broken, silent or stuck: a stand-in on PATH."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import GUARD, is_written, until

from edgeq.base.errors import DeviceError, ToolMissingError
from edgeq.builder import Image
from edgeq.targets import open_target
from edgeq.targets.link import Client
from edgeq.targets.simulators import qemu_target
from edgeq.targets.simulators.qemu_target import QEMU, QemuTarget

Probe = Callable[[str], Image]

BEGINNING = """#!{python}
import os, signal, socket, sys, time
if "--version" in sys.argv:
    print({version!r})
    sys.exit()
if "help" in sys.argv:
    print("Supported machines are:\\nmps2-an386           a stand-in")
    sys.exit()
open({note!r}, "a").write("%d\\n" % os.getpid())
chardev = next(word for word in sys.argv if word.startswith("socket,id=console,fd="))
console = socket.socket(fileno=int(chardev.rpartition("=")[2]))
"""


@pytest.fixture
def standin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a QEMU on PATH that goes on as told; it notes its process's number in the file given back."""

    def put(then: str, version: str = "QEMU emulator version 7.2.22 (Debian)") -> Path:
        note = tmp_path / "processes"
        text = BEGINNING.format(python=sys.executable, version=version, note=str(note)) + then
        path = tmp_path / QEMU
        path.write_text(text)
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return note

    return put


def gone(note: Path) -> bool:
    """Whether the processes in a note are gone soon."""
    numbers = note.read_text().split()
    assert numbers
    return until(lambda: not any(Path(f"/proc/{number}").exists() for number in numbers))


def test_missing(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    image = probe("mps2_an386")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolMissingError, match=f"{QEMU} is not on PATH") as error:
        open_target(image)
    assert "apt-get install qemu-system-arm" in error.value.hint
    assert error.value.exit_code == 3


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("QEMU emulator version 5.2.0 (Debian)", r"is QEMU 5\.2, and edgeq needs 6\.0"),
        ("something else", "does not say its version"),
    ],
)
def test_wrong_version(probe: Probe, standin: Callable[..., Path], version: str, message: str) -> None:
    image = probe("mps2_an386")
    standin("", version)
    with pytest.raises(ToolMissingError, match=message):
        open_target(image)


def test_a_tool_that_does_not_run(probe: Probe, standin: Callable[..., Path], tmp_path: Path) -> None:
    image = probe("mps2_an386")
    standin("")
    (tmp_path / QEMU).write_text("#!/nowhere/python\n")
    with pytest.raises(ToolMissingError, match="does not run"):
        open_target(image)


def test_a_machine_that_it_does_not_have(probe: Probe, standin: Callable[..., Path]) -> None:
    image = probe("mps3_an547")
    standin("")
    with open_target(image) as target, pytest.raises(ToolMissingError, match="has no machine mps3-an547"):
        target.flash(image)


@pytest.mark.parametrize(
    ("then", "message"),
    [
        ("sys.stderr.write('no room\\n'); sys.exit(1)", "QEMU has ended with code 1: no room"),
        ("sys.exit(0)", "QEMU has ended with code 0, and said nothing"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "QEMU was ended by SIGSEGV"),
        ("sys.exit(3)", "the firmware halted itself"),
    ],
)
def test_an_early_end(probe: Probe, standin: Callable[..., Path], then: str, message: str) -> None:
    image = probe("mps2_an386")
    note = standin(then)
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open(), diagnosis=target.diagnosis)
        with pytest.raises(DeviceError, match=message):
            client.handshake()
        assert gone(note)


def test_what_it_said_before_the_end_is_heard(probe: Probe, standin: Callable[..., Path]) -> None:
    image = probe("mps2_an386")
    standin("console.sendall(b'last words'); sys.exit(1)")
    with open_target(image) as target:
        target.flash(image)
        stream, got = target.open(), b""
        with pytest.raises(DeviceError, match="has ended with code 1"):
            while True:
                got += stream.read(4, GUARD)
        assert got == b"last words"


def test_silence(probe: Probe, standin: Callable[..., Path]) -> None:
    image = probe("mps2_an386")
    note = standin("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)")
    with open_target(image) as target:
        target.flash(image)
        client = Client(target.open(), timeout=0.1, retries=1, diagnosis=target.diagnosis)
        with pytest.raises(DeviceError, match="QEMU runs, and does not answer its monitor"):
            client.handshake()
    assert gone(note)


def test_no_input_is_taken(
    probe: Probe, standin: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qemu_target, "_WRITE_TIMEOUT", 0.3)
    image = probe("mps2_an386")
    standin("time.sleep(600)")
    with open_target(image) as target:
        target.flash(image)
        with pytest.raises(DeviceError, match="takes no input"):
            target.open().write(bytes(16 << 20))


def test_closed_and_used_again(probe: Probe, standin: Callable[..., Path]) -> None:
    image = probe("mps2_an386")
    note = standin("console.sendall(b'x'); time.sleep(600)")
    target = open_target(image)
    assert isinstance(target, QemuTarget)
    with pytest.raises(DeviceError, match="no firmware"):
        target.open()
    with pytest.raises(DeviceError, match="no firmware"):
        target.reset()
    target.flash(image)
    stream = target.open()
    assert stream.read(1, GUARD) == b"x"
    target.close()
    target.close()
    assert target.diagnosis() is None
    with pytest.raises(DeviceError, match="QEMU was closed"):
        stream.read(1, 1.0)
    with pytest.raises(DeviceError, match="QEMU was closed"):
        stream.write(b"x")
    assert gone(note)
    target.flash(image)
    assert target.open().read(1, GUARD) == b"x"
    target.close()
    assert gone(note)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_command_line_is_ended(
    probe: Probe, standin: Callable[..., Path], number: signal.Signals
) -> None:
    image = probe("mps2_an386")
    note = standin("time.sleep(600)")
    command = [sys.executable, "-m", "edgeq", "run", str(image.project), "--serve", "0"]
    edgeq = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert until(lambda: is_written(note))
        edgeq.send_signal(number)
        assert edgeq.wait(GUARD) == (130 if number == signal.SIGINT else -number)
        assert gone(note)
    finally:
        edgeq.kill()
        edgeq.wait()
