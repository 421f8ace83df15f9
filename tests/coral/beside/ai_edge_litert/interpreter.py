"""An interpreter whose delegate is a stand-in: CORAL_FAKE names what it does.

A compiled model is run by running the int8 model that it was compiled from, on the CPU: what the stand-in for
the compiler has put into it, else CORAL_INT8.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

MODE = os.environ.get("CORAL_FAKE", "")
HERE = str(Path(__file__).resolve().parents[1])


def load_delegate(library: str, options: dict[str, str] | None = None) -> object:
    assert library == "libedgetpu.so.1"
    if MODE == "no-library":
        raise OSError("libedgetpu.so.1: cannot open shared object file: No such file or directory")
    if MODE in ("no-device", "busy"):
        raise ValueError("Failed to load delegate from libedgetpu.so.1\n")
    if MODE == "mismatch":
        os.kill(os.getpid(), signal.SIGSEGV)
    return object()


class Interpreter:
    def __init__(self, model_content: bytes, experimental_delegates: list[object] | None = None) -> None:
        self._compiled = b"edgetpu-custom-op" in model_content
        self._delegates = experimental_delegates
        if self._compiled and experimental_delegates:
            model_content = _plain(model_content) or Path(os.environ["CORAL_INT8"]).read_bytes()
        self._inner: Any = _real().Interpreter(model_content=model_content)
        self._invoked = 0

    def allocate_tensors(self) -> None:
        if self._compiled and MODE == "old-runtime":
            raise RuntimeError(
                "Internal: Package requires runtime version (14), which is newer than this runtime version "
                "(13). Node number 0 (EdgeTpuDelegateForCustomOp) failed to prepare."
            )
        self._inner.allocate_tensors()

    def invoke(self) -> None:
        self._invoked += 1
        if "CORAL_INVOKED" in os.environ:
            which = "headed" if len(self._inner.get_output_details()) > 1 else "net"
            with Path(os.environ["CORAL_INVOKED"]).open("a") as log:
                log.write(which + "\n")
        if self._invoked > 3 and MODE == "unplugged":
            shutil.rmtree(Path(os.environ["CORAL_ROOT"], "sys/bus/usb/devices/2-1"), ignore_errors=True)
            raise RuntimeError("Failed to invoke: USB transfer error 5 [LibUsbDataOut]")
        if self._invoked > 3 and MODE == "drops-out":
            raise RuntimeError("Failed to invoke: USB transfer error 5 [LibUsbDataOut]")
        if self._invoked > 3 and MODE == "hangs":
            shutil.rmtree(Path(os.environ["CORAL_ROOT"], "sys/bus/usb/devices/2-1"), ignore_errors=True)
            time.sleep(600)
        self._inner.invoke()

    def get_tensor(self, index: int) -> Any:
        value = self._inner.get_tensor(index)
        if self._compiled and MODE == "rounds-otherwise":
            value.reshape(-1)[0] += 1 if value.reshape(-1)[0] < 100 else -1
        if self._compiled and MODE == "flickers":
            value.reshape(-1)[0] = self._invoked % 100
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def _plain(compiled: bytes) -> bytes:
    """What the stand-in for the compiler has put into its package; empty where it made none."""
    _, found, rest = compiled.partition(b"PLAIN-MODEL:")
    return rest[8 : 8 + int.from_bytes(rest[:8], "little")] if found else b""


def _real() -> Any:
    """The interpreter that is really installed."""
    mine = {name: module for name, module in sys.modules.items() if name.startswith("ai_edge_litert")}
    for name in mine:
        del sys.modules[name]
    path = list(sys.path)
    sys.path[:] = [entry for entry in path if entry != HERE]
    try:
        return importlib.import_module("ai_edge_litert.interpreter")
    finally:
        sys.path[:] = path
        sys.modules.update(mine)
