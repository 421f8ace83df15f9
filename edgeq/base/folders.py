"""Output folders: one run at a time, in place only when whole, and nothing of the user's is ever lost.

A folder whose files are all as edgeq left them is replaced without asking. Where something else is in it, it
is refused; with ``force`` the user's own files stay where they are, what was changed is kept beside the new
as ``NAME.orig``, and the rest is replaced. A run that was killed at any moment leaves nothing that the next
one cannot set right by itself.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from edgeq.base.errors import UsageError
from edgeq.base.files import hidden, make_parents, remove_empty, unwritable, write_atomic
from edgeq.base.hints import ELSEWHERE, FORCE
from edgeq.base.locks import Busy, FileLock, held_by
from edgeq.base.ownership import LOCK, MANIFEST, OLD, PART, Entry, Record, file_hash, sealed, survey
from edgeq.base.progress import SILENT, Progress

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS})
_NAMED = 3

_held: dict[Path, int] = {}
"""The folders that this process holds, and the thread that does."""
_guard = threading.Lock()


@contextmanager
def holding(path: Path, record: Record | None = None, *, otherwise: str = ELSEWHERE) -> Iterator[None]:
    """Keep other runs out of an output, a folder or a file, and set right what a killed one left there.

    The same thread may hold it again. Missing parent folders are made, and removed if they stay empty.

    Args:
        record: what edgeq has put there; None for what the folder's manifest says.
        otherwise: what to do but wait where somebody works there.

    Raises:
        UsageError: another process, or another thread, works there; or nothing can be written there.
    """
    shown, path = path, Path(os.path.realpath(path))
    me = threading.get_ident()
    with _guard:
        holder = _held.setdefault(path, 0) or me
        if holder != me:
            raise _busy(shown, Busy(os.getpid()), otherwise)
        again = _held[path] == me
        _held[path] = me
    if again:
        yield
        return
    made: list[Path] = []
    lock = FileLock(_lock_of(path))
    try:
        made = make_parents(path)
        try:
            lock.acquire()
        except Busy as error:
            raise _busy(shown, error, otherwise) from error
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise unwritable(path, error) from error
        _recover(path, record)
        yield
    finally:
        lock.release()
        remove_empty(made)
        with _guard:
            del _held[path]


def refuse_existing_folder(path: Path, *, force: bool) -> None:
    """Fail early, before any work, where :class:`OutputFolder` would fail.

    Raises:
        UsageError: the path is a file; another run works in the folder; something in it is not as edgeq left
            it and ``force`` is not given; or, with ``force``, edgeq did not make the folder.
    """
    shown, path = path, Path(os.path.realpath(path))
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise UsageError(f"{shown} exists and is not a folder", ELSEWHERE)
    try:
        entries = survey(path)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}", ELSEWHERE) from error
    for lock in (_lock_of(path), *(path / entry.path for entry in entries if LOCK.search(entry.path))):
        if not _is_mine(lock) and (busy := held_by(lock)):
            raise _busy(shown, busy)
    strangers = [entry for entry in entries if entry.kind != "ours"]
    if not strangers:
        return
    if not (path / MANIFEST).is_file():
        raise UsageError(
            f"{shown} exists, is not empty, and was not made by edgeq (it holds no {MANIFEST})",
            f"move or remove it yourself, or {ELSEWHERE}",
        )
    if not force:
        raise UsageError(f"{shown} holds {_told(strangers)}", f"{_RULE}; or {ELSEWHERE}")


_RULE = (
    f"{FORCE} replaces what edgeq made, leaves your own files where they are, and keeps what you changed as "
    "NAME.orig"
)


class OutputFolder:
    """A folder that appears under its name only when the ``with`` block succeeds.

    ``with OutputFolder(path) as tmp:`` gives a hidden, empty sibling folder to fill. On success it is renamed
    to ``path``; on any exception it is removed and ``path`` is as it was. A manifest in it gets the hashes of
    all its files. Meanwhile no other run writes there.

    Args:
        force: see :func:`refuse_existing_folder`.
        progress: hears of the user's files that were kept.

    Raises (on entry):
        UsageError: as :func:`holding` and :func:`refuse_existing_folder`; or the folder cannot be made.
    """

    def __init__(self, path: Path, *, force: bool = False, progress: Progress = SILENT) -> None:
        self._shown = path
        self._path = Path(os.path.realpath(path))
        self._force = force
        self._progress = progress
        self._tmp = hidden(self._path, "part")
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Path:
        refuse_existing_folder(self._shown, force=self._force)
        with contextlib.ExitStack() as stack:
            stack.enter_context(holding(self._shown))
            refuse_existing_folder(self._shown, force=self._force)
            try:
                self._tmp.mkdir()
            except OSError as error:
                raise unwritable(self._shown, error) from error
            self._stack = stack.pop_all()
        return self._tmp

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack:
            try:
                if kind is None:
                    self._put_in_place()
            except OSError as failed:
                raise unwritable(self._shown, failed) from failed
            finally:
                shutil.rmtree(self._tmp, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in _DISK:
            raise unwritable(self._shown, error) from error

    def _put_in_place(self) -> None:
        _seal(self._tmp)
        refuse_existing_folder(self._shown, force=self._force)  # somebody may have filled it meanwhile
        replace_folder(self._tmp, self._path, progress=self._progress)


def replace_folder(
    part: Path, path: Path, *, record: Record | None = None, progress: Progress = SILENT
) -> None:
    """Put a finished folder in place of an earlier one, and keep what in that is the user's.

    Args:
        record: what edgeq had put into the earlier one; None for what its manifest says.

    Raises:
        OSError: it cannot be renamed; then the earlier one is in its place.
    """
    old = hidden(path, "old")
    there = os.path.lexists(path)
    if there:
        path.rename(old)
    try:
        part.rename(path)
    except BaseException:
        if there:
            old.rename(path)
        raise
    if there and (kept := _merge(old, path, record)):
        names = ", ".join(kept[:_NAMED]) + (f" and {len(kept) - _NAMED} more" if len(kept) > _NAMED else "")
        progress.note(f"kept in {path}, since edgeq did not make it so: {names}")


def add_file(folder: Path, name: str, data: bytes) -> None:
    """Write a file into an output folder that is in place, and its hash into the manifest.

    The manifest goes first: it may name a file that is not there, but no file of edgeq's is unknown to it.

    Raises:
        UsageError: as :func:`~edgeq.base.files.write_atomic`.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} was removed or changed while edgeq was at work", "run it again") from error
    files = {**manifest.get("files", {}), name: hashlib.sha256(data).hexdigest()}
    write_atomic(path, _text({**manifest, "files": dict(sorted(files.items()))}), force=True)
    write_atomic(folder / name, data)


