"""The files of a project that are not made from the network: common firmware, and the board's port."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq.backends.project.console import Console
from edgeq.base.resources import data_dir
from edgeq.boards import Board
from edgeq.boards.port import constants, port_of

if TYPE_CHECKING:
    import jinja2

_LINKER = "linker.ld"
_BARE_METAL = frozenset(
    {"edgeq_startup.c", "edgeq_fault.c", "edgeq_mem.c", "edgeq_stack.c", "edgeq_stack.h", "linker.ld.j2"}
)
"""What of ``common/`` a host process neither needs nor can have."""
_GOLDEN = frozenset({"edgeq_golden.c.j2", "edgeq_golden.h"})
"""What of ``common/`` only firmware with a golden vector has."""
_FEATURES = frozenset({"edgeq_source.c.j2"})
"""What of ``common/`` only firmware with raw samples has."""
_FRAMES = frozenset({"edgeq_bulk.c", "edgeq_bulk.h"})
_TEXT = frozenset(
    {
        "edgeq_adaptor.c", "edgeq_adaptor.h", "edgeq_link.c", "edgeq_link.h", "edgeq_session.c",
        "edgeq_session.h", "edgeq_text.c", "edgeq_text.h",
    }
)  # fmt: skip
"""What of ``common/`` only firmware with frames, and with commands, has."""
_DATA = frozenset({"port.toml"})
_SHARED = ("network", "project", "aot")
"""Templates that others import and extend."""


def _templates() -> Path:
    return data_dir("firmware_templates")


def render(template: Path, variables: Mapping[str, Any]) -> bytes:
    """A rendered template; an undefined variable is an error."""
    environment = _environment(template.parent, *(_templates() / name for name in _SHARED))
    return environment.get_template(template.name).render(**variables).encode()


@functools.cache
def _environment(*folders: Path) -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it makes C, and names are made safe before
        loader=jinja2.FileSystemLoader(folders),
    )


def for_board(board: Board, variables: Mapping[str, Any]) -> dict[str, bytes]:
    """The firmware around a runtime: what every board shares, and the port of the board's family.

    Raises:
        BoardError: there is no such port, or it cannot do what the board asks of it.
    """
    port = port_of(board)
    templates = _templates()
    variables = {
        "golden": None,
        "features": (),
        "stepwise": False,
        "console": Console(),
        **variables,
        "board": board,
        "constants": constants(board, port),
    }
    skip = _BARE_METAL if board.is_host or board.sdk is not None else frozenset()
    skip |= frozenset() if variables["golden"] else _GOLDEN
    skip |= frozenset() if variables["console"].has_frames else _FRAMES
    skip |= frozenset() if variables["console"].has_text else _TEXT
    skip |= frozenset() if variables["features"] else _FEATURES
    files = _folder(templates / "common", "src/common", skip, variables)
    files |= _folder(templates / "ports" / board.port, "src/port", _DATA, variables)
    return files | {f"src/port/{name}": (templates / "parts" / name).read_bytes() for name in port.parts}


def _folder(folder: Path, to: str, skip: frozenset[str], variables: Mapping[str, Any]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.name in skip or not path.is_file() or path.name.startswith("."):
            continue
        name = path.name.removesuffix(".j2")
        data = render(path, variables) if path.suffix == ".j2" else path.read_bytes()
        files[name if name == _LINKER else f"{to}/{name}"] = data
    return files
