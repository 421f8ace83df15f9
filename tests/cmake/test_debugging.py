"""QEMU as cortex-debug starts it for `.vscode/launch.json`: gdb's protocol reaches a breakpoint in main."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from cmaking import CMake, needs_arm_gcc
from waiting import GUARD, turns

from edgeq.boards import list_boards, load_board
from edgeq.builder.symbols import read_symbols
from edgeq.verbs.sample import sample_project

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("board", [board.id for board in list_boards() if board.qemu is not None])
def test_a_breakpoint_in_main(board: str, cmake: CMake, tmp_path: Path) -> None:
    needs_arm_gcc()
    program = shutil.which("qemu-system-arm")
    if program is None:
        pytest.skip("needs qemu-system-arm (Debian: qemu-system-arm)")
    place = tmp_path / "p"
    sample_project(load_board(board)).write(place)
    cmake.both(place, "--preset", "gcc", build="build-gcc")
    configurations = json.loads((place / ".vscode" / "launch.json").read_text())["configurations"]
    (chosen,) = (one for one in configurations if one["servertype"] == "qemu")
    elf = Path(chosen["executable"].replace("${workspaceFolder}", str(place)))
    main = read_symbols(elf).address_of("main")
    assert main is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [program, "-cpu", chosen["cpu"], "-machine", chosen["machine"], "-nographic", "-semihosting-config",
         "enable=on,target=native", "-gdb", f"tcp:127.0.0.1:{port}", "-S", "-kernel", str(elf)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        with connected(port, server) as line:
            assert asked(line, b"Z0,%x,2" % main) == b"OK"
            assert asked(line, b"c").startswith(b"T05")
            registers = asked(line, b"g")
            pc = int.from_bytes(bytes.fromhex(registers[15 * 8 : 16 * 8].decode()), "little")
            assert pc == main
    finally:
        server.kill()
        server.wait()


def connected(port: int, server: subprocess.Popen[bytes]) -> socket.socket:
    for _ in turns(every=0.05):
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), GUARD)
        assert server.poll() is None, "QEMU does not start so"
    raise AssertionError(f"nobody listens on {port}")


def asked(line: socket.socket, command: bytes) -> bytes:
    """One exchange of gdb's remote protocol."""
    line.sendall(b"$%s#%02x" % (command, sum(command) % 256))
    told = b""
    while b"#" not in told or len(told) < told.index(b"#") + 3:
        told += line.recv(8192)
    line.sendall(b"+")
    return told[told.index(b"$") + 1 : told.index(b"#")]
