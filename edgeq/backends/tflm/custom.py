"""Custom operators for TFLM, which the user brings: a C++ header that names and registers them.

The header has a line for each. The files that it includes with quotes and finds beside it go along, as does
the .cc or .c of its name::

    EDGEQ_TFLM_OP("MyOp", mine::Register_MY_OP)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edgeq.base.errors import UsageError
from edgeq.base.hints import document

_ENTRY = re.compile(r'^[ \t]*EDGEQ_TFLM_OP\(\s*"([^"\\\n]+)"\s*,\s*([A-Za-z_][\w:]*)\s*\)', re.MULTILINE)
_MENTION = re.compile(r"^[ \t]*EDGEQ_TFLM_OP\b", re.MULTILINE)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
_SOURCES = (".cc", ".c")
_MOST_FILES = 200
_LARGEST = 4 << 20
_HINT = f'it needs lines such as EDGEQ_TFLM_OP("MyOp", mine::Register_MY_OP); {document("tflm.md")} shows one'


@dataclass(frozen=True)
class CustomOps:
    """What a user's header brings.

    Attributes:
        header: its file's name; empty for none.
        registrations: of each custom operator, by its name in models, the C++ function that gives its
            ``TFLMRegistration *``.
        files: what goes into the project, by path beside the header.
    """

    header: str = ""
    registrations: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


NONE = CustomOps()


def read_custom_ops(header: Path | None) -> CustomOps:
    """Read a header and what goes along with it; nothing where there is none.

    Raises:
        UsageError: it is not there, registers nothing, one operator twice, or has a line that is none.
    """
    if header is None:
        return NONE
    files: dict[str, bytes] = {}
    root = header.parent
    waiting = [
        header.name,
        *(header.with_suffix(s).name for s in _SOURCES if header.with_suffix(s).is_file()),
    ]
    while waiting:
        name = waiting.pop()
        if name in files:
            continue
        data = _bytes_of(root / name, header)
        files[name] = data
        if len(files) > _MOST_FILES or sum(map(len, files.values())) > _LARGEST:
            raise UsageError(f"{header} brings more than {_MOST_FILES} files or {_LARGEST:,} bytes", _HINT)
        for included in _INCLUDE.findall(data.decode("utf-8", "replace")):
            place = (Path(name).parent / included).as_posix()
            if ".." not in Path(place).parts and not Path(place).is_absolute() and (root / place).is_file():
                waiting.append(place)
    text = files[header.name].decode("utf-8", "replace")
    entries = _ENTRY.findall(text)
    if not entries or len(entries) != len(_MENTION.findall(text)):
        raise UsageError(f"{header} has no line, or a wrong one, that registers an operator", _HINT)
    names = [name for name, _ in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{header} registers {', '.join(twice)} twice", "leave all but one out")
    return CustomOps(header.name, dict(entries), files)


def _bytes_of(path: Path, header: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}", f"--tflm-ops takes a C++ header: {header}"
        ) from error
