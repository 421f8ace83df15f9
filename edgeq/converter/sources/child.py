"""Running the worker: in a process that may crash, hang or talk nonsense without taking edgeq along."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.base.hints import document
from edgeq.converter.sources import worker
from edgeq.converter.sources.environments import FRAMEWORKS, NEEDED, Environments, Framework
from edgeq.converter.sources.kinds import Kind
from edgeq.graph.load import MAX_FILE_BYTES

_LONGEST_ANSWER = 1 << 20
_SHOWN_LINES = 6


Ends = tuple[tuple[str, tuple[str, ...]], ...]
"""Of each input or output its name, and the names that a converter may have given it."""


@dataclass(frozen=True)
class Translated:
    """What the worker made.

    Attributes:
        model: a .tflite file, not yet read.
        tool: what made it, with versions.
        notes: what it has to say, in sentences.
        inputs, outputs: the source's own, in its order: the name of each, and those that the tool may have
            given it; empty where the source does not say.
    """

    model: bytes
    tool: str
    notes: tuple[str, ...]
    inputs: Ends = ()
    outputs: Ends = ()


def translate(kind: Kind, source: str, environments: Environments, signature: str = "") -> Translated:
    """Have a source converted to a float .tflite file.

    Args:
        kind: what the source is; not ``"tflite"``.
        source: its absolute path, or ``module:function``.
        environments: which Python has what.
        signature: of a SavedModel; empty for the usual one.

    Raises:
        ToolMissingError: the framework is not there.
        ModelError: the framework refused the model, crashed, took too long, or made no model.
    """
    framework = FRAMEWORKS[NEEDED[kind]]
    python = environments.python(framework.name)
    with TemporaryDirectory(prefix="edgeq-source-") as name:
        folder = Path(name)
        code = _run(
            [python, worker.__file__, kind, source, name, signature], folder, environments.timeout, framework
        )
        answer = _answer(folder, source, code)
        if "missing" in answer:
            raise _missing(framework, f"{python} has no package {answer['missing']}")
        if "error" in answer:
            raise ModelError(
                f"{source} cannot be converted: {answer['error']}",
                f"{python} says so; {document('sources.md')} helps",
            )
        model = folder / "model.tflite"
        if code or not model.is_file() or not 0 < model.stat().st_size <= MAX_FILE_BYTES:
            raise ModelError(
                f"the converter made no model of {source}{_last_lines(folder)}", "see what it says"
            )
        notes = [str(note) for note in answer.get("notes") or ()]
        ends = (_ends(answer.get(which)) for which in ("inputs", "outputs"))
        return Translated(model.read_bytes(), str(answer.get("tool", "")), tuple(notes), *ends)


def _ends(said: object) -> Ends:
    """The names that the worker told; none where it did not."""
    if not isinstance(said, list):
        return ()
    try:
        return tuple((str(name), tuple(str(one) for one in made)) for name, made in said)
    except (TypeError, ValueError):
        return ()


def _run(command: list[str], folder: Path, timeout: float, framework: Framework) -> int:
    """Run it in a session of its own, so that what it starts ends with it; the exit code."""
    environ = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="2", CUDA_VISIBLE_DEVICES="-1")
    environ["PATH"] = os.pathsep.join((str(Path(command[0]).parent), environ.get("PATH", os.defpath)))
    with (folder / "log").open("wb") as log:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environ, start_new_session=True
            )
        except OSError as error:
            raise _missing(framework, f"{command[0]} does not start ({error.strerror})") from error
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise ModelError(
                f"the converter of {command[3]} was stopped after {timeout:g} s{_last_lines(folder)}",
                "set `timeout` in the table [sources] of edgeq.toml for more, in seconds",
            ) from error
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _missing(framework: Framework, what: str) -> ToolMissingError:
    return ToolMissingError(f"{framework.purpose} need {framework.name}: {what}", framework.command)


def _answer(folder: Path, source: str, code: int) -> dict[str, Any]:
    number = -code if code < 0 else code - 128
    if number in set(signal.Signals):
        raise ModelError(
            f"the converter of {source} crashed (signal {signal.Signals(number).name}){_last_lines(folder)}",
            "TensorFlow crashes on some recurrent layers: build them with unroll=True; else convert the "
            "model in parts to find the layer",
        )
    try:
        with (folder / "answer.json").open("rb") as file:
            answer = json.loads(file.read(_LONGEST_ANSWER))
    except (OSError, ValueError):
        answer = None
    if not isinstance(answer, dict):
        raise ModelError(
            f"the converter of {source} ended without an answer (exit code {code}){_last_lines(folder)}",
            "edgeq doctor shows which Python it is",
        )
    return answer


def _last_lines(folder: Path) -> str:
    """The end of what the framework printed."""
    try:
        with (folder / "log").open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4096))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    told = [line.strip()[:200] for line in lines if line.strip()]
    return "".join(f"\n  {line}" for line in told[-_SHOWN_LINES:])
