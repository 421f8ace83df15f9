"""A session with the worker beside the device: started, fed, watched, and ended however the work ends."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import EdgeqError
from edgeq.interpreter.protocol import ProtocolError, receive, send
from edgeq.targets.coral import worker
from edgeq.targets.coral.causes import (
    Ending,
    Trouble,
    command_missing,
    during_inference,
    why_ended,
    why_refused,
)
from edgeq.targets.coral.destination import CONNECT_SECONDS, Destination
from edgeq.targets.coral.host import Host

START_SECONDS = 30.0
LOAD_SECONDS = 120.0
INVOKE_SECONDS = 120.0
ROOT = "/"
"""Where the other side looks for ``sys`` and ``dev``."""

_CHUNK_BYTES = 4 << 20
_LAST_WORDS = 5.0
_NOISE = 1 << 16
_SSH_FAILED = 255

Array = npt.NDArray[np.generic]
Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Stage:
    """A model, or a part of one, and what runs it.

    Attributes:
        model: the .tflite file; a compiled one where ``delegate``.
        delegate: whether the Edge TPU runs what was compiled for it; else the CPU alone.
        device: which one, as the delegate names them (``usb:0``, ``pci``); empty for any.
    """

    model: bytes
    delegate: bool
    device: str = ""


@dataclass(frozen=True)
class Names:
    """The tensors by which parts of a model hang together: those that it reads and gives as a whole."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Loaded:
    """A model that is ready there: milliseconds until it was, and by which package."""

    load_ms: float
    package: str
    version: str


@dataclass(frozen=True)
class Timed:
    """Outputs, one array ``[n, *shape]`` each, and milliseconds of each of the ``n`` inferences.

    Attributes:
        invoke_ms: the invoke alone; of several stages, the sum of theirs.
        whole_ms: with the copies of inputs and outputs; of several stages, which work at the same time, what
            each inference took longer than the one before.
        stage_ms: the invoke of each stage, ``[stages, n]``.
    """

    outputs: list[Array]
    invoke_ms: list[float]
    whole_ms: list[float]
    stage_ms: list[list[float]]


