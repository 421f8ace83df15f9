"""Whether each output has the shape that its operator gives it.

The file states both; memory is planned by what it states, so a contradiction must not pass.
"""

from __future__ import annotations

from edgeq.checker.view import View
from edgeq.graph.shapes import Contradiction

_AGAIN = "The model file contradicts itself: convert it again, and if its input was resized, in the new size."


def check_shapes(view: View) -> None:
    """The shape of every output follows from the operator's inputs and options."""
    for index, op in view.open_operators():
        output = op.outputs[0]
        try:
            expected = view.table[op.opcode].shape(view.graph, op)
        except Contradiction as error:
            view.report("shape", str(error), _AGAIN, operator=index, tensor=op.inputs[0])
            continue
        if expected != view.graph[output].shape:
            view.report(
                "shape",
                f"its output {view.typed(output)} should have the shape {list(expected)}",
                _AGAIN,
                operator=index,
                tensor=output,
            )
