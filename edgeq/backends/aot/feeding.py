"""An input that comes row by row: a step that has no kernel, because the application brings its rows."""

from __future__ import annotations

import math

from edgeq.backends.aot.step import Rows, Step
from edgeq.base.errors import ModelError
from edgeq.graph.model import Graph


def feed(graph: Graph) -> Step:
    """The step that makes a network's input.

    Raises:
        ModelError: it has several inputs, or one without rows of bytes.
    """
    if len(graph.inputs) != 1:
        raise ModelError(
            f"--input rows is for a model of one input; this one has {len(graph.inputs)}",
            "leave out --input rows",
        )
    tensor = graph[graph.inputs[0]]
    shape = tensor.shape
    if len(shape) != 4 or shape[0] != 1 or tensor.dtype.numpy.itemsize != 1:
        raise ModelError(
            f"--input rows is for an input of bytes of shape [1, height, width, channels]; this one is "
            f"{tensor.dtype.value} {list(shape)}",
            "leave out --input rows",
        )
    return Step(
        operator=0,
        title=f"INPUT of rows of {math.prod(shape[2:])} bytes",
        kernel="",
        params_type="",
        params={},
        inputs=(),
        outputs=graph.inputs,
        sources=(),
        rows=Rows(heights=None),
    )


def is_fed(step: Step) -> bool:
    """Whether it is such a step."""
    return not step.kernel
