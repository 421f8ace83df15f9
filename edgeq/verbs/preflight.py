"""What would only fail after minutes of work is looked at before the first stage: a list of small checks."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol

from edgeq.base.errors import ModelError, UsageError
from edgeq.graph import Graph
from edgeq.graph.ends import kind_of

if TYPE_CHECKING:
    from edgeq.data import Dataset
    from edgeq.targets.coral import Destination
    from edgeq.verbs.request import DeployRequest

_INTEGER = ("integer", "float ends")
Check = Callable[["DeployRequest", "Candidate"], None]
"""Raises what the stage that it stands for would raise."""


class Candidate(Protocol):
    """What is asked of a runtime before it runs a model."""

    name: ClassVar[str]
    checks: ClassVar[tuple[Check, ...]]

    def takes_as_it_is(self, graph: Graph) -> bool:
        """Whether a model needs no conversion for it."""


def preflight(request: DeployRequest, runtimes: Sequence[Candidate]) -> None:
    """Everything that needs no model: each runtime names its own checks.

    Raises:
        ToolMissingError: a compiler, a simulator, an oracle or a library is not installed.
        DeviceError: no device is there, or its port does not open.
        UsageError: the output folder cannot be made.
        DataError: calibration or test data is not there.
    """
    refuse_unwritable(request)
    refuse_absent_data(request.calibration.data, request.evaluation.data)
    for runtime in runtimes:
        for check in runtime.checks:
            check(request, runtime)


def refuse_unfit(request: DeployRequest, runtimes: Sequence[Candidate], model: bytes, graph: Graph) -> None:
    """What the model shows before anything is converted.

    Raises:
        ModelError: the integer form would have operators that a runtime lacks.
    """
    for runtime in runtimes:
        if not runtime.takes_as_it_is(graph):
            refuse_foreign_operators(request, runtime, model, graph)


def refuse_unjudged(runtimes: Sequence[Candidate], model: bytes, graph: Graph, given: Dataset | None) -> None:
    """The oracles have to take the samples: with a SOFTMAX over many classes they abort on some.

    Raises:
        ModelError: none of a runtime's oracles does.
    """
    from edgeq.data import quantize_input
    from edgeq.interpreter import LARGEST_SUM, ORACLES, judged

    large = any(
        op.opcode == "SOFTMAX" and graph[op.inputs[0]].shape[-1:] >= (LARGEST_SUM,) for op in graph.operators
    )
    if given is None or not large:
        return
    inputs = [quantize_input(x, tensor) for x, tensor in zip(given.x, graph.input_tensors, strict=True)]
    for runtime in runtimes:
        if runtime.name in ORACLES:
            judged(runtime.name, model, inputs)


def refuse_unwritable(request: DeployRequest) -> None:
    """The output folder, or the first folder above it that is there, has to take files.

    Raises:
        UsageError: it does not.
    """
    out = Path(request.out) if request.out is not None else Path()
    there = next(place for place in (out.absolute(), *out.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{there} takes no files, where {out} is to be", "give another place with --out")


def refuse_absent_data(*given: object) -> None:
    """Files and folders of data have to be there, before a model is read that takes minutes.

    Raises:
        DataError: one is not.
        ToolMissingError: it is of images, and Pillow is not installed.
    """
    from edgeq.data.load import kind_of as kind_of_data

    for spec in given:
        if isinstance(spec, str | Path):
            kind_of_data(str(spec))


def compiler(request: DeployRequest, _runtime: Candidate) -> None:
    """The compiler of C for the board."""
    from edgeq.builder.toolchains import find_toolchain

    find_toolchain(request.toolchain, request.board)


def cxx_compiler(request: DeployRequest, _runtime: Candidate) -> None:
    """The compiler of C++ for the board."""
    from edgeq.builder.toolchains import find_cxx_toolchain

    find_cxx_toolchain(request.toolchain, request.board)


def library(request: DeployRequest, _runtime: Candidate) -> None:
    """TensorFlow Lite Micro: its tree, and a library in it for the board."""
    from edgeq.builder.tflm import open_tree, require_folder

    open_tree(require_folder(request.tflm.folder, request.board, request.tflm.kernels))


def oracle(_request: DeployRequest, runtime: Candidate) -> None:
    """The interpreter that judges."""
    from edgeq.interpreter import usual_oracle

    _ = usual_oracle(runtime.name).name


def beside(request: DeployRequest, _runtime: Candidate) -> None:
    """What an Edge TPU needs."""
    look_beside(request.edgetpu.destination)


def look_beside(destination: Destination) -> None:
    """The machine beside an Edge TPU and its Python, and here the interpreter that judges.

    Raises:
        DeviceError: the machine does not answer.
        ToolMissingError: it has no such Python, or here is no interpreter.
    """
    from edgeq.interpreter import oracle_name
    from edgeq.targets.coral.session import Session

    _ = oracle_name()
    with Session(destination) as session:
        session.probe()


def place(request: DeployRequest, _runtime: Candidate) -> None:
    """The simulator, or the device and its port."""
    from edgeq.targets import refuse_absent

    refuse_absent(request.board, request.place, request.out or Path())


def refuse_foreign_operators(request: DeployRequest, runtime: Candidate, model: bytes, graph: Graph) -> None:
    """What a rewrite puts in an operator's place has to be something that the runtime has.

    Raises:
        ModelError: it is not; the message names the operator and what is missing.
    """
    from edgeq.checker import operators_of, runtimes
    from edgeq.converter.prepare import replacements

    if runtime.name not in runtimes() or kind_of(graph) in _INTEGER:
        return
    has = set(operators_of(runtime.name))
    for where, opcodes in replacements(model, graph, asked=request.calibration.rewrite):
        lacking = sorted(set(opcodes) - has)
        if lacking:
            others = [name for name in runtimes() if not set(opcodes) - set(operators_of(name))]
            raise ModelError(
                f"{where} would be rewritten as {', '.join(opcodes)}, and the {runtime.name} runtime has no "
                f"{', '.join(lacking)}",
                f"give --runtime {others[0]}" if others else "replace the operator in the model",
            )
