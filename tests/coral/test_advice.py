"""Hosts as they are: each cause has the command that helps there, and no other."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from edgeq.base.errors import DeviceError, EdgeqError, ToolMissingError
from edgeq.targets.coral.advice import get_interpreter, get_packages, library_cause
from edgeq.targets.coral.causes import (
    Ending,
    Trouble,
    device_cause,
    during_inference,
    why_ended,
    why_refused,
)
from edgeq.targets.coral.destination import Destination, parse_destination
from edgeq.targets.coral.host import Host, Pci, Usb

STICK = Usb("18d1:9302", "ready", 5000.0, "/dev/bus/usb/002/003", True)
CARD = Pci("/dev/apex_0", "5.0 GT/s x1", True, 40.0)
PI = Destination("pi@pi5:2222")
HOST = Host(
    "3.11.2", "aarch64", "Linux", "1.26.4", {"tflite-runtime": "2.14.0"}, True, "", "", (STICK,), (), 4096
)


def host(**changes: object) -> Host:
    return dataclasses.replace(HOST, **changes)  # type: ignore[arg-type]


def test_elsewhere_packages_go_into_an_environment_of_their_own() -> None:
    hint = get_packages(PI, "ai-edge-litert", "numpy")
    assert "python3 -m venv coral && coral/bin/pip install ai-edge-litert numpy" in hint
    assert 'python = "coral/bin/python"' in hint


def test_a_python_that_is_named_gets_the_packages_itself() -> None:
    chosen = Destination("pi@pi5", python="/opt/coral/bin/python3")
    assert get_packages(chosen, "numpy") == "/opt/coral/bin/python3 -m pip install numpy, there"
    assert get_packages(Destination(), "numpy") == f"{sys.executable} -m pip install numpy"


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (None, "ai-edge-litert numpy"),
        (host(), "ai-edge-litert numpy"),
        (host(python="3.9.2"), "ai-edge-litert numpy"),
        (host(python="3.7.3"), "tflite-runtime 'numpy<2'"),
        (host(machine="armv7l"), "64-bit Raspberry Pi OS"),
    ],
)
def test_the_interpreter_of_a_machine(seen: Host | None, words: str) -> None:
    assert words in get_interpreter(PI, seen)


@pytest.mark.parametrize(
    ("packages", "numpy", "wrong"),
    [
        ({"tflite-runtime": "2.14.0"}, "2.1.0", True),
        ({"tflite-runtime": "2.14.0"}, "1.26.4", False),
        ({"ai-edge-litert": "2.3.0"}, "2.1.0", False),
        ({"tflite-runtime": "2.14.0"}, "", False),
    ],
)
def test_tflite_runtime_wants_numpy_1(packages: dict[str, str], numpy: str, wrong: bool) -> None:
    assert host(packages=packages, numpy=numpy).is_numpy_too_new is wrong


@pytest.mark.parametrize(
    "text",
    [
        "AttributeError: _ARRAY_API not found",
        "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.1.0",
        "ValueError in CreateWrapperFromBuffer",
    ],
)
def test_numpy_2_is_named_as_the_cause(text: str) -> None:
    error = why_refused(PI, Trouble("load", "ValueError", text), (), HOST)
    assert isinstance(error, ToolMissingError)
    assert "numpy 2 is there" in error.message
    assert "'numpy<2'" in error.hint


@pytest.mark.parametrize(
    ("text", "cause", "hint"),
    [
        ("/lib/libc.so.6: version `GLIBC_2.38' not found (required by x)", "GLIBC_2.38", "os-release"),
        ("version `GLIBCXX_3.4.32' not found", "GLIBCXX_3.4.32", "os-release"),
        ("libusb-1.0.so.0: cannot open shared object file: No such file", "libusb", "libusb-1.0-0"),
        ("libedgetpu.so.1: wrong ELF class: ELFCLASS32", "another processor", "print-architecture"),
    ],
)
def test_a_library_that_does_not_load_has_its_own_cause(text: str, cause: str, hint: str) -> None:
    error = why_refused(PI, Trouble("delegate", "OSError", text), (), host(library=False))
    assert isinstance(error, ToolMissingError)
    assert cause in error.message
    assert hint in error.hint


def test_a_library_that_is_not_there_is_none_of_these() -> None:
    assert library_cause("libedgetpu.so.1: cannot open shared object file: No such file or directory") is None


def ssh_error(words: str, destination: Destination) -> EdgeqError:
    return why_ended(destination, "start", Ending(255, 10.0, (words,)))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("Permission denied (publickey).", "ssh-copy-id -p 2222 pi@pi5"),
        ("Host key verification failed.", "ssh -p 2222 pi@pi5"),
        ("WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!", "ssh-keygen -R '[pi5]:2222'"),
        ("kex_exchange_identification: closed", "ssh -p 2222 pi@pi5 true"),
    ],
)
def test_hints_go_to_the_port(words: str, line: str) -> None:
    assert line in ssh_error(words, PI).hint


def test_hints_keep_the_configured_command() -> None:
    configured = parse_destination("pi@pi5", ssh=("ssh", "-F", "ci config"))
    assert "ssh -F 'ci config' pi@pi5 true" in ssh_error("closed", configured).hint
    assert ssh_error("Permission denied", Destination("pi@pi5")).hint.endswith("ssh-copy-id pi@pi5")


def test_a_card_is_not_told_to_be_unplugged() -> None:
    card = host(usb=(), pci=(CARD,))
    told = [
        during_inference(PI, "SIGBUS", card, card=card.is_card),
        during_inference(PI, "SIGBUS", host(usb=()), card=True),
        why_ended(PI, "load", Ending(None, 120.0, ()), card=True),
        why_refused(PI, Trouble("delegate", "ValueError", "failed", True), (), card),
        why_refused(PI, Trouble("invoke", "RuntimeError", "failed", True), (), card, card=True),
    ]
    for error in told:
        assert isinstance(error, DeviceError)
        assert "plug" not in f"{error.message} {error.hint}"
        assert "dmesg" in error.hint


def test_a_stick_is() -> None:
    assert not HOST.is_card
    for error in (during_inference(PI, "SIGBUS", HOST), why_ended(PI, "load", Ending(None, 120.0, ()))):
        assert "plug it in again" in error.hint


@pytest.mark.parametrize(("page_size", "words"), [(16_384, "kernel8.img"), (4096, "feranick/gasket-driver")])
def test_a_card_without_a_driver(page_size: int, words: str) -> None:
    cause = device_cause(host(usb=(), pci=(dataclasses.replace(CARD, node=""),), page_size=page_size))
    assert cause is not None
    assert words in cause[1]


@pytest.mark.parametrize(("board", "first"), [("coral@pi@pi5", True), ("coral", False)])
def test_the_doctor_of_a_board_elsewhere_begins_there(
    monkeypatch: pytest.MonkeyPatch, board: str, first: bool
) -> None:
    from edgeq.verbs.doctor import everything
    from edgeq.verbs.doctor.machine import Need
    from edgeq.verbs.settings import Settings

    row = Need("libedgetpu", "ok", "", "")
    monkeypatch.setattr(everything, "examine_accelerator", lambda *_: (row,))
    _, needs = everything.examine(board, Settings())
    assert needs[0 if first else -1] is row
    assert len(needs) > 1
