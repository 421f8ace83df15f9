"""A model that ``compile`` cuts: its parts made, compiled one by one, and told of in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from edgeq.base.progress import Progress
from edgeq.edgetpu.split import Piece, Split, addressed, balanced, before_unmapped, runs
from edgeq.graph import Graph, write_model

if TYPE_CHECKING:
    from edgeq.edgetpu.compiler import Compilation, Compiler, Options
    from edgeq.edgetpu.prediction import Prediction
    from edgeq.targets.coral import Destination

_MEASURED_RUNS = 20


@dataclass(frozen=True)
class MeasuredOn:
    """Where parts are timed: the machine, and which device there (empty for any)."""

    destination: Destination
    device: str


@dataclass(frozen=True)
class Parts:
    """A model in parts.

    Attributes:
        pieces: in the order in which they run.
        inputs, outputs: the names of the whole model's tensors.
        split: how long they take, where they were balanced.
    """

    pieces: tuple[Piece, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    split: Split | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """Each piece as a file."""
        return {f"{piece.graph.name}.tflite": write_model(piece.graph) for piece in self.pieces}

    def told(self) -> dict[str, object]:
        """What ``run`` needs to know, as the file of parts has it."""
        return {
            "inputs": list(self.inputs),
            "outputs": list(self.outputs),
            "parts": [
                {
                    "file": f"{piece.graph.name}.tflite",
                    "compiled": f"{piece.graph.name}_edgetpu.tflite" if piece.on_chip else None,
                }
                for piece in self.pieces
            ],
        }


def segments_told(graph: Graph, files: Sequence[str]) -> dict[str, object]:
    """The same of the compiler's own segments, which have no plain form."""
    return {
        "inputs": [tensor.name for tensor in graph.input_tensors],
        "outputs": [graph[tensor].name for tensor in graph.outputs],
        "parts": [{"file": None, "compiled": file} for file in files],
    }


def cut_model(graph: Graph, prediction: Prediction) -> Parts:
    """Before the first operator that would not map.

    Raises:
        UsageError: nothing maps, or all does.
    """
    whole = addressed(graph)
    return _parts(whole, before_unmapped(whole, prediction))


def balance_model(
    graph: Graph,
    compiler: Compiler,
    options: Options,
    on: MeasuredOn | None,
    progress: Progress,
) -> Parts:
    """As many parts as ``options`` have segments, the slowest as fast as can be.

    Args:
        on: where they are timed; None to go by prediction.

    Raises:
        CompileFailed, DeviceError: a part does not compile, or does not run there.
    """
    whole, count = addressed(graph), options.segments or 1

    def measure(place: MeasuredOn, parts: Sequence[Graph]) -> list[float]:
        if not parts:
            return []
        done = compile_pieces(compiler, [Piece(one, on_chip=True) for one in parts], options, progress)
        times = [_timed(one, output.model, place) for one, output in zip(parts, done.outputs, strict=True)]
        progress.note("parts take " + ", ".join(f"{time:.3g}" for time in times) + " ms")
        return times

    split = balanced(whole, count, None if on is None else partial(measure, on))
    pieces = tuple(Piece(one, on_chip=True) for one in runs(whole, split.bounds))
    return replace(_parts(whole, pieces), split=split)


def compile_pieces(
    compiler: Compiler, pieces: Sequence[Piece], options: Options, progress: Progress
) -> Compilation:
    """Those for the Edge TPU, each by itself; their logs joined.

    Raises:
        CompileFailed: one does not compile.
    """
    from edgeq.edgetpu.compiler import Source, compile_models

    whole = replace(options, segments=None)
    done = [
        compile_models(compiler, [Source(piece.graph.name, write_model(piece.graph))], whole, progress)
        for piece in pieces
        if piece.on_chip
    ]
    log = replace(done[0].log, models=tuple(model for one in done for model in one.log.models))
    return replace(
        done[0],
        log=log,
        text="".join(one.text for one in done),
        outputs=tuple(output for one in done for output in one.outputs),
        attempts=sum(one.attempts for one in done),
    )


def _parts(whole: Graph, pieces: tuple[Piece, ...]) -> Parts:
    inputs = tuple(tensor.name for tensor in whole.input_tensors)
    return Parts(pieces, inputs, tuple(whole[tensor].name for tensor in whole.outputs))


def _timed(graph: Graph, model: bytes, on: MeasuredOn) -> float:
    """The median milliseconds of a warm inference."""
    from edgeq.data import random_data
    from edgeq.targets.coral.session import Session, Stage

    data = random_data(graph.input_tensors, _MEASURED_RUNS)
    inputs = [
        values.astype(tensor.dtype.numpy) for values, tensor in zip(data.x, graph.input_tensors, strict=True)
    ]
    with Session(on.destination) as session:
        session.load(Stage(model, delegate=True, device=on.device))
        return float(np.median(session.run(inputs).invoke_ms[1:]))
