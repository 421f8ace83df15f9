"""The process that forks a child for every model: what it gives, and what goes wrong with it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from waiting import ends, lives

from edgeq.interpreter.forkserver import Fork, ForkServer

CHILDREN = """
import os, signal, sys, time

def echo():
    while line := sys.stdin.buffer.readline():
        os.write(1, line)
    sys.stderr.write("said last")

def stays():
    signal.pause()

def fails():
    raise ValueError("a bug")

def leaves():
    raise SystemExit(7)
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    (tmp_path / "children.py").write_text(CHILDREN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    server = ForkServer()
    yield server
    server.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[int]:
    with (tmp_path / "log").open("wb") as file:
        yield file.fileno()


def echoed(fork: Fork, text: bytes) -> bytes:
    fork.requests.write(text + b"\n")
    fork.requests.flush()
    return fork.answers.readline().strip()


def test_a_child_has_the_three_that_it_was_given(server: ForkServer, log: int, tmp_path: Path) -> None:
    fork = server.start("children:echo", log)
    assert echoed(fork, b"one") == b"one"
    fork.close()
    assert server.end(fork.pid, 30) == 0
    assert (tmp_path / "log").read_text() == "said last"


@pytest.mark.parametrize(("name", "code", "said"), [("fails", 1, "ValueError: a bug"), ("leaves", 7, ""),
                                                    ("missing", 1, "AttributeError")])  # fmt: skip
def test_how_a_child_ended(
    server: ForkServer, log: int, tmp_path: Path, name: str, code: int, said: str
) -> None:
    fork = server.start(f"children:{name}", log)
    assert fork.answers.read() == b""
    assert server.end(fork.pid, 30) == code
    assert said in (tmp_path / "log").read_text()


def test_one_that_does_not_end_is_killed_and_a_strange_one_has_ended(server: ForkServer, log: int) -> None:
    fork = server.start("children:stays", log)
    assert lives(fork.pid)
    assert server.end(fork.pid, 0.01) == -signal.SIGKILL
    assert not lives(fork.pid)
    assert server.end(fork.pid) == server.end(os.getpid()) == -signal.SIGKILL


def test_children_of_many_threads_are_each_threads_own(server: ForkServer, log: int) -> None:
    def talk(number: int) -> bytes:
        fork = server.start("children:echo", log)
        said = echoed(fork, b"%d" % number)
        fork.close()
        assert server.end(fork.pid, 30) == 0
        return said

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(talk, range(40))) == [b"%d" % number for number in range(40)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_a_server_that_was_killed_is_replaced(server: ForkServer, log: int) -> None:
    first = server.start("children:echo", log)
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGKILL)
    server._process.wait()
    second = server.start("children:echo", log)
    assert echoed(second, b"anew") == b"anew"
    assert server.end(first.pid) == -signal.SIGKILL
    first.close()
    second.close()


def test_an_interrupt_leaves_no_answer_for_the_next(
    server: ForkServer, log: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    waits = server.start("children:echo", log)
    with monkeypatch.context() as patched:
        patched.setattr("edgeq.interpreter.forkserver.int", interrupted, raising=False)
        with pytest.raises(KeyboardInterrupt):
            server.start("children:stays", log)
    fork = server.start("children:echo", log)
    assert echoed(fork, b"mine") == b"mine"
    assert ends(waits.pid)
    for one in (fork, waits):
        one.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_closing_ends_the_children_and_a_fork_of_this_process_leaves_them(
    server: ForkServer, log: int
) -> None:
    fork = server.start("children:stays", log)
    forked = os.fork()
    if not forked:
        server.forget()
        server.close()
        os._exit(0)
    assert os.waitpid(forked, 0)[1] == 0
    assert lives(fork.pid)
    server.close()
    assert ends(fork.pid)
    fork.close()
