"""The child process: ``python -m edgeq.interpreter.worker`` speaks the protocol on its stdin and stdout.

It may be killed, crash or run out of memory without harm to the parent. It ends with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, cast

import numpy as np

from edgeq.base.errors import ToolMissingError
from edgeq.interpreter.adaptor import Adaptor, Array
from edgeq.interpreter.protocol import ProtocolError, receive, send
from edgeq.interpreter.tflm import TflmAdaptor, smallest_arena

Work = Callable[[list[Array], list[bool]], tuple[dict[str, object], list[Array]]]
"""A chunk of samples, one array per input, and which of them begin anew, into an answer's head and arrays."""
Inputs = list[tuple[tuple[int, ...], np.dtype[np.generic]]]


class Observer(Protocol):
    """Looks at tensors after each invoke, here in the child, and keeps what it makes of them."""

    def see(self, view: Callable[[int], Array]) -> None:
        """Look at one sample; ``view`` gives a tensor's own memory by index, until the next invoke."""

    def result(self) -> list[Array]:
        """What was found in all samples."""


_LOG_LIMIT = 16 << 20
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer one model's requests until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _die_with_parent()
    # Native libraries print to descriptor 1: it becomes the log, and the protocol gets one of its own.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests = sys.stdin.buffer
    try:
        _serve(requests, replies)
    except (ProtocolError, BrokenPipeError):
        os._exit(0)


def _serve(requests: BinaryIO, replies: BinaryIO) -> None:
    head, arrays, model = receive(requests)
    try:
        _limit_memory(int(head["memory"]))
        if head["mode"] == "arena":
            send(replies, {"arena": smallest_arena(model)})
            return
        if head["mode"] == "compute":
            send(replies, {}, _named(str(head["function"]))(head["plan"], arrays, model))
            return
        work, expected, shared = (_tflm if head["resolver"] == "tflm" else _tflite)(head, model)
    except ToolMissingError as error:
        send(replies, {"missing": error.message, "hint": error.hint})
        return
    except Exception as error:  # whatever native code raises is the model's fault, and the parent's to tell
        send(replies, {"error": _text(error)})
        return
    inputs = [[list(shape), dtype.str] for shape, dtype in expected]
    send(replies, {"inputs": inputs, "shared": shared})
    while True:
        asked, arrays, _ = receive(requests)
        try:
            reply = work(arrays, [bool(begins) for begins in asked["begins"]])
        except Exception as error:
            send(replies, {"error": _text(error)})
            return
        send(replies, reply[0], reply[1])


def _tflite(head: dict[str, Any], model: bytes) -> tuple[Work, Inputs, list[Any]]:
    keep = head["mode"] in ("tensors", "ranges", "observe")
    adaptor = Adaptor(model, head["resolver"], preserve_all_tensors=keep, threads=int(head["threads"]))
    shared = [pair for pair in head["pairs"] if adaptor.address(pair[0]) == adaptor.address(pair[1])]
    if head["mode"] == "observe":
        return _observing(adaptor, head), adaptor.inputs, shared
    watched = [int(index) for index in head["tensors"]]
    mode = str(head["mode"])
    return (lambda arrays, begins: _chunk(adaptor, mode, watched, arrays, begins)), adaptor.inputs, shared


def _tflm(_head: dict[str, Any], model: bytes) -> tuple[Work, Inputs, list[Any]]:
    adaptor = TflmAdaptor(model)
    return (lambda arrays, begins: _outputs(adaptor, arrays, begins)), adaptor.inputs, []


def _named(name: str) -> Callable[..., Any]:
    """What the parent, never a model, names as ``module:name``."""
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found


def _observing(adaptor: Adaptor, head: dict[str, Any]) -> Work:
    """Show every sample to an observer; the last chunk is answered with what it found."""
    observer = cast(Observer, _named(str(head["observer"]))(head["plan"]))
    left = int(head["samples"])

    def work(arrays: list[Array], begins: list[bool]) -> tuple[dict[str, object], list[Array]]:
        nonlocal left
        for sample in range(len(arrays[0])):
            _invoke(adaptor, arrays, sample, begins)
            observer.see(adaptor.view)
        left -= len(arrays[0])
        return {"indices": []}, [] if left else observer.result()

    return work


def _invoke(adaptor: Adaptor | TflmAdaptor, arrays: list[Array], sample: int, begins: list[bool]) -> None:
    if begins[sample]:
        adaptor.reset()
    adaptor.invoke(
        [array[sample].reshape(shape) for array, (shape, _) in zip(arrays, adaptor.inputs, strict=True)]
    )


def _outputs(
    adaptor: TflmAdaptor, arrays: list[Array], begins: list[bool]
) -> tuple[dict[str, object], list[Array]]:
    collected = []
    for sample in range(len(arrays[0])):
        _invoke(adaptor, arrays, sample, begins)
        collected.append(adaptor.outputs())
    return {"indices": []}, [np.stack(per_sample) for per_sample in zip(*collected, strict=True)]


def _chunk(
    adaptor: Adaptor, mode: str, watched: list[int], arrays: list[Array], begins: list[bool]
) -> tuple[dict[str, object], list[Array]]:
    count = len(arrays[0])
    collected: list[list[Array]] = []
    indices = watched
    lows = np.full(len(watched), np.inf, np.float32)
    highs = np.full(len(watched), -np.inf, np.float32)
    for sample in range(count):
        _invoke(adaptor, arrays, sample, begins)
        if mode == "outputs":
            collected.append(adaptor.outputs())
        elif mode == "tensors":
            found = _readable(adaptor)
            indices = [index for index, _ in found]
            collected.append([array for _, array in found])
        else:
            for position, index in enumerate(watched):
                low, high = _extremes(adaptor, index)
                # minimum and maximum, unlike min() and max() of Python, keep a NaN
                lows[position] = np.minimum(lows[position], low)
                highs[position] = np.maximum(highs[position], high)
    if mode == "ranges":
        return {"indices": watched}, [lows, highs]
    return {"indices": indices}, [np.stack(per_sample) for per_sample in zip(*collected, strict=True)]


def _extremes(adaptor: Adaptor, index: int) -> tuple[np.float32, np.float32]:
    """Smallest and largest value; the view is gone on return, as the next invoke demands."""
    values = adaptor.view(index)
    if not values.size:
        return np.float32(np.inf), np.float32(-np.inf)
    return np.float32(values.min()), np.float32(values.max())


def _readable(adaptor: Adaptor) -> list[tuple[int, Array]]:
    found = []
    for index in adaptor.indices():
        with contextlib.suppress(ValueError):  # temporaries of some kernels hold nothing
            array = adaptor.copy(index)
            if not array.dtype.hasobject:
                found.append((index, array))
    return found


def _text(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _limit_memory(extra: int) -> None:
    """Allow ``extra`` bytes of address space beyond what the imports took; no core file, no endless log."""
    if not sys.platform.startswith("linux"):
        return
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
        used = int(statm.read().split()[0]) * resource.getpagesize()
    for kind, limit in (
        (resource.RLIMIT_AS, used + extra),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _LOG_LIMIT),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _die_with_parent() -> None:
    """Have the kernel end this process with its parent; elsewhere than on Linux, the pipe's end does it."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    main()
