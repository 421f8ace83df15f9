"""Who else quantizes, each in a process of its own: TensorFlow, and LiteRT's classic quantizer."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from edgeq.converter.sources import Environments
from edgeq.interpreter import run

Floats = npt.NDArray[np.float32]

FOLDER = Path(__file__).resolve().parent
CLOSE = 1e-4
"""How far TensorFlow's function may be from the .tflite in LiteRT, of the largest output."""
_COMPARED = 16
_LAUNCHER = """
import json, os, sys, time
begun = time.perf_counter()
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print("\\n" + json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - begun, usage.ru_maxrss]))
"""
"""By the kernel's account a process starts with the memory that its parent holds: this one holds little."""


@dataclass(frozen=True)
class Process:
    """What a process took.

    Attributes:
        seconds: from its start to its end.
        megabytes: the most memory that it, or the largest process that it waited for, held.
    """

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Conversion:
    """What one run of a rival gave.

    Attributes:
        models: int8 .tflite files, one for each set of samples.
        process: of the whole.
        seconds: of each conversion alone, without start and imports.
        tool: its name and version.
    """

    models: tuple[bytes, ...]
    process: Process
    seconds: tuple[float, ...]
    tool: str


def measured(command: Sequence[str], log: Path, **environ: str) -> tuple[int, Process, str]:
    """Run a command: its exit code, what it took, and its stdout; stderr goes to ``log``."""
    with log.open("wb") as told:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command],
            stdout=subprocess.PIPE, stderr=told, env={**os.environ, **environ}, check=True,
        )  # fmt: skip
    out, _, last = done.stdout.decode().rstrip().rpartition("\n")
    code, seconds, memory = json.loads(last)
    return code, Process(seconds, memory / (1 << 20 if sys.platform == "darwin" else 1 << 10)), out


@dataclass(frozen=True)
class Rival:
    """Another quantizer of float models.

    Attributes:
        title: for tables.
        python: who runs it.
        script: what of this folder.
    """

    title: str
    python: str
    script: str

    def convert(self, model: bytes, samples: Sequence[Floats]) -> Conversion:
        """Full int8 by each set of representative samples, in one process. SystemExit where it fails."""
        with TemporaryDirectory() as name:
            folder = Path(name)
            outs = [folder / f"{i}.tflite" for i in range(len(samples))]
            files: list[str] = []
            for i, (x, out) in enumerate(zip(samples, outs, strict=True)):
                np.save(folder / f"{i}.npy", x)
                files += [str(folder / f"{i}.npy"), str(out)]
            told, process = self._run(folder, model, files)
            models = tuple(out.read_bytes() for out in outs)
            return Conversion(models, process, tuple(told["convert_s"]), str(told["tool"]))

    def off_by(self, model: bytes, x: Floats) -> float:
        """How far what it converts is from the model in LiteRT, as a share of the largest output."""
        if self.script != "tensorflow_side.py":
            return 0.0  # it takes the .tflite file itself
        with TemporaryDirectory() as name:
            folder = Path(name)
            np.save(folder / "x.npy", x[:_COMPARED])
            np.save(folder / "y.npy", run(model, [x[:_COMPARED]])[0])
            told, _ = self._run(folder, model, ["--expect", str(folder / "y.npy"), str(folder / "x.npy")])
            return float(told["off_by"])

    def _run(self, folder: Path, model: bytes, arguments: list[str]) -> tuple[dict[str, Any], Process]:
        (folder / "model.tflite").write_bytes(model)
        command = [self.python, str(FOLDER / self.script), str(folder / "model.tflite"), *arguments]
        environ = {
            "PYTHONPATH": str(FOLDER.parent),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
        }
        code, process, out = measured(command, folder / "log", **environ)
        if code:
            sys.exit(
                f"{self.title}: exit code {code}\n{(folder / 'log').read_text(errors='replace')[-2000:]}"
            )
        told: dict[str, Any] = json.loads(out.splitlines()[-1])
        return told, process


def classic() -> Rival | None:
    """LiteRT's classic quantizer, where this LiteRT has it."""
    try:
        found = importlib.util.find_spec("ai_edge_litert._pywrap_tensorflow_lite_calibration_wrapper")
    except ImportError:
        return None
    return None if found is None else Rival("LiteRT classic", sys.executable, "classic_side.py")


def tensorflow() -> Rival | None:
    """TensorFlow, in the Python of EDGEQ_TF_PYTHON or in this one."""
    environments = Environments.from_environ()
    if environments.tensorflow is None and importlib.util.find_spec("tensorflow") is None:
        return None
    return Rival("TensorFlow", environments.python("tensorflow"), "tensorflow_side.py")
