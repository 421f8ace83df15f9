"""Files of C that are kernels: what each declares, and the headers that it includes.

A kernel's file begins with its interface: the struct of its parameters and its prototypes, between the lines
``/* interface */`` and ``/* implementation */``. A project's own header, or source, is put together from the
interfaces of the kernels that it has, so that a new kernel is one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_INTERFACE = re.compile(r"^/\* interface \*/\n(.*?)^/\* implementation \*/\n", re.MULTILINE | re.DOTALL)
_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])\n', re.MULTILINE)


@dataclass(frozen=True)
class Interface:
    """What a set of kernels declares.

    Attributes:
        headers: those that the declarations need, as ``#include`` takes them.
        declarations: C text, one a kernel's file.
    """

    headers: tuple[str, ...]
    declarations: tuple[str, ...]


def interface_of(folder: Path, sources: Iterable[str]) -> Interface:
    """The declarations of kernels of a folder, by the names of their files."""
    texts = [text for name in sorted(set(sources)) for text in _INTERFACE.findall(_read(folder, name))]
    headers = {header for text in texts for header in _INCLUDE.findall(text)}
    order = sorted(headers, key=lambda header: (header.startswith('"'), header))
    return Interface(tuple(order), tuple(_INCLUDE.sub("", text).strip() for text in texts))


def with_headers(folder: Path, sources: Iterable[str]) -> dict[str, bytes]:
    """Kernels by the names of their files, with every header of the folder that they include."""
    files: dict[str, bytes] = {}
    wanted = sorted(set(sources))
    while wanted:
        name = wanted.pop()
        if name in files:
            continue
        text = _read(folder, name)
        files[name] = text.encode()
        included = (quoted[1:-1] for quoted in _INCLUDE.findall(text))
        wanted += [header for header in included if (folder / header).is_file()]
    return files


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
