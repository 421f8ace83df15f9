"""The Pythons that have the frameworks: environments of their own, for each pins what the others need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from edgeq.converter.sources.kinds import Kind

FrameworkName = Literal["tensorflow", "onnx", "torch"]
DEFAULT_TIMEOUT = 900.0


@dataclass(frozen=True)
class Framework:
    """What converts one kind of source.

    Attributes:
        name: also the key in the table ``[sources]`` of edgeq.toml.
        variable: the environment variable that names its Python.
        modules: what has to be importable there.
        packages: what pip has to install for that.
        purpose: which sources it is for.
        until: modules that are needed by earlier versions of the first one only, with the major version from
            which they are not.
    """

    name: FrameworkName
    variable: str
    modules: tuple[str, ...]
    packages: tuple[str, ...]
    purpose: str
    until: Mapping[str, int] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The shell line that makes its environment and names it to edgeq."""
        folder = f"~/.edgeq/{self.name}"
        packages = " ".join(f"'{name}'" if set(name) & set("<>=") else name for name in self.packages)
        return (
            f"python3 -m venv {folder} && {folder}/bin/pip install {packages} "
            f"&& export {self.variable}={folder}/bin/python"
        )


_ONNX = (
    ("onnx2tf>=2",)
    if sys.version_info >= (3, 12)
    else (
        "onnx2tf<2",
        "tensorflow",
        "tf_keras",
        "onnx",
        "onnx_graphsurgeon",
        "sng4onnx",
        "psutil",
        "ai-edge-litert",
    )
)
"""From version 2 on it brings what it needs, without TensorFlow, and wants Python 3.12."""
FRAMEWORKS: Mapping[FrameworkName, Framework] = {
    "tensorflow": Framework(
        "tensorflow",
        "EDGEQ_TF_PYTHON",
        ("tensorflow",),
        ("tensorflow>=2.16",),
        "Keras and SavedModel sources",
    ),
    "onnx": Framework(
        "onnx",
        "EDGEQ_ONNX_PYTHON",
        ("onnx2tf", "tensorflow", "onnx"),
        _ONNX,
        "ONNX sources",
        until={"tensorflow": 2},
    ),
    "torch": Framework(
        "torch", "EDGEQ_TORCH_PYTHON", ("litert_torch", "torch"), ("litert-torch",), "PyTorch sources"
    ),
}
NEEDED: Mapping[Kind, FrameworkName] = {
    "keras": "tensorflow",
    "saved_model": "tensorflow",
    "onnx": "onnx",
    "torch_module": "torch",
    "torch_export": "torch",
}


@dataclass(frozen=True)
class Environments:
    """Which Python has which framework; None for the one that runs edgeq.

    Attributes:
        tensorflow, onnx, torch: paths of Python programs.
        timeout: how long one conversion may take, in seconds.
    """

    tensorflow: str | None = None
    onnx: str | None = None
    torch: str | None = None
    timeout: float = DEFAULT_TIMEOUT

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Environments:
        """As ``EDGEQ_TF_PYTHON``, ``EDGEQ_ONNX_PYTHON`` and ``EDGEQ_TORCH_PYTHON`` say."""
        given = os.environ if environ is None else environ
        tensorflow, onnx, torch = (given.get(one.variable) or None for one in FRAMEWORKS.values())
        return cls(tensorflow, onnx, torch)

    def python(self, name: FrameworkName) -> str:
        """The Python that has a framework."""
        chosen: str | None = getattr(self, name)
        return sys.executable if chosen is None else os.path.expanduser(chosen)  # noqa: PTH111  # may be a command


@dataclass(frozen=True)
class Probe:
    """What a framework's Python has.

    Attributes:
        python: its path.
        works: whether it starts and has all modules.
        found: versions, or what is missing.
    """

    python: str
    works: bool
    found: str


_PROBE = """
import importlib.metadata as m, importlib.util as u, json, sys
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return ""
print(json.dumps([[n, u.find_spec(n) is not None, version(n)] for n in sys.argv[1:]]))
"""


def probe(framework: Framework, environments: Environments, timeout: float = 30.0) -> Probe:
    """Ask a framework's Python what it has, without importing anything heavy. Raises nothing."""
    python = environments.python(framework.name)
    try:
        done = subprocess.run(
            [python, "-c", _PROBE, *framework.modules],
            capture_output=True, text=True, timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        rows = [(str(name), bool(there), str(version)) for name, there, version in json.loads(done.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError):
        return Probe(python, False, f"{python} does not start, or is no Python")
    major = int("0" + rows[0][2].partition(".")[0]) if rows else 0
    rows = [row for row in rows if row[1] or major < framework.until.get(row[0], major + 1)]
    missing = [name for name, there, _ in rows if not there]
    if missing or not rows:
        return Probe(python, False, f"no {', '.join(missing) or 'answer'} in {python}")
    told = ", ".join(f"{name} {version}".strip() for name, _, version in rows)
    return Probe(python, True, f"{told} in {python}")
