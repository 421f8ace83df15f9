"""Writing so that files and folders have their final names only when whole, and never replace others unasked.

Work happens under a hidden sibling name (the same file system, so that a rename is atomic) and is renamed at
the end. Whatever ends the work early, Ctrl-C included, removes the hidden one.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType

from edgeq.base.errors import UsageError

MANIFEST = "edgeq.json"
"""The file that marks a folder as edgeq's own: only such a folder is ever replaced."""


def write_atomic(path: Path, data: bytes, *, force: bool = False) -> None:
    """Write a file that appears under its name only when all of ``data`` is in it.

    Missing parent folders are made. With ``force`` an existing file is replaced in one step.

    Raises:
        UsageError: it exists and ``force`` is not given, is a folder, or cannot be written.
    """
    path = Path(path)
    refuse_existing_file(path, force=force)
    made = _make_parents(path)
    part = _hidden(path, "part")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if force:
            part.replace(path)
        else:
            _rename_new(part, path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        _remove_empty(made)
        if isinstance(error, FileExistsError):
            raise _exists(path) from error
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
    finally:
        part.unlink(missing_ok=True)


def refuse_existing_file(path: Path, *, force: bool) -> None:
    """Fail early, before any work, where :func:`write_atomic` would fail at the end.

    Raises:
        UsageError: the path is a folder, or exists and ``force`` is not given.
    """
    if path.is_dir():
        raise UsageError(
            f"{path} is a folder, and a file is to be written there", "give a file name with --out"
        )
    if not force and os.path.lexists(path):
        raise _exists(path)


def refuse_existing_folder(path: Path, *, force: bool) -> None:
    """Fail early, before any work, where :class:`OutputFolder` would fail.

    Raises:
        UsageError: the path is a file; a folder with something in it and no ``force``; or, with ``force``, a
            folder that edgeq did not make.
    """
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise UsageError(f"{path} exists and is not a folder", "give another place with --out")
    try:
        occupied = any(path.iterdir())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", "give another place with --out"
        ) from error
    if not occupied:
        return
    if not force:
        raise UsageError(
            f"the output folder {path} exists and is not empty",
            "use --force to replace it, or give another place with --out",
        )
    if not (path / MANIFEST).is_file():
        raise UsageError(
            f"{path} was not made by edgeq (it holds no {MANIFEST}), so --force does not replace it",
            "move or remove it yourself, or give another place with --out",
        )


_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO})


class OutputFolder:
    """A folder that appears under its name only when the ``with`` block succeeds.

    ``with OutputFolder(path) as tmp:`` gives a hidden, empty sibling folder to fill. On success it is renamed
    to ``path``; on any exception it is removed and ``path`` is as it was.

    Raises (on entry):
        UsageError: see :func:`refuse_existing_folder`; or the folder cannot be made.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self._path = Path(os.path.realpath(path))
        self._force = force
        self._tmp = _hidden(self._path, "part")
        self._made: list[Path] = []

    def __enter__(self) -> Path:
        refuse_existing_folder(self._path, force=self._force)
        self._made = _make_parents(self._path)
        try:
            self._tmp.mkdir()
        except OSError as error:
            _remove_empty(self._made)
            raise _unwritable(self._path, error) from error
        return self._tmp

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._put_in_place()
        finally:
            shutil.rmtree(self._tmp, ignore_errors=True)
            if kind is not None:
                _remove_empty(self._made)
        if isinstance(error, OSError) and error.errno in _DISK:
            raise _unwritable(self._path, error) from error

    def _put_in_place(self) -> None:
        refuse_existing_folder(self._path, force=self._force)  # somebody may have filled it meanwhile
        old = _hidden(self._path, "old")
        try:
            if self._path.is_dir() and any(self._path.iterdir()):
                self._path.rename(old)
            try:
                self._tmp.rename(self._path)
            except BaseException:
                if old.exists():
                    old.rename(self._path)
                raise
        except OSError as error:
            raise _unwritable(self._path, error) from error
        finally:
            if self._path.is_dir():
                shutil.rmtree(old, ignore_errors=True)


def _hidden(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name}.{kind}-{secrets.token_hex(4)}")


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


def _make_parents(path: Path) -> list[Path]:
    """Make the missing folders above ``path``; which ones, innermost first."""
    missing = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _remove_empty(missing)
        raise _unwritable(path, error) from error
    return missing


def _remove_empty(folders: list[Path]) -> None:
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} exists", "use --force to replace it, or give another place with --out")


def _unwritable(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or str(error)
    return UsageError(f"cannot write {path}: {reason}", "check the place, its permissions and the free space")
