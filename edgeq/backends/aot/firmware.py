"""The files of a project that are not made from the network: kernels, common firmware, the board's port."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from edgeq.errors import BoardError
from edgeq.resources import data_dir

_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
_LINKER = "linker.ld"
_BARE_METAL = frozenset(
    {"edgeq_startup.c", "edgeq_fault.c", "edgeq_mem.c", "edgeq_stack.c", "edgeq_stack.h", "linker.ld.j2"}
)
"""What of ``common/`` a host process neither needs nor can have."""


def render(template: Path, variables: Mapping[str, Any]) -> bytes:
    """A rendered template; an undefined variable is an error."""
    import jinja2

    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it makes C, and names are made safe before
        loader=jinja2.FileSystemLoader([template.parent, data_dir("firmware_templates") / "network"]),
    )
    return environment.get_template(template.name).render(**variables).encode()


def kernels(sources: Iterable[str]) -> dict[str, bytes]:
    """The kernel files named, and the headers that they and the network include."""
    folder = data_dir("firmware_templates") / "aot" / "kernels"
    files: dict[str, bytes] = {}
    wanted = sorted({*sources, "edgeq_kernels.h"})
    while wanted:
        name = wanted.pop()
        if f"src/kernels/{name}" in files:
            continue
        data = (folder / name).read_bytes()
        files[f"src/kernels/{name}"] = data
        wanted += [header for header in _INCLUDE.findall(data.decode()) if (folder / header).is_file()]
    return files


def common(host: bool, variables: Mapping[str, Any]) -> dict[str, bytes]:
    """The firmware that every board shares."""
    skip = _BARE_METAL if host else frozenset()
    return _folder(data_dir("firmware_templates") / "common", "src/common", skip, variables)


def port(name: str, variables: Mapping[str, Any]) -> dict[str, bytes]:
    """The firmware of one family of boards."""
    folder = data_dir("firmware_templates") / "ports" / name
    if not folder.is_dir():
        raise BoardError(f"there is no port {name!r} in {folder.parent}", "Fix `port` in the board file.")
    return _folder(folder, "src/port", frozenset(), variables)


def _folder(folder: Path, to: str, skip: frozenset[str], variables: Mapping[str, Any]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.name in skip or not path.is_file() or path.name.startswith("."):
            continue
        name = path.name.removesuffix(".j2")
        data = render(path, variables) if path.suffix == ".j2" else path.read_bytes()
        files[name if name == _LINKER else f"{to}/{name}"] = data
    return files
