"""Signatures: which subgraph of a file is meant, and what its inputs and outputs are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edgeq.base.errors import ModelError
from edgeq.graph import schema
from edgeq.graph.flatbuffer import Flatbuffer, Table
from edgeq.graph.model import Graph

_MOST = 50_000


@dataclass(frozen=True)
class Signature:
    """One entry of a model.

    Attributes:
        key: what it is called by; empty where the file has no signature.
        subgraph: the number of the subgraph that it runs.
        names: of its tensors, by their numbers in that subgraph.
    """

    key: str = ""
    subgraph: int = 0
    names: Mapping[int, str] = field(default_factory=dict)

    def names_of(self, main: Graph, graph: Graph) -> dict[int, str]:
        """The names of a graph's inputs and outputs, which in the subgraph were ``main``'s; compilers leave
        names of tensors that are gone, and those are left out."""
        ends = zip((*main.outputs, *main.inputs), (*graph.outputs, *graph.inputs), strict=True)
        return {now: self.names[index] for index, now in ends if index in self.names}


def read_signatures(file: Flatbuffer, root: Table, subgraphs: int) -> tuple[Signature, ...]:
    """All signatures of a file, in its order.

    Raises:
        ModelError: one names a subgraph that is not there.
    """
    slots = schema.SIGNATURE
    found = []
    for table in root.tables(schema.MODEL["signature_defs"], "signature", _MOST):
        number = table.integer(slots["subgraph_index"], "uint32")
        if number >= subgraphs:
            raise file.damaged(f"a signature runs subgraph {number} of {subgraphs}")
        names: dict[int, str] = {}
        for part in ("outputs", "inputs"):
            for entry in table.tables(slots[part], f"a signature's {part}", _MOST):
                index = entry.integer(schema.TENSOR_MAP["tensor_index"], "uint32")
                names[index] = entry.string(schema.TENSOR_MAP["name"], "a name in a signature")
        found.append(Signature(table.string(slots["signature_key"], "a signature's key"), number, names))
    return tuple(found)


def choose(signatures: Sequence[Signature], wanted: str | None, label: str) -> Signature:
    """The signature that is meant; without a name the usual one of the file's only subgraph, or its first.

    Raises:
        ModelError: none has that name, or none is named and they run several subgraphs.
    """
    known = ", ".join(dict.fromkeys(one.key or "''" for one in signatures))
    if wanted is not None:
        for one in signatures:
            if one.key == wanted:
                return one
        there = f"there are: {known}" if known else "it has none: leave --signature out"
        raise ModelError(f"{label} has no signature {wanted!r}", there)
    if any(one.subgraph for one in signatures):
        raise ModelError(
            f"{label} has several models in one file, by {len(signatures)} "
            f"signature{'s' * (len(signatures) > 1)}, and none is chosen",
            f'choose one with --signature NAME (Python: signature="NAME"); there are: {known}',
        )
    usual = [one for one in signatures if one.key == schema.USUAL_SIGNATURE]
    return (usual or list(signatures) or [Signature()])[0]
