"""The preprocessing that a user declares, given to the input of a model."""

from __future__ import annotations

from pathlib import Path

from edgeq.base.errors import UsageError
from edgeq.features.declaration import read_declaration
from edgeq.features.preprocessing import Preprocessing
from edgeq.graph import Graph


def declared(graph: Graph, given: Path | Preprocessing | None) -> Graph:
    """The graph whose input is made of raw samples in the way that is given; as it is where nothing is.

    Raises:
        UsageError: the file cannot be read, the model has several inputs, or takes another number of values.
    """
    if given is None:
        return graph
    step = read_declaration(given) if isinstance(given, Path) else given
    if len(graph.inputs) != 1:
        raise UsageError(
            f"a preprocessing is declared, and {graph.name} has {len(graph.inputs)} inputs",
            "it is for models of one input",
        )
    (tensor,) = graph.input_tensors
    made = step.forms[-1] if step.forms else None
    if made is not None and made.elements != tensor.elements:
        raise UsageError(
            f"the declared preprocessing gives {list(made.shape)}, {made.elements} values, and input "
            f"'{tensor.name}' takes {list(tensor.shape)}",
            "let the stages give as many values as the input takes",
        )
    return graph.preprocessed((step,))
