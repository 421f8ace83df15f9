"""What in an output folder is edgeq's own, and what is the user's: told by hashes, never by guess.

A folder's manifest ``edgeq.json`` says what edgeq put there:

- ``files``: the SHA-256 of each file, by its path in the folder;
- ``later``: what later runs write there, whatever is in it (logs, what a build makes);
- ``folders``: output folders in the folder, which have a manifest of their own;
- ``seal``: the SHA-256 of the manifest without this entry.

Nothing else is edgeq's, but what it leaves when it is killed (hidden ``.NAME.part-…`` and
``.NAME.edgeq-lock``) and a build folder of CMake's in a CMake project. Symbolic links are the user's, and
never followed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

MANIFEST = "edgeq.json"
"""The file that marks a folder as edgeq's own."""

OLD = re.compile(r"\.(.+)\.old-[0-9a-f]{8}")
"""A folder on its way out, under a name beside its own."""
PART = re.compile(r"\.(.+)\.part-[0-9a-f]{8}")
"""A file or folder on its way in."""
LOCK = re.compile(r"\.(.+)\.edgeq-lock")
"""Beside what a run works on."""

_CMAKE_PROJECT, _CMAKE_CACHE = "CMakeLists.txt", "CMakeCache.txt"
_MANIFEST_BYTES = 16 << 20

Kind = Literal["ours", "foreign", "changed"]


@dataclass(frozen=True)
class Record:
    """What edgeq has put into a folder; see the module's text."""

    files: Mapping[str, str] = field(default_factory=dict)
    later: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    sealed: bool = False

    def holds(self, folder: str) -> bool:
        """Whether one of its files is somewhere in that folder."""
        return any(path.startswith(f"{folder}/") for path in (*self.files, *self.later, *self.folders))


@dataclass(frozen=True)
class Entry:
    """One file, link or folder (whole) below a folder.

    Attributes:
        path: relative to the folder, with slashes; ends with one for a folder.
        kind: ``"ours"`` untouched, ``"changed"`` by the user since, or ``"foreign"``.
    """

    path: str
    kind: Kind


def sealed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with its seal."""
    bare = {key: value for key, value in manifest.items() if key != "seal"}
    return {**bare, "seal": _seal(bare)}


def read_record(folder: Path) -> Record | None:
    """What the folder's manifest says; None where it has none, or one that is no manifest."""
    path = folder / MANIFEST
    try:
        if path.is_symlink() or path.stat().st_size > _MANIFEST_BYTES:
            return None
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict):
        return None
    bare = {key: value for key, value in manifest.items() if key != "seal"}
    files = manifest.get("files")
    return Record(
        files={path: str(digest) for path, digest in files.items()} if isinstance(files, dict) else {},
        later=_names(manifest.get("later")),
        folders=_names(manifest.get("folders")),
        sealed=manifest.get("seal") == _seal(bare),
    )


def survey(folder: Path, record: Record | None = None) -> list[Entry]:
    """Everything in a folder, in the order of the names.

    Args:
        record: what edgeq has put there; None for what the folder's manifest says.

    Raises:
        OSError: a folder in it cannot be read.
    """
    return list(_entries(folder, "", "", record or read_record(folder) or Record()))


def _entries(folder: Path, prefix: str, inside: str, record: Record) -> Iterator[Entry]:
    """The entries of ``folder``.

    Args:
        prefix: what their paths begin with in the survey.
        inside: what they begin with in the record.
    """
    with os.scandir(folder) as found:
        names = sorted(found, key=lambda entry: entry.name)
    for entry in names:
        path, recorded = prefix + entry.name, inside + entry.name
        place = folder / entry.name
        if entry.is_symlink():
            known = recorded in record.files or recorded in record.later or recorded == MANIFEST
            yield Entry(path, "changed" if known else "foreign")
        elif entry.is_dir():
            yield from _inner(place, path, recorded, record)
        elif entry.is_file():
            yield Entry(path, _kind(place, recorded, record))
        else:
            yield Entry(path, "foreign")


def _inner(place: Path, path: str, recorded: str, record: Record) -> Iterator[Entry]:
    leaving = OLD.fullmatch(place.name)
    if leaving is not None:  # a run was killed while it replaced this
        recorded = recorded.removesuffix(place.name) + leaving[1]
    if PART.fullmatch(place.name) or (not leaving and _is_cmake_build(place, recorded, record)):
        yield Entry(f"{path}/", "ours")
    elif recorded in record.folders:
        yield from _entries(place, f"{path}/", "", read_record(place) or Record())
    elif record.holds(recorded):
        yield from _entries(place, f"{path}/", f"{recorded}/", record)
    else:
        yield Entry(f"{path}/", "foreign")


def _kind(place: Path, recorded: str, record: Record) -> Kind:
    if recorded == MANIFEST:
        return "ours" if record.sealed else "changed"
    if recorded in record.later or PART.fullmatch(place.name) or LOCK.fullmatch(place.name):
        return "ours"
    digest = record.files.get(recorded)
    if digest is None:
        return "foreign"
    try:
        return "ours" if digest == file_hash(place) else "changed"
    except OSError:
        return "changed"


def _is_cmake_build(place: Path, recorded: str, record: Record) -> bool:
    """CMake makes all that is in such a folder, whatever its name is; sources are not among it."""
    return (
        _CMAKE_PROJECT in record.files
        and "/" not in recorded
        and recorded not in record.folders
        and (place / _CMAKE_CACHE).is_file()
        and not os.path.lexists(place / _CMAKE_PROJECT)
    )


def file_hash(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _seal(bare: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def _names(value: object) -> frozenset[str]:
    return frozenset(str(name) for name in value) if isinstance(value, list) else frozenset()
