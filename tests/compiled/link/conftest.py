"""The firmware's link compiled for this machine around stand-in runtimes, driven over pipes."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waiting import turns

from edgeq.base.errors import DeviceError

sys.path.insert(0, str(Path(__file__).parent))  # tests share helpers

from compiling import compile_link
from line import Line


class PipeDevice:
    """A process's pipes as a stream, and what its stand-in runtime computes."""

    model_hash = "0123456789abcdef" * 4
    build_hash = "00112233aabbccdd"

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

    def read_until(self, end: bytes) -> bytes:
        """Everything up to the moment when ``end`` is the last that came."""
        got = b""
        for _ in turns():
            got += self.read(4096, 0.1)
            if got.endswith(end):
                return got
        raise AssertionError(got)

    @staticmethod
    def scores(data: bytes, second: bytes = b"\0\0\0", outputs: int = 12) -> bytes:
        """The first output."""
        return bytes(
            (sum(x * (i + j + 1) for j, x in enumerate(data)) + second[i % 3]) & 255 for i in range(outputs)
        )

    @staticmethod
    def state(data: bytes) -> bytes:
        """The second output."""
        return bytes((data[i % len(data)] + i // 7) & 255 for i in range(5000))


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles the link with a stand-in runtime changed by macros; once for each set of macros."""
    folder = tmp_path_factory.mktemp("firmware")
    built: dict[str, Path] = {}

    def build(**macros: object) -> Path:
        defines = [f"-D{name}={value}" for name, value in sorted(macros.items())]
        key = " ".join(defines)
        if key not in built:
            built[key] = compile_link(folder / f"device{len(built)}", PipeDevice.build_hash, defines)
        return built[key]

    return build


@pytest.fixture
def line(firmware: Callable[..., Path]) -> Iterator[Callable[..., Line]]:
    """Starts a device in simulated time, whose inferences take ``SPENDS`` nanoseconds; each is ended."""
    started: list[Line] = []

    def start(macros: dict[str, object], **options: object) -> Line:
        started.append(Line(firmware(**{"SPENDS": 0, **macros}), **options))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def device(firmware: Callable[..., Path]) -> Iterator[Callable[..., PipeDevice]]:
    """Starts a device; every one that was started is ended."""
    started: list[PipeDevice] = []

    def start(**macros: object) -> PipeDevice:
        started.append(PipeDevice(firmware(**macros)))
        return started[-1]

    yield start
    for one in started:
        one.close()
