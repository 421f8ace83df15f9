"""Kernels compiled once a session."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parent.parent / "aot"))

from mac_cortex import FLAGS, Cortex, compile_image
from mac_host import Host, compile_library, compiler


@pytest.fixture(scope="session", params=["plain", "short", "v7m", "v6m", "dsp"])
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Host:
    """The kernels on this machine: plain ones, those as without long products, emulated ones of others."""
    if compiler() is None:
        pytest.skip("no C compiler (gcc, cc, clang or the ziglang package)")
    flags = ["-fsanitize=undefined", "-fno-sanitize-recover=all"] if compiler() == ["gcc"] else []
    if request.param in ("short", "v6m"):
        flags.append("-DEDGEQ_SHORT_MULTIPLY")
    family = "plain" if request.param == "short" else request.param
    return Host(compile_library(tmp_path_factory.mktemp(request.param), family, *flags), family)


@cache
def _image(folder: Path, core: str) -> Path:
    return compile_image(folder, core)


@pytest.fixture(scope="session")
def cortex_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where images are built."""
    return tmp_path_factory.mktemp("cortex")


@pytest.fixture(params=list(FLAGS))
def cortex(request: pytest.FixtureRequest, cortex_folder: Path) -> Cortex:
    """Every core in simulation."""
    return _cortex(cortex_folder, request.param)


@pytest.fixture
def cortex_of(cortex_folder: Path) -> Callable[[str], Cortex]:
    """A core in simulation, by its name."""
    return lambda core: _cortex(cortex_folder, core)


@pytest.fixture
def cortex_m4(cortex_folder: Path) -> Cortex:
    """The core that budgets are for."""
    return _cortex(cortex_folder, "m4")


def _cortex(folder: Path, core: str) -> Cortex:
    for package in ("unicorn", "ziglang"):
        pytest.importorskip(package, reason=f"{package} is not installed (pip install 'edgeq[sim]')")
    return Cortex(_image(folder, core), core)
