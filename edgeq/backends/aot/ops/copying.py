"""Copies of rows of bytes, of a tensor or of a constant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.backends.aot.ops.tensors import shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.graph.model import Graph


def copy_step(
    graph: Graph, index: int, source: int, title: str, *, name: str, rows: int, stride: int, offset: int = 0
) -> Step:
    """A tensor into the output of an operator, row by row.

    Args:
        source: the tensor; where it is constant its bytes become the step's.
        title: of the step.
        name: of the constant.
        rows: into how many rows the tensor is cut.
        stride: from one row to the next in the output, in elements.
        offset: of the first row in the output, in elements.
    """
    tensor = graph[source]
    is_constant, size = tensor.data is not None, tensor.dtype.numpy.itemsize
    return Step(
        operator=index,
        title=title,
        kernel="edgeq_copy_constant_s8" if is_constant else "edgeq_copy_s8",
        params_type="edgeq_copy_params",
        params={
            "rows": rows,
            "run": size * tensor.elements // rows,
            "stride": size * stride,
            "constant": name if is_constant else None,
        },
        inputs=() if is_constant else (source,),
        outputs=graph.operators[index].outputs[:1],
        sources=("edgeq_copy_s8.c",),
        constants=(Constant(name, "int8_t", np.asarray(tensor.data).reshape(-1).view(np.int8)),)
        if is_constant
        else (),
        output_offset=size * offset,
    )


def constant_output(graph: Graph, index: int, output: int) -> Step:
    """A model output that is the same on every run: its bytes are copied to where the host reads them.

    Args:
        index: of the operator that makes it, and maybe others.
        output: the tensor.
    """
    title = (
        f"{graph.operators[index].opcode} of constants {shape_text(graph[output].shape)}, computed offline"
    )
    step = copy_step(graph, index, output, title, name="values", rows=1, stride=0)
    return replace(step, outputs=(output,))