def _seal(folder: Path) -> None:
    """Have the manifest, if there is one, say what is in the folder."""
    path = folder / MANIFEST
    if not path.is_file():
        return
    manifest = json.loads(path.read_bytes())
    if "seal" in manifest:
        return
    places = sorted(place for place in folder.rglob("*") if place.is_file())
    inner = [place.parent for place in places if place.name == MANIFEST and place != path]
    names = [place for place in places if place != path and not any(one in place.parents for one in inner)]
    manifest["files"] = {place.relative_to(folder).as_posix(): file_hash(place) for place in names}
    if inner:
        manifest["folders"] = [place.relative_to(folder).as_posix() for place in inner]
    path.write_bytes(_text(manifest))


def _text(manifest: dict[str, object]) -> bytes:
    return (json.dumps(sealed(manifest), indent=2) + "\n").encode()


def _recover(path: Path, record: Record | None) -> None:
    """Remove what a killed run was making, and end what it was replacing. The lock is held."""
    try:
        beside = list(path.parent.iterdir())
    except OSError:
        return
    for place in beside:
        part, old = PART.fullmatch(place.name), OLD.fullmatch(place.name)
        if part is not None and part[1] == path.name and place.is_dir() and not place.is_symlink():
            shutil.rmtree(place, ignore_errors=True)
        elif old is not None and old[1] == path.name:
            try:
                if path.is_dir():
                    _merge(place, path, record)
                elif not os.path.lexists(path):
                    place.rename(path)
            except OSError as error:
                raise unwritable(path, error) from error


