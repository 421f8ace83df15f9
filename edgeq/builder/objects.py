"""Objects that were compiled before: the same text, flags and compiler give the same object.

Most files of firmware are the same for every network, and most of a deployment's time was the compiler's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from edgeq.base.files import hidden

_INCLUDE = re.compile(rb'#[ \t\f\v]*include\b[ \t\f\v]*(?:"([^"\n]*)"|<([^>\n]*)>|(.*))')
_OTHERWISE = re.compile(
    rb"incbin|\.include|__has_include|\?\?=|%:"
    rb"|#[ \t\f\v]*(?:embed|import|include_next|/[*/]|i?n?c?l?u?d?e?[ \t]*\\\r?\n)"
)
"""Ways to read a file that are not looked into."""
_MOST = 256 << 20
"""Bytes that are kept; the half that was wanted last stays when there are more."""


class Objects:
    """The objects in one folder, found by a hash of all that goes into them.

    Args:
        folder: where they are kept; made by the first that is.
        project: what paths are relative to.
        include_dirs: where the compiler looks for headers, below the project.
    """

    def __init__(self, folder: Path, project: Path, include_dirs: Sequence[str]) -> None:
        self._folder = folder
        self._project = project
        self._include_dirs = include_dirs
        self._texts: dict[str, bytes | None] = {}

    def key(self, source: str, made_with: Sequence[str]) -> str | None:
        """The hash of a file, all that it includes, and what it is compiled with.

        Args:
            source: its path in the project.
            made_with: compiler, version and flags, without paths of this machine.

        Returns:
            None where a file may be read in a way that is not understood here.
        """
        digest = hashlib.sha256()
        for flag in made_with:
            _add(digest, os.fsencode(flag))
        seen = {source}
        left = [source]
        while left:
            path = left.pop()
            text = self._text(path)
            if text is None or _OTHERWISE.search(text):
                return None
            _add(digest, os.fsencode(path))
            _add(digest, text)
            for found in self._included(path, text):
                if found is None:
                    return None
                if found not in seen:
                    seen.add(found)
                    left.append(found)
        return digest.hexdigest()

    def take(self, key: str, target: Path) -> bool:
        """Put a kept object where it is wanted; False where there is none."""
        kept = self._folder / f"{key}.o"
        try:
            shutil.copyfile(kept, target)
            os.utime(kept)
        except OSError:
            return False
        return True

    def keep(self, made: Mapping[str, Path]) -> None:
        """Keep objects by their keys, as far as the folder can be written."""
        if not made:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for key, path in made.items():
                kept = self._folder / f"{key}.o"
                shutil.copyfile(path, part := hidden(kept, "part"))
                part.replace(kept)
            self._prune()

    def _prune(self) -> None:
        found = [(one.stat(), one.path) for one in os.scandir(self._folder)]
        left = sum(told.st_size for told, _ in found)
        if left <= _MOST:
            return
        for told, path in sorted(found, key=lambda one: one[0].st_mtime):
            if left <= _MOST // 2:
                break
            with contextlib.suppress(FileNotFoundError):  # another build's to remove, too
                Path(path).unlink()
            left -= told.st_size

    def _text(self, path: str) -> bytes | None:
        if path not in self._texts:
            try:
                self._texts[path] = (self._project / path).read_bytes()
            except OSError:
                self._texts[path] = None
        return self._texts[path]

    def _included(self, path: str, text: bytes) -> Iterator[str | None]:
        """The files of the project that a text includes; None for what is not found, or has no plain name."""
        for quoted, angled, other in _INCLUDE.findall(text):
            name = os.fsdecode(quoted or angled)
            if other or not name or name.startswith("/"):
                yield None
                continue
            near = [str(PurePosixPath(path).parent)] if quoted else []
            places = (os.path.normpath(f"{folder}/{name}") for folder in (*near, *self._include_dirs))
            found = next((one for one in places if self._text(one) is not None), None)
            if found is not None or quoted:
                yield None if found is None or found.startswith(("..", os.sep)) else found


def _add(digest: hashlib._Hash, text: bytes) -> None:
    digest.update(len(text).to_bytes(8, "little") + text)
