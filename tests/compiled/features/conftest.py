"""Makes the helpers beside the tests importable, and compiles all pipelines once."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(1, str(Path(__file__).parent.parent / "mac"))

from mac_host import compiler
from pipelines import PIPELINES

from edgeq.backends.project.features import Computed, feature_files
from edgeq.base.resources import data_dir
from edgeq.features.program import program

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror")


def write_features(folder: Path) -> list[Path]:
    """The C of all pipelines, each ending in its features as they are, by its place in PIPELINES."""
    made = [Computed(index, program(one), None) for index, one in enumerate(PIPELINES.values())]
    files = feature_files(made, "all")
    files["edgeq_mem.h"] = (data_dir("firmware_templates") / "common" / "edgeq_mem.h").read_bytes()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in files if name.endswith(".c")]


@pytest.fixture(scope="session", params=["long", "short"])
def features(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """All pipelines on this machine, with long products, and with those of a core that has none."""
    command = compiler()
    if command is None:
        pytest.skip("no C compiler (gcc, cc, clang or the ziglang package)")
    folder = tmp_path_factory.mktemp("features")
    flags = ["-fsanitize=undefined", "-fno-sanitize-recover=all"] if command == ["gcc"] else []
    flags += ["-DEDGEQ_SHORT_MULTIPLY"] if request.param == "short" else []
    sources = [str(path) for path in write_features(folder)]
    library = folder / "features.so"
    subprocess.run(
        [*command, "-shared", "-fPIC", "-O1", *WARNINGS, *flags, f"-I{folder}", "-o", str(library), *sources],
        check=True,
        timeout=300,
    )
    return ctypes.CDLL(str(library))
