"""What the tests of output folders make and look at."""

from __future__ import annotations

import json
import os
from pathlib import Path

from edgeq.base.folders import OutputFolder

OURS = {"a": b"1", "src/b.c": b"2", "src/deep/c.h": b"3", "CMakeLists.txt": b"4"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def make(place: Path, content: dict[str, bytes] = OURS, *, force: bool = False) -> None:
    with OutputFolder(place, force=force) as tmp:
        for path, data in content.items():
            (tmp / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp / path).write_bytes(data)
        (tmp / "edgeq.json").write_text(json.dumps({"later": ["serial.log", "build/build.log"]}))


def content(folder: Path) -> dict[str, bytes]:
    """Of every file, and where every link points."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            found[str(path.relative_to(folder))] = b"-> " + os.fsencode(path.readlink())
        elif path.is_file():
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found
