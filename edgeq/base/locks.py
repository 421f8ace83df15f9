"""A lock that the system holds for a process, and takes back when that ends, however it ends."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_FOR_ALL = 0o666
_PID_BYTES = 64


class Busy(Exception):
    """Another process has the lock.

    Attributes:
        holder: its process id; None where it has not told.
    """

    def __init__(self, holder: int | None) -> None:
        super().__init__(holder)
        self.holder = holder

    @property
    def who(self) -> str:
        """In words: ``"another edgeq (process 4711)"``."""
        return "another edgeq" if self.holder is None else f"another edgeq (process {self.holder})"


class FileLock:
    """A lock on a file that holds the process id of whoever has it.

    Args:
        path: the file; a symbolic link is never followed.
        lasting: the file stays, open to all users; else it goes with its holder.
    """

    def __init__(self, path: Path, *, lasting: bool = False) -> None:
        self.path = path
        self._lasting = lasting
        self._file: int | None = None

    def acquire(self) -> None:
        """Take it, without waiting.

        Raises:
            Busy: another process has it.
            OSError: the file cannot be opened or made.
        """
        import fcntl

        while True:
            file = self._open()
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                busy = _busy(file)
                os.close(file)
                raise busy from error
            except OSError:
                os.close(file)
                raise
            if self._lasting or self._is_named(file):
                break
            os.close(file)  # its last holder has removed it in between
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give it back; more than once is fine."""
        if self._file is None:
            return
        file, self._file = self._file, None
        with contextlib.suppress(OSError):
            if self._lasting:
                os.ftruncate(file, 0)
            else:  # while it is held: who opens it from now on sees that it has no name
                self.path.unlink()
        os.close(file)

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        if not self._lasting:
            return os.open(self.path, flags | os.O_CREAT, _FOR_ALL)
        # Without O_CREAT first: in a sticky folder Linux refuses it on a file of another user's.
        with contextlib.suppress(FileNotFoundError):
            return os.open(self.path, flags)
        try:
            file = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, _FOR_ALL)
        except FileExistsError:  # made by another in between
            return os.open(self.path, flags)
        os.fchmod(file, _FOR_ALL)
        return file

    def _is_named(self, file: int) -> bool:
        try:
            named = self.path.lstat()
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(file))


def held_by(path: Path) -> Busy | None:
    """Who has the lock of that file; None where nobody has."""
    import fcntl

    try:
        file = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _busy(file)
    except OSError:
        return None
    finally:
        os.close(file)
    return None


def _busy(file: int) -> Busy:
    told = os.pread(file, _PID_BYTES, 0).decode("ascii", "replace").strip()
    return Busy(int(told) if told.isdecimal() else None)