class Session:
    """One worker at a destination, ended with the ``with`` block.

    Raises:
        DeviceError, ToolMissingError: on entering and in every method, with one cause.
    """

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._expired = False
        self._doing = "start"
        self._delegate = False
        self._card = False
        self._names: Names | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed in __exit__
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Session:
        try:
            self._process = subprocess.Popen(
                self._destination.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log
            )
            self._start()
        except FileNotFoundError as error:
            self._end()
            raise command_missing(self._destination, str(error.filename)) from error
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def probe(self) -> Host:
        """What the machine has."""
        self._doing = "probe"
        answer, _ = self._ask({"do": "probe", "root": ROOT}, (), None, START_SECONDS)
        host = Host.read(answer)
        self._card = host.is_card
        return host

    def load(self, *stages: Stage, names: Names | None = None, companions: Sequence[Stage] = ()) -> Loaded:
        """Load a model, or the parts of one that run one after the other, each with its own device.

        Args:
            stages: in the order in which they run.
            names: of the whole model's inputs and outputs; needed for more than one stage.
            companions: models that take turns with a single stage on its device.
        """
        self._doing = "load"
        self._names = names
        loaded = []
        kinds = ["first", *["next"] * (len(stages) - 1), *["companion"] * len(companions)]
        for kind, stage in zip(kinds, (*stages, *companions), strict=True):
            self._delegate = stage.delegate
            if stage.device:
                self._card = stage.device.startswith("pci")
            head = {"do": "load", "kind": kind, "delegate": stage.delegate, "device": stage.device}
            answer, _ = self._ask(head, (), stage.model, LOAD_SECONDS)
            loaded.append(Loaded(float(answer["load_ms"]), str(answer["package"]), str(answer["version"])))
        self._delegate = any(stage.delegate for stage in stages)
        return replace(loaded[0], load_ms=sum(one.load_ms for one in loaded[: len(stages)]))

    def run(self, inputs: Sequence[Array], advance: Advance | None = None) -> Timed:
        """Run samples, one invoke each.

        Args:
            inputs: one array per model input, ``[n, ...]``, of the input's own type.
            advance: called with (samples done, samples in all).
        """
        self._doing = "invoke"
        count = len(inputs[0])
        # The first sample goes alone: it brings the weights to the device, and may take long.
        step = max(1, min(64, _CHUNK_BYTES // max(1, sum(array[:1].nbytes for array in inputs))))
        edges = [0, *range(1, count, step), count] if count > 1 else [0, count]
        parts: list[list[Array]] = []
        invoke_ms: list[float] = []
        whole_ms: list[float] = []
        stage_ms: list[list[float]] = []
        head: dict[str, Any] = {"do": "invoke"}
        if self._names is not None:
            head["names"] = {"inputs": self._names.inputs, "outputs": self._names.outputs}
        for start, end in pairwise(edges):
            chunk = [array[start:end] for array in inputs]
            answer, arrays = self._ask(head, chunk, None, INVOKE_SECONDS)
            parts.append(arrays)
            invoke_ms += [float(value) for value in answer["invoke_ms"]]
            whole_ms += [float(value) for value in answer["whole_ms"]]
            stage_ms = stage_ms or [[] for _ in answer["stage_ms"]]
            for times, more in zip(stage_ms, answer["stage_ms"], strict=True):
                times += [float(value) for value in more]
            if advance is not None:
                advance(end, count)
        return Timed(
            [np.concatenate(same) for same in zip(*parts, strict=True)], invoke_ms, whole_ms, stage_ms
        )

    def _start(self) -> None:
        program = Path(worker.__file__).read_bytes()
        with self._watched(START_SECONDS + CONNECT_SECONDS):
            stdin, stdout = self._pipes()
            stdin.write(len(program).to_bytes(8, "little") + program)
            stdin.flush()
            seen = b""
            # A login shell may greet before the worker does.
            while not seen.endswith(worker.MAGIC):
                byte = stdout.read(1)
                if not byte or len(seen) > _NOISE:
                    raise ProtocolError("no greeting")
                seen += byte

    def _ask(
        self, head: dict[str, Any], arrays: Sequence[Array], model: bytes | None, seconds: float
    ) -> tuple[dict[str, Any], list[Array]]:
        with self._watched(seconds):
            stdin, stdout = self._pipes()
            send(stdin, head, arrays, model)
            answer, returned, _ = receive(stdout)
        if "error" in answer:
            trouble = Trouble(
                phase=str(answer.get("phase") or self._doing),
                type=str(answer.get("type", "")),
                text=str(answer["error"]),
                delegate=self._delegate,
            )
            now = self._host_now(trouble)
            raise why_refused(self._destination, trouble, self._log_lines(), now, card=self._card)
        return answer, returned

    def _host_now(self, trouble: Trouble) -> Host | None:
        """What is plugged in after a failure; None where that cannot be told."""
        if trouble.phase == "probe":
            return None
        with contextlib.suppress(Exception), self._watched(START_SECONDS):
            stdin, stdout = self._pipes()
            send(stdin, {"do": "probe", "root": ROOT})
            answer, _, _ = receive(stdout)
            return None if "error" in answer else Host.read(answer)
        return None

    @contextlib.contextmanager
    def _watched(self, seconds: float) -> Any:
        watchdog = threading.Timer(seconds, self._expire)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        except (ProtocolError, BrokenPipeError) as error:
            raise self._ended(seconds) from error
        finally:
            watchdog.cancel()

    def _ended(self, seconds: float) -> Exception:
        process = cast("subprocess.Popen[bytes]", self._process)
        # The pipe ends a moment before the process does, and its own exit code is wanted.
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_WORDS)
        process.kill()
        code = process.wait()
        ending = Ending(None if self._expired else code, seconds, self._log_lines())
        lost = self._destination.is_remote and ending.code == _SSH_FAILED and ending.lines
        if self._doing == "invoke" and self._delegate and not lost:
            return during_inference(self._destination, ending.how, self._seen_anew(), card=self._card)
        return why_ended(self._destination, self._doing, ending, card=self._card)

    def _seen_anew(self) -> Host | None:
        """What a new worker finds after this one is gone."""
        with contextlib.suppress(EdgeqError), Session(self._destination) as other:
            return other.probe()
        return None

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        process = cast("subprocess.Popen[bytes]", self._process)
        return cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)

    def _expire(self) -> None:
        self._expired = True
        if self._process is not None:
            self._process.kill()

    def _end(self) -> None:
        process = self._process
        if process is not None:
            # Closing stdin is what ends the worker on another machine; killing ssh then loses nothing.
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
            process.kill()
            process.wait()
        self._log.close()

    def _log_lines(self) -> tuple[str, ...]:
        self._log.seek(0)
        lines = self._log.read(_NOISE).decode(errors="replace").splitlines()
        return tuple(line.strip()[:300] for line in lines if line.strip() and not line.startswith("INFO:"))
