"""From a checked model and a board to a project of C files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgeq import __version__
from edgeq.backends.aot.explain import explain
from edgeq.backends.aot.lowered import lower
from edgeq.backends.aot.network import Call
from edgeq.backends.aot.sources import interface_of, kernel_files
from edgeq.backends.aot.step import Step
from edgeq.backends.project import firmware
from edgeq.backends.project.budget import Budget
from edgeq.backends.project.console import Console
from edgeq.backends.project.features import project_features
from edgeq.backends.project.golden import GoldenVector
from edgeq.backends.project.project import Project, with_manifest
from edgeq.backends.project.renode import renode_files
from edgeq.backends.project.scaffold import scaffold
from edgeq.base.resources import data_dir
from edgeq.boards import BOARD_FILE, Board, board_toml

if TYPE_CHECKING:
    from edgeq.checker import Checked

RUNTIME = "aot"
_GENERATED = {
    "edgeq_kernels.h.j2": "src/kernels/edgeq_kernels.h",
    "edgeq_network.c.j2": "src/network/edgeq_network.c",
    "edgeq_network.h.j2": "src/network/edgeq_network.h",
    "edgeq_weights.c.j2": "src/network/edgeq_weights.c",
    "edgeq_weights.h.j2": "src/network/edgeq_weights.h",
}


def generate(
    checked: Checked,
    board: Board,
    golden: GoldenVector | None = None,
    budget: Budget | None = None,
    console: Console | None = None,
    *,
    explained: bool = False,
    stepwise: bool = False,
) -> Project:
    """Compiles a checked model to C for a board.

    The result depends on the model, the board and the version of edgeq alone: the same bytes on every run.
    Only golden vectors are the oracle's, whose version they name.

    Args:
        golden: the vector that the firmware replays at boot; None for none.
        console: what the firmware speaks; text and frames where nothing is said.
        budget: what is wanted of the network; the fastest one that fits where nothing is said.
        explained: whether the project tells what could have been taken for each step.
        stepwise: whether the firmware can count single steps.

    Raises:
        ModelError: an operator has a form that this backend cannot take.
        BoardError: the board runs no firmware of edgeq's, or names a port that does not exist.
    """
    features = project_features(checked.graph)
    lowered = lower(checked, board, features.leave(budget or Budget()))
    network, fitted, steps = lowered.network, lowered.fitted, lowered.fitted.steps
    variables = {
        "network": network,
        "interface": interface_of(lowered.sources),
        "board": board,
        "version": __version__,
        "runtime": RUNTIME,
        "golden": golden,
        "console": console or Console(),
        "features": features.described,
        "stepwise": stepwise,
    }
    files: dict[str, bytes] = {"model.tflite": checked.model, BOARD_FILE: board_toml(board)}
    files |= firmware.for_board(board, variables) | features.files
    files |= network_files(variables)
    files |= kernel_files(lowered.sources, large=lowered.is_large)
    files |= renode_files(checked, board, variables)
    files |= scaffold(files, board, variables, readme=_templates() / "README.md.j2")
    files, manifest = with_manifest(
        files,
        network,
        {"runtime": RUNTIME, "board": board.id},
        memory=lowered.memory,
        macs=network.macs,
        steps=[_step(step, call) for step, call in zip(steps, network.calls, strict=True)],
        buffers=[asdict(buffer) for buffer in fitted.plan.buffers],
        golden=golden.oracle if golden else None,
        **({} if console is None or console.has_frames else {"link": console.link}),
        **features.facts,
    )
    by_rows = {place: one.turns for one in fitted.segments for place in range(one.first, one.last + 1)}
    choices = (
        replace(explain(lowered.graph, step, call.name, lowered.target), turns=by_rows.get(place))
        for place, (step, call) in enumerate(zip(steps, network.calls, strict=True))
    )
    return Project(files, manifest, checked.model, board.id, tuple(choices) if explained else ())


def network_files(variables: Mapping[str, Any]) -> dict[str, bytes]:
    """The files that tell the network itself, by path."""
    return {path: firmware.render(_templates() / name, variables) for name, path in _GENERATED.items()}


def _templates() -> Path:
    return data_dir("firmware_templates") / RUNTIME


def _step(step: Step, call: Call) -> dict[str, object]:
    """What ``edgeq profile`` tells of a step: its constants are bytes of flash, its scratch of the arena."""
    weights = [constant.values.nbytes for constant in step.constants if constant.is_weights]
    tables = [constant.values.nbytes for constant in step.constants if not constant.is_weights]
    return {
        "name": call.name,
        "operator": step.operator,
        "title": call.title,
        "layer": call.layer,
        "kernel": step.kernel,
        "macs": step.macs,
        "weights": sum(weights),
        "tables": sum(tables),
        "scratch": call.scratch,
    }
