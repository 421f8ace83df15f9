"""Rules about the model as a whole: what goes in, what comes out, and whether every size is known."""

from __future__ import annotations

from collections import Counter

from edgeq.checker.view import View
from edgeq.graph.model import DType

_INTERFACE = frozenset(
    {DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.BOOL, DType.FLOAT32}
)
"""What firmware takes and gives (edgeq_runtime.h); which of them an operator can is the table's affair."""
_STATIC = (
    "Export the model with every dimension fixed: give the input layer a full shape, and a batch size of 1."
)


def check_structure(view: View) -> None:
    """The model computes something, from its inputs to its outputs."""
    graph = view.graph
    if not graph.operators:
        view.report(
            "empty-graph", "the model has no operators: there is nothing to run", "Export the model again."
        )
    if not graph.inputs:
        view.report("no-input", "the model has no inputs", "Export it with its input layer.")
    if not graph.outputs:
        view.report("no-output", "the model has no outputs", "Export it with its output layer.")
    for tensor in graph.outputs:
        if tensor not in view.producer:
            view.report(
                "output-not-computed",
                f"the model's output {view.named(tensor)} is {view.maker(tensor)}: no operator computes it",
                "Remove this output when exporting the model.",
                tensor=tensor,
            )
    for tensor in sorted(t for t, count in Counter(graph.outputs).items() if count > 1):
        view.report(
            "output-twice",
            f"{view.named(tensor)} is listed twice among the model's outputs",
            "Name each output once when exporting the model.",
            tensor=tensor,
        )
    for tensor in graph.inputs:
        if not view.consumers[tensor] and graph.operators:
            view.report(
                "unused-input",
                f"the model's input {view.named(tensor)} is read by no operator",
                "Leave it out when exporting the model, unless the application needs it in place.",
                tensor=tensor,
                severity="warning",
            )


def check_static_shapes(view: View) -> None:
    """Every dimension is known; a batch left open is fixed at 1, since firmware runs one sample at a time."""
    graph = view.graph
    open_batch = []
    for tensor in dict.fromkeys((*graph.inputs, *(t for op in graph.operators for t in op.outputs))):
        info = graph[tensor]
        open_axes = [axis for axis, d in enumerate(info.shape_signature) if d < 0]
        if open_axes == [0] and info.shape[0] == 1:
            open_batch.append(tensor)
        elif open_axes:
            maker = view.producer.get(tensor)
            view.report(
                "dynamic-shape",
                f"{view.named(tensor)}, made by {view.maker(tensor)}, has the shape "
                f"{list(info.shape_signature)}: -1 is unknown until the model runs, so no memory can be "
                "planned for it",
                _STATIC,
                operator=maker,
                tensor=tensor,
            )
        if 0 in info.shape:
            view.report(
                "empty-tensor",
                f"{view.named(tensor)}, made by {view.maker(tensor)}, has the shape {list(info.shape)}: no "
                "elements",
                _STATIC,
                operator=view.producer.get(tensor),
                tensor=tensor,
            )
    if open_batch:
        view.report(
            "open-batch",
            f"the batch size of {view.named(open_batch[0])}"
            + (f" and {len(open_batch) - 1} other tensors" if len(open_batch) > 1 else "")
            + " is open (-1); it is fixed at 1",
            "",
            tensor=open_batch[0],
            severity="info",
        )


def check_interface(view: View) -> None:
    """Inputs and outputs of the model are of types that firmware takes and gives."""
    graph = view.graph
    for tensors, what in ((graph.inputs, "input"), (graph.outputs, "output")):
        for tensor in tensors:
            dtype = graph[tensor].dtype
            if dtype in _INTERFACE or dtype.is_float:
                continue  # rules about operators judge floats, and say where they come from
            view.report(
                f"{what}-type",
                f"the model's {what} {view.typed(tensor)} is none of {', '.join(sorted(_INTERFACE))}",
                "Leave this tensor out of the model, and compute with it in the application.",
                tensor=tensor,
            )
