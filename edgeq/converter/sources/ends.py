"""Inputs and outputs under the source's own names, in its own order: converters have others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from edgeq.converter.sources.child import Ends
from edgeq.graph import Graph, Tensor
from edgeq.graph.names import plain_name

_NUMBERED = re.compile(r"output_(\d+)")
"""What exporters of Keras and PyTorch call outputs that have no name but their position."""


def as_in_source(graph: Graph, inputs: Ends, outputs: Ends) -> Graph:
    """The graph with the source's names and order.

    Args:
        graph: as the converter made it.
        inputs, outputs: the source's, in its order. Where they are empty, or cannot all be found in the
            graph, the names of the file's signature stay, and the file's order; outputs that are called
            ``output_0`` and so on are put in the order of their numbers.
    """
    found = _found(graph, graph.inputs, inputs)
    is_known = found is not None
    named = _found(graph, graph.outputs, outputs)
    if named is None:
        named = _found(graph, graph.outputs, _numbered(graph.output_tensors))
    tensors = list(graph.tensors)
    for index, name in ((found or {}) | (named or {})).items():
        tensors[index] = replace(tensors[index], alias=name)
    return graph.replace(
        tensors=tuple(tensors),
        inputs=graph.inputs if found is None else tuple(found),
        outputs=graph.outputs if named is None else tuple(named),
        is_in_source_order=is_known,
    )


def _found(graph: Graph, indices: Sequence[int], ends: Ends) -> dict[int, str] | None:
    """The source's names by tensor, in its order; None unless names and tensors go together one by one."""
    if len(ends) != len(indices) or len(set(indices)) != len(indices):
        return None
    found: dict[int, str] = {}
    for name, made in ends:
        wanted = {_plain(one) for one in made}
        meant = [index for index in indices if wanted & _names(graph[index])]
        if len(meant) != 1 or meant[0] in found:
            return None
        found[meant[0]] = name
    return found


def _names(tensor: Tensor) -> set[str]:
    if tensor.alias:
        return {_plain(tensor.alias)}
    return {_plain(tensor.name), _plain(plain_name(tensor))}


def _plain(name: str) -> str:
    """Converters replace what cannot stand in names of theirs."""
    return re.sub(r"\W", "_", name)


def _numbered(tensors: Sequence[Tensor]) -> Ends:
    numbers = [_NUMBERED.fullmatch(tensor.alias) for tensor in tensors]
    if None in numbers:
        return ()
    names = sorted((tensor.alias for tensor in tensors), key=lambda name: int(name.rpartition("_")[2]))
    return tuple((name, (name,)) for name in names)
