"""A device for tests: what compiles it, its pipes as a stream, and what its stand-in runtime computes."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

from edgeq.errors import DeviceError

HERE = Path(__file__).parent
TEMPLATES = HERE.parents[2] / "firmware_templates"
COMMON = TEMPLATES / "common"
SOURCES = [
    *(
        COMMON / f"{name}.c"
        for name in ["main", "edgeq_adaptor", "edgeq_bulk", "edgeq_crc", "edgeq_print", "edgeq_session"]
    ),
    COMMON / "edgeq_text.c",
    TEMPLATES / "ports" / "host" / "edgeq_host_port.c",
    HERE / "standin_runtime.c",
]
FLAGS = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Wpedantic", "-Werror"]
BUILD_HASH = "00112233aabbccdd"
MODEL_HASH = "0123456789abcdef" * 4


class PipeStream:
    """A process's pipes as a stream."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def read(self, n: int, timeout: float) -> bytes:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], timeout)
        return os.read(self.process.stdout.fileno(), n) if ready else b""

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(data)
        except BrokenPipeError as error:
            raise DeviceError("the process has ended") from error

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def compiler() -> list[str]:
    found = shutil.which("cc")
    return [found] if found else [sys.executable, "-m", "ziglang", "cc"]


def read_all(stream: PipeStream, until: bytes, timeout: float = 5.0) -> bytes:
    """Everything up to the moment when ``until`` has come at the end."""
    got = b""
    end = time.monotonic() + timeout
    while not got.endswith(until):
        assert time.monotonic() < end, got
        got += stream.read(4096, 0.1)
    return got


def scores(data: bytes, second: bytes = b"\0\0\0", outputs: int = 12) -> bytes:
    """What the stand-in runtime computes."""
    return bytes(
        (sum(x * (i + j + 1) for j, x in enumerate(data)) + second[i % 3]) & 255 for i in range(outputs)
    )


def state(data: bytes) -> bytes:
    """Its second output."""
    return bytes((data[i % len(data)] + i // 7) & 255 for i in range(5000))
