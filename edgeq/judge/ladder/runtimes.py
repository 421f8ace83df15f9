"""Which runtimes take a form: by running it where the runtime is here, else by edgeq's check for it."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import EdgeqError
from edgeq.checker import examine
from edgeq.edgetpu import predict
from edgeq.graph import Graph
from edgeq.interpreter import run

How = Literal["ran", "check", "prediction"]


@dataclass(frozen=True)
class Verdict:
    """Whether a runtime takes a form.

    Attributes:
        runtime: ``litert``, ``tflm``, ``edgetpu`` or ``aot``.
        taken: whether it does.
        how: whether it ran there, passed edgeq's check for it, or is predicted to.
        detail: why not, or what share.
    """

    runtime: str
    taken: bool
    how: How
    detail: str = ""


def verdicts(model: bytes, graph: Graph, sample: Sequence[npt.NDArray[np.generic]]) -> tuple[Verdict, ...]:
    """What the runtimes other than LiteRT make of a form.

    Args:
        model: the form's file.
        graph: the same, read.
        sample: one sample as its inputs take it, ``[1, ...]`` each.
    """
    return (_tflm(model, graph, sample), _edgetpu(graph), _checked(graph, "aot"))


def _tflm(model: bytes, graph: Graph, sample: Sequence[npt.NDArray[np.generic]]) -> Verdict:
    if importlib.util.find_spec("tflite_micro") is None:
        return _checked(graph, "tflm")
    try:
        run(model, sample, resolver="tflm")
    except EdgeqError as error:
        return Verdict("tflm", False, "ran", error.message)
    return Verdict("tflm", True, "ran")


def _edgetpu(graph: Graph) -> Verdict:
    prediction = predict(graph)
    summary = prediction.summary
    if prediction.failure is not None:
        return Verdict("edgetpu", False, "prediction", prediction.failure.reason)
    share = f"{summary.mapped} of {summary.total} operators"
    if summary.mapped:
        return Verdict("edgetpu", True, "prediction", share)
    first = next((op.reason for op in prediction.operators if not op.mapped), "nothing to map")
    return Verdict("edgetpu", False, "prediction", first)


def _checked(graph: Graph, runtime: str) -> Verdict:
    errors = [finding for finding in examine(graph, runtime=runtime) if finding.severity == "error"]
    return Verdict(runtime, not errors, "check", errors[0].message if errors else "")
