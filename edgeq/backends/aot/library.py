"""From a checked model to C sources for a program that is not edgeq's: no start-up, no link, no main loop.

The network, its constants and its kernels are those of a project. What the linker sees and every file bears
the model's name in place of ``edgeq``, so that several models fit one program.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from edgeq import __version__
from edgeq.backends.aot.lowered import lower
from edgeq.backends.aot.sources import interface_of, kernel_files
from edgeq.backends.project import firmware, text
from edgeq.backends.project.features import computed, described, feature_files
from edgeq.backends.project.project import Project, sources_of, with_manifest
from edgeq.base.resources import data_dir
from edgeq.builder import flags

if TYPE_CHECKING:
    from edgeq.backends.project.budget import Budget
    from edgeq.backends.project.forms import Form
    from edgeq.boards import Board
    from edgeq.checker import Checked

_SOURCES = "src"
_NETWORK = ("edgeq_kernels.h", "edgeq_weights.c", "edgeq_weights.h")
_MEM = "edgeq_mem.h"
_PUBLIC = "edgeq_features.h"
"""What programs call beside the network."""


def generate_library(checked: Checked, board: Board, form: Form, budget: Budget) -> Project:
    """Compiles a checked model to C that another build system takes.

    The result depends on the arguments and the version of edgeq alone.

    Args:
        board: for whose core and memory kernels are chosen.

    Raises:
        ModelError: an operator has a form that the backend cannot take.
        BoardError: the board runs no C of edgeq's.
    """
    lowered = lower(checked, board, budget)
    made = computed(checked.graph)
    symbol = text.identifier(checked.graph.name)
    name = f"{symbol}_network"
    templates = data_dir("firmware_templates")
    variables = {
        "network": lowered.network,
        "interface": interface_of(lowered.sources),
        "version": __version__,
        "form": form.name,
        "symbol": symbol,
        "name": name,
        "upper": symbol.upper(),
        "core": "any core" if board.is_host else board.cpu.core,
        "cpu": flags.cpu(board, "gcc"),
        "fast": flags.FAST,
        "options": (*flags.C_LANGUAGE, flags.FAST),
        "public": form.public,
        "private": _SOURCES,
        "features": {one.index: described(one) for one in made},
    }
    own = {file: firmware.render(templates / "aot" / f"{file}.j2", variables) for file in _NETWORK}
    own["edgeq_network.c"] = firmware.render(templates / "library" / "network.c.j2", variables)
    own |= {
        PurePosixPath(path).name: data
        for path, data in kernel_files(lowered.sources, large=lowered.is_large).items()
    }
    own |= feature_files(made, checked.graph.name)
    if any(f'"{_MEM}"'.encode() in data for data in own.values()):
        own[_MEM] = (templates / "common" / _MEM).read_bytes()
    files = {
        f"{form.public if file == _PUBLIC else _SOURCES}/{_named(file, symbol)}": _prefixed(data, symbol)
        for file, data in own.items()
    }
    variables["sources"] = sources_of(files)
    around = {"public.h.j2": f"{form.public}/{name}.h", "README.md.j2": "README.md", **form.around}
    files |= {
        path.format(name=name): firmware.render(templates / "library" / template, variables)
        for template, path in around.items()
    }
    files, manifest = with_manifest(
        files,
        lowered.network,
        {"format": form.name, "core": variables["core"]},
        memory=lowered.memory,
        macs=lowered.network.macs,
        later=[],
    )
    return Project(files, manifest, checked.model, board.id)


def _prefixed(data: bytes, symbol: str) -> bytes:
    return _named(data.decode(), symbol).replace("EDGEQ_", f"{symbol.upper()}_").encode()


def _named(name: str, symbol: str) -> str:
    """With the model's name where edgeq's stands: a program calls ``kws_invoke``."""
    return re.sub("edgeq_(runtime_)?", f"{symbol}_", name)
