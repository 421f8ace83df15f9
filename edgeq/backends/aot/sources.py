"""The kernels' C files: which of them a network takes, and what they declare.

A kernel's file begins with its interface: the struct of its parameters and its prototypes, between the lines
``/* interface */`` and ``/* implementation */``. A project's ``edgeq_kernels.h`` is put together from the
interfaces of the kernels that it has, so that a new kernel is one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edgeq.base.resources import data_dir

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


def folder() -> Path:
    """Where the kernels are."""
    return data_dir("firmware_templates") / "aot" / "kernels"


def interface_of(sources: Iterable[str]) -> Interface:
    """The declarations of kernels, by the names of their files."""
    texts = [text for name in sorted(set(sources)) for text in _INTERFACE.findall(_read(name))]
    headers = {header for text in texts for header in _INCLUDE.findall(text)}
    order = sorted(headers, key=lambda header: (header.startswith('"'), header))
    return Interface(tuple(order), tuple(_INCLUDE.sub("", text).strip() for text in texts))


def kernel_files(sources: Iterable[str]) -> dict[str, bytes]:
    """Kernels by the names of their files, with every header that they include, by path in a project."""
    files: dict[str, bytes] = {}
    wanted = sorted(set(sources))
    while wanted:
        name = wanted.pop()
        if f"src/kernels/{name}" in files:
            continue
        text = _read(name)
        files[f"src/kernels/{name}"] = text.encode()
        included = (quoted[1:-1] for quoted in _INCLUDE.findall(text))
        wanted += [header for header in included if (folder() / header).is_file()]
    return files


def _read(name: str) -> str:
    return (folder() / name).read_text(encoding="utf-8")
