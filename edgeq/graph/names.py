"""What a user calls a model's inputs and outputs: which names mean which of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from edgeq.graph.model import Graph, Tensor


def plain_name(tensor: Tensor) -> str:
    """A tensor's name without what TensorFlow's exporters add: ``serving_default_image:0`` is ``image``."""
    plain = tensor.name.removeprefix("serving_default_")
    return plain.rpartition(":")[0] or plain


def positions(tensors: Sequence[Tensor], kind: str) -> dict[str, int]:
    """Every name that means one of a model's inputs or outputs, with its position.

    The user's own name (``Tensor.alias``) comes before the file's, that before the file's without what
    exporters add, and that before ``input0`` and ``0``, which are there whatever the names are. A name that
    two of them have alike means neither.

    Args:
        tensors: the inputs, or the outputs, in the model's order.
        kind: ``"input"`` or ``"output"``.
    """
    found: dict[str, int] = {}
    numbers = range(len(tensors))
    for names in (
        [tensor.alias for tensor in tensors],
        [tensor.name for tensor in tensors],
        [plain_name(tensor) for tensor in tensors],
        [f"{kind}{position}" for position in numbers],
        [str(position) for position in numbers],
    ):
        counts = Counter(names)
        for position, name in enumerate(names):
            if name:
                found.setdefault(name, position if counts[name] == 1 else -1)
    return {name: position for name, position in found.items() if position >= 0}


def has_several(tensors: Sequence[Tensor], name: str) -> bool:
    """Whether a name is that of two or more of a model's inputs, or outputs, and so means none of them."""
    return (
        bool(name) and sum(name in (tensor.alias, tensor.name, plain_name(tensor)) for tensor in tensors) > 1
    )


def called(tensors: Sequence[Tensor], kind: str) -> tuple[str, ...]:
    """For each the name by which to call it: the first of :func:`positions` that means it and no other."""
    known = positions(tensors, kind)
    names = []
    for position, tensor in enumerate(tensors):
        plain = plain_name(tensor)
        wanted = (tensor.alias, plain, tensor.name, f"{kind}{position}", str(position))
        names.append(next((name for name in wanted if known.get(name) == position), str(position)))
    return tuple(names)


def with_aliases(graph: Graph, source: Graph) -> Graph:
    """A graph whose inputs and outputs the user calls as those of the graph that it was made from.

    Args:
        graph: of as many inputs and outputs, in the same order, as ``source``.
        source: has the names.
    """
    tensors = list(graph.tensors)
    for mine, theirs in ((graph.inputs, source.inputs), (graph.outputs, source.outputs)):
        for index, there in zip(mine, theirs, strict=True):
            tensors[index] = replace(tensors[index], alias=source[there].alias)
    return graph.replace(tensors=tuple(tensors), is_in_source_order=source.is_in_source_order)
