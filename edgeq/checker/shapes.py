"""Whether each output has the shape that its operator gives it.

The file states both; memory is planned by what it states, so a contradiction must not pass.
"""

from __future__ import annotations

from edgeq.checker.view import View
from edgeq.graph.shapes import Contradiction

_AGAIN = "The model file contradicts itself: convert it again, and if its input was resized, in the new size."


def check_shapes(view: View) -> None:
    """The shape of every output follows from the operator's inputs and options."""
    for index, op, support in view.taken():
        try:
            expected = support.output_shapes(view.graph, op)
        except Contradiction as error:
            view.report("shape", str(error), _AGAIN, operator=index, tensor=op.inputs[0])
            continue
        if len(expected) != len(op.outputs):
            message = f"it has {len(op.outputs)} outputs, where {len(expected)} follow from its constants"
            view.report("shape", message, _AGAIN, operator=index, tensor=op.outputs[0])
            continue
        for output, shape in zip(op.outputs, expected, strict=True):
            if shape != view.graph[output].shape:
                view.report(
                    "shape",
                    f"its output {view.typed(output)} should have the shape {list(shape)}",
                    _AGAIN,
                    operator=index,
                    tensor=output,
                )
