"""One edgeq per device: a lock that the system takes back when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from types import TracebackType

from edgeq.base.errors import DeviceError

_FOR_ALL = 0o666


class DeviceLock:
    """Held from ``acquire`` to ``release``.

    Args:
        key: what identifies the device: its serial number, or its port.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        name = f"edgeq-{hashlib.sha256(key.encode()).hexdigest()[:16]}.lock"
        self.path = Path(tempfile.gettempdir()) / name
        self._file: int | None = None

    def acquire(self) -> None:
        """Take it, without waiting.

        Raises:
            DeviceError: another process has it, which the message names; or the file cannot be opened.
        """
        import fcntl

        file = self._open()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 64, 0).decode("ascii", "replace").strip()
            os.close(file)
            who = f" (process {holder})" if holder.isdigit() else ""
            raise DeviceError(
                f"the device {self._key} is in use by another edgeq{who}",
                "wait until it has ended, or choose another --device",
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def _open(self) -> int:
        """The file; it is never removed, so that two holders cannot lock two files of one name."""
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with contextlib.suppress(FileNotFoundError):
                return os.open(self.path, flags)
            try:
                file = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, _FOR_ALL)
            except FileExistsError:  # made by another in between
                return os.open(self.path, flags)
            os.fchmod(file, _FOR_ALL)
            return file
        except OSError as error:
            raise DeviceError(
                f"cannot lock the device {self._key}: {self.path}: {error.strerror}",
                "check the permissions of that file",
            ) from error

    def release(self) -> None:
        """Give it back; more than once is fine."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> DeviceLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
