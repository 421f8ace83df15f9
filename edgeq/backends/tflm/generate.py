"""From a checked model and a board to a project around TensorFlow Lite Micro, which the user brings."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from edgeq import __version__
from edgeq.backends.project import firmware
from edgeq.backends.project.console import Console
from edgeq.backends.project.features import project_features
from edgeq.backends.project.golden import GoldenVector
from edgeq.backends.project.project import Project, with_manifest
from edgeq.backends.project.renode import renode_files
from edgeq.backends.project.scaffold import scaffold
from edgeq.backends.tflm.arena import Arena
from edgeq.backends.tflm.custom import NONE, CustomOps
from edgeq.backends.tflm.network import describe, needs_of
from edgeq.base.resources import data_dir
from edgeq.boards import BOARD_FILE, Board, board_toml
from edgeq.builder.tflm import MADE_FOR, Kernels, Needs, make_command
from edgeq.builder.tflm.tree import DOWNLOADS, INTERPRETER, SCHEMA_VERSION
from edgeq.graph import Graph
from edgeq.graph.macs import operator_macs

if TYPE_CHECKING:
    from edgeq.checker import Checked

RUNTIME = "tflm"

_GENERATED = {
    "edgeq_network.h.j2": "src/network/edgeq_network.h",
    "edgeq_model.c.j2": "src/network/edgeq_model.c",
    "edgeq_tflm.cc.j2": "src/network/edgeq_tflm.cc",
}
_COPIED = ("edgeq_tflm_log.c", "edgeq_tflm_log.h")
_BARE_METAL = ("edgeq_tflm_libc.c",)


def generate(
    checked: Checked,
    board: Board,
    arena: Arena,
    kernels: Kernels | None = None,
    golden: GoldenVector | None = None,
    *,
    custom: CustomOps = NONE,
    console: Console | None = None,
) -> Project:
    """Puts a checked model into a project for a board.

    Args:
        arena: its size (``edgeq.backends.tflm.arena``).
        kernels: which kernels the library must have; None for any.
        golden: the vector that the firmware replays at boot; None for none.
        custom: operators that the user brings.
        console: what the firmware speaks; text and frames where nothing is said.

    Raises:
        ModelError: an operator that TFLM has not, or has not in int8.
        BoardError: the board names a port that does not exist.
    """
    network = describe(checked.graph, checked.model, checked.sha256, custom)
    features = project_features(checked.graph)
    variables = {
        "network": network,
        "board": board,
        "arena": arena,
        "version": __version__,
        "runtime": RUNTIME,
        "golden": golden,
        "console": console or Console(),
        "features": features.described,
        "tflm_commit": MADE_FOR,
        "schema_version": SCHEMA_VERSION,
        "make_command": make_command(board, kernels),
    }
    folder = data_dir("firmware_templates") / RUNTIME
    files: dict[str, bytes] = {"model.tflite": checked.model, BOARD_FILE: board_toml(board)}
    files |= firmware.for_board(board, variables) | features.files
    files |= {path: firmware.render(folder / name, variables) for name, path in _GENERATED.items()}
    for name in (*_COPIED, *(() if board.is_host else _BARE_METAL)):
        files[f"src/network/{name}"] = (folder / name).read_bytes()
    if network.custom_header:
        files |= {f"src/network/{name}": data for name, data in custom.files.items()}
    needs = needs_of(checked, kernels, custom)
    files |= renode_files(checked, board, variables)
    files |= scaffold(files, board, variables, readme=folder / "README.md.j2", tflm=_for_cmake(needs, board))
    files, manifest = with_manifest(
        files,
        network,
        {"runtime": RUNTIME, "board": board.id},
        memory={"arena": arena.bytes, "weights": network.model_bytes},
        macs=_macs(checked.graph),
        tflm=_library(needs, arena),
        custom_operators=sorted(custom.registrations) if network.custom_header else [],
        golden=golden.oracle if golden else None,
        **({} if console is None or console.has_frames else {"link": console.link}),
        **features.facts,
    )
    return Project(files=files, manifest=manifest, model=checked.model, board=board.id)


def _library(needed: Needs, arena: Arena) -> dict[str, Any]:
    """What the library has to have, and how large the arena was found to be."""
    return {
        "made_for": MADE_FOR,
        "adds": list(needed.adds),
        "registrations": list(needed.registrations),
        "kernels": needed.kernels,
        "arena": asdict(arena),
    }


def _for_cmake(needs: Needs, board: Board) -> dict[str, Any]:
    """What CMake verifies of a library, as :func:`edgeq.builder.tflm.find_library` does."""
    return {
        "adds": needs.adds,
        "registrations": needs.registrations,
        "kernels": needs.kernels,
        "arches": [architecture.readelf for architecture in board.core.architectures],
        "fpu": None if board.is_host else board.variant.fpu,
        "helium": board.core.helium,
        "interpreter": INTERPRETER,
        "downloads": DOWNLOADS,
        "own": [f"src/network/{name}" for name in (*_COPIED, *_BARE_METAL)],
    }


def _macs(graph: Graph) -> int:
    return sum(operator_macs(graph, operator) for operator in graph.operators)
