"""The firmware as a native process: its console is standard input and output."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time

from edgeq.base.errors import DeviceError
from edgeq.builder.image import Image
from edgeq.targets.stream import ByteQueue, Closing, QueueStream

_WRITE_TIMEOUT = 10.0
_CHUNK = 1 << 16
_STEP = 0.1


class HostTarget(Closing):
    """The board ``host``."""

    def __init__(self) -> None:
        self._image: Image | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._sent = ByteQueue()

    def __enter__(self) -> HostTarget:
        return self

    def flash(self, image: Image) -> None:
        """Start the process. Raises DeviceError when it does not start."""
        self._image = image
        self.reset()

    def reset(self) -> None:
        """Start the process anew."""
        if self._image is None:
            raise DeviceError("there is no firmware to run", "flash an image first")
        self.close()
        self._sent.clear()
        try:
            process = subprocess.Popen(
                (str(self._image.elf),),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise DeviceError(
                f"cannot start {self._image.elf}: {error.strerror}", "build it again on this machine"
            ) from error
        assert process.stdin is not None and process.stdout is not None  # noqa: S101 - asked for above
        os.set_blocking(process.stdin.fileno(), False)
        self._process = process
        self._reader = threading.Thread(
            target=self._read, args=(process.stdout.fileno(),), name="edgeq-host", daemon=True
        )
        self._reader.start()

    def _read(self, output: int) -> None:
        while True:
            try:
                data = os.read(output, _CHUNK)
            except OSError:
                data = b""
            if not data:
                self._sent.end()
                return
            while not self._sent.wait_for_room(_STEP):
                if self._process is None:
                    return
            self._sent.put(data)

    def open(self) -> QueueStream:
        """The console: a new stream to the same process."""
        if self._process is None:
            raise DeviceError("there is no firmware running", "flash an image first")
        return QueueStream(self._write, self._sent, self._gone)

    def _write(self, data: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise self._gone()
        view = memoryview(data)
        deadline = time.monotonic() + _WRITE_TIMEOUT
        while view:
            try:
                view = view[os.write(process.stdin.fileno(), view) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DeviceError(
                        f"the firmware's process takes no input for {_WRITE_TIMEOUT:.0f} s",
                        "it may hang: run it under a debugger",
                    ) from None
                select.select([], [process.stdin], [], 0.1)
            except OSError as error:
                raise self._gone() from error

    def _gone(self) -> DeviceError:
        process = self._process
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
        return DeviceError(
            self.diagnosis() or "the firmware's process was closed", "run the ELF under a debugger"
        )

    def diagnosis(self) -> str | None:
        """How the process ended; None while it runs."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return None
        if code >= 0:
            return f"the firmware's process has ended with code {code}"
        with contextlib.suppress(ValueError):
            return f"the firmware's process was ended by {signal.Signals(-code).name}"
        return f"the firmware's process was ended by signal {-code}"

    def close(self) -> None:
        """End the process and wait for it."""
        process, reader = self._process, self._reader
        self._process = self._reader = None
        if process is None:
            return
        process.kill()
        process.wait()
        if reader is not None:
            reader.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