def _merge(old: Path, new: Path, record: Record | None) -> list[str]:
    """Remove from ``old`` what is edgeq's, move the rest over into ``new``; where to, relative to it.

    It can be done again from whatever point it was stopped at: a manifest goes when nothing is left that it
    knows, no empty folder either, so that the outermost goes last.
    """
    if old.is_symlink() or not old.is_dir():
        kept = free_name(new.with_name(f"{new.name}.orig"))
        old.rename(kept)
        return [os.path.relpath(kept, new)]
    kept_names = []
    for entry in sorted(survey(old, record), key=_turn):
        place = old / entry.path
        if place.name == MANIFEST:
            _remove_empty_folders(place.parent)
        if entry.kind != "ours":
            kept_names.append(_move(place, new, entry))
        elif not entry.path.endswith("/"):
            place.unlink()
        elif PART.fullmatch(place.name):
            shutil.rmtree(place)
        else:  # in part it would be no more what it is known by
            shutil.rmtree(place.rename(hidden(place, "part")))
    _remove_empty_folders(old)
    return kept_names


def _turn(entry: Entry) -> tuple[bool, int, bool]:
    """Manifests last, inner ones before outer ones; what keeps its name before what gets another."""
    is_manifest = entry.path.rpartition("/")[2] == MANIFEST
    return is_manifest, -entry.path.count("/") if is_manifest else 0, entry.kind == "changed"


def _remove_empty_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        with contextlib.suppress(OSError):  # what came into it meanwhile is for the next run to keep
            Path(folder).rmdir()


def _move(place: Path, new: Path, entry: Entry) -> str:
    """Move one of the user's files or folders to where it was, or as near as what is new there allows."""
    *parents, name = entry.path.rstrip("/").split("/")
    folder = new
    for parent in parents:
        folder = folder / parent
        if folder.is_symlink() or (os.path.lexists(folder) and not folder.is_dir()):
            folder = free_name(folder.with_name(f"{folder.name}.orig"))
        folder.mkdir(exist_ok=True)
    target = folder / name
    if entry.kind == "changed" or os.path.lexists(target):
        target = free_name(target.with_name(f"{name}.orig"))
    place.rename(target)
    return target.relative_to(new).as_posix()


def free_name(path: Path) -> Path:
    """The path, or with the first number behind it that nothing is named by."""
    number = 0
    found = path
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.name}{number}")
    return found


def _told(strangers: Sequence[Entry]) -> str:
    """``2 files that edgeq did not make (a, b) and 1 that was changed since (c)``."""
    told = []
    for kind, one, many in (
        ("foreign", "that edgeq did not make", "that edgeq did not make"),
        ("changed", "that was changed since", "that were changed since"),
    ):
        names = [entry.path for entry in strangers if entry.kind == kind]
        if names:
            count = "1 file" if len(names) == 1 else f"{len(names)} files"
            shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
            told.append(f"{count} {one if len(names) == 1 else many} ({shown})")
    return " and ".join(told)


def _lock_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.edgeq-lock")


def _is_mine(lock: Path) -> bool:
    match = LOCK.fullmatch(lock.name)
    return match is not None and lock.with_name(match[1]) in _held


def _busy(path: Path, error: Busy, otherwise: str = ELSEWHERE) -> UsageError:
    return UsageError(f"{path} is in use by {error.who}", f"wait until it has ended, or {otherwise}")
