"""Files that begin a project: written where nothing is, and what is there is kept and told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edgeq.base.errors import UsageError
from edgeq.base.files import write_atomic

_FILES = Path(__file__).with_name("files")


@dataclass(frozen=True)
class Started:
    """What was done.

    Attributes:
        folder: of the project.
        written: the files that are new, relative to it.
        kept: those that were there, and are as they were.
    """

    folder: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """JSON values."""
        return {"folder": str(self.folder), "written": list(self.written), "kept": list(self.kept)}


def start(folder: Path, files: Mapping[str, bytes]) -> Started:
    """Write the files of which there is none yet.

    Args:
        files: contents by the path in the folder.

    Raises:
        UsageError: the folder is a file, or cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "give another place with --out")
    kept = [name for name in files if os.path.lexists(folder / name)]
    written = [name for name in files if name not in kept]
    for name in written:
        write_atomic(folder / name, files[name])
    return Started(folder, tuple(written), tuple(kept))


def filled(name: str, **values: str) -> bytes:
    """A file of this package with ``@NAME@`` replaced."""
    text = (_FILES / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"@{key.upper()}@", value)
    return text.encode()
