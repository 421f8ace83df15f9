"""The firmware's link compiled for this machine around stand-in runtimes, driven over pipes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from link_device import BUILD_HASH, COMMON, FLAGS, SOURCES, PipeStream, compiler


@pytest.fixture(scope="session")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles the link with a stand-in runtime changed by macros; once for each set of macros."""
    folder = tmp_path_factory.mktemp("firmware")
    built: dict[str, Path] = {}

    def build(**macros: object) -> Path:
        defines = [f"-D{name}={value}" for name, value in sorted(macros.items())]
        key = " ".join(defines)
        if key not in built:
            program = folder / f"device{len(built)}"
            command = [*compiler(), *FLAGS, f'-DEDGEQ_BUILD_HASH="{BUILD_HASH}"', *defines, f"-I{COMMON}"]
            done = subprocess.run(
                [*command, *map(str, SOURCES), "-o", str(program)],
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert done.returncode == 0, done.stderr
            built[key] = program
        return built[key]

    return build


@pytest.fixture
def device(firmware: Callable[..., Path]) -> Iterator[Callable[..., PipeStream]]:
    """Starts a device; every one that was started is ended."""
    streams: list[PipeStream] = []

    def start(**macros: object) -> PipeStream:
        streams.append(PipeStream(firmware(**macros)))
        return streams[-1]

    yield start
    for stream in streams:
        stream.close()
