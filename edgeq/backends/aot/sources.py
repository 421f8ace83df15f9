"""The kernels' C files: which of them a network takes, and what they declare."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from edgeq.backends.project import interfaces
from edgeq.base.resources import data_dir

BY_ROWS = "edgeq_rows.c"
"""What segments call."""
_SIZE = "edgeq_size.h"


def folder() -> Path:
    """Where the kernels are."""
    return data_dir("firmware_templates") / "aot" / "kernels"


def interface_of(sources: Iterable[str]) -> interfaces.Interface:
    """The declarations of kernels, by the names of their files."""
    return interfaces.interface_of(folder(), sources)


def kernel_files(sources: Iterable[str], *, large: bool) -> dict[str, bytes]:
    """Kernels by the names of their files, with every header that they include, by path in a project.

    Args:
        large: whether a size of a layer is more than a halfword holds.
    """
    files = interfaces.with_headers(folder(), sources)
    if large and _SIZE in files:
        files[_SIZE] = files[_SIZE].replace(b"uint16_t", b"int32_t")
    return {f"src/kernels/{name}": data for name, data in files.items()}
