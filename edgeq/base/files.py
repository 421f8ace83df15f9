"""Writing so that a file has its final name only when whole, and never replaces another unasked.

Work happens under a hidden sibling name (the same file system, so that a rename is atomic) and is renamed at
the end. Whatever ends the work early, Ctrl-C included, removes the hidden one; what a killed run left is
removed by the next that writes there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from edgeq.base.errors import UsageError
from edgeq.base.hints import ELSEWHERE, FORCE
from edgeq.base.ownership import PART, file_hash


def write_atomic(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file that appears under its name only when all of ``data`` is in it.

    Missing parent folders are made. With ``force`` an existing file is replaced in one step; one that holds
    just ``data`` is left as it is.

    Raises:
        UsageError: another is there and ``force`` is not given, it is a folder, or cannot be written.
    """
    path = Path(path)
    if _holds(path, data):
        return
    refuse_existing_file(path, force=force)
    made = make_parents(path)
    part = hidden(path, "part")
    try:
        _sweep(path)
        file = _open_part(part)
        try:
            _write_all(file, data)
            os.fsync(file)
            if force:
                part.replace(path)
            else:
                _rename_new(part, path)
        finally:
            with contextlib.suppress(OSError):  # or it hides why the work failed
                part.unlink()
            os.close(file)
    except BaseException as error:
        remove_empty(made)
        if isinstance(error, FileExistsError):
            raise _exists(path) from error
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise


def refuse_existing_file(path: Path, *, force: bool) -> None:
    """Fail early, before any work, where :func:`write_atomic` would fail at the end.

    Raises:
        UsageError: the path is a folder, or exists and ``force`` is not given.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder, and a file is to be written there", "give a file's name")
    if not force and os.path.lexists(path):
        raise _exists(path)


def hidden(path: Path, kind: str) -> Path:
    """A name beside ``path`` for what is on its way in (``part``) or out (``old``)."""
    return path.with_name(f".{path.name}.{kind}-{secrets.token_hex(4)}")


def make_parents(path: Path) -> list[Path]:
    """Make the missing folders above ``path``; which ones, innermost first.

    Raises:
        UsageError: they cannot be made.
    """
    try:
        missing = [parent for parent in path.parents if not parent.exists()]
    except OSError as error:  # a parent that may not be entered, or a name that is too long
        raise unwritable(path, error) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remove_empty(missing)
        raise unwritable(path, error) from error
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Remove these folders, innermost first, up to the first that is not empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def unwritable(path: Path, error: OSError) -> UsageError:
    """The user's error for the system's."""
    reason = error.strerror or str(error)
    return UsageError(f"cannot write {path}: {reason}", "check the place, its permissions and the free space")


def _holds(path: Path, data: bytes) -> bool:
    try:
        return (
            path.is_file()
            and not path.is_symlink()
            and path.stat().st_size == len(data)
            and file_hash(path) == hashlib.sha256(data).hexdigest()
        )
    except OSError:
        return False


def _open_part(part: Path) -> int:
    """A new file with a lock, by which others see that its writer lives."""
    import fcntl

    while True:
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with contextlib.suppress(OSError):  # a file system without locks: nobody sweeps there
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # swept before it was locked


def _sweep(path: Path) -> None:
    """Remove what killed runs left beside ``path``: its parts that nobody has locked."""
    import fcntl

    with contextlib.suppress(OSError):
        for place in path.parent.iterdir():
            match = PART.fullmatch(place.name)
            if match is None or match[1] != path.name or place.is_symlink() or not place.is_file():
                continue
            with contextlib.suppress(OSError):
                file = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    place.unlink()
                finally:
                    os.close(file)


def _write_all(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _rename_new(part: Path, path: Path) -> None:
    """Give ``part`` its name unless something has it: a hard link fails where a rename would replace."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(str(path)) from None
        part.rename(path)


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} exists", f"use {FORCE} to replace it, or {ELSEWHERE}")
