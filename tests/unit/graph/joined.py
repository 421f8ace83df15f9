"""Files of several subgraphs, made of graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import pytest

from edgeq.graph import Graph, write_model

schema = pytest.importorskip("ai_edge_litert.schema_py_generated")


def unpacked(data: bytes) -> Any:
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def joined(graphs: Sequence[Graph], signatures: Mapping[str, int] | None = None) -> bytes:
    """One file whose subgraphs these are, in their order.

    Args:
        signatures: which subgraph each key runs; inputs are called a, b, … and outputs y, z, ….
    """
    whole = unpacked(write_model(graphs[0]))
    for graph in graphs[1:]:
        part = unpacked(write_model(graph))
        codes, buffers = len(whole.operatorCodes), len(whole.buffers)
        whole.operatorCodes += part.operatorCodes
        whole.buffers += part.buffers
        (subgraph,) = part.subgraphs
        for tensor in subgraph.tensors:
            tensor.buffer += buffers
        for operator in subgraph.operators:
            operator.opcodeIndex += codes
        whole.subgraphs.append(subgraph)
    whole.signatureDefs = [_signature(key, n, graphs[n]) for key, n in (signatures or {}).items()]
    return packed(whole)


def _signature(key: str, number: int, graph: Graph) -> Any:
    def named(names: str, indices: Sequence[int]) -> list[Any]:
        found = []
        for name, index in zip(names, indices, strict=False):
            entry = schema.TensorMapT()
            entry.name, entry.tensorIndex = name, index
            found.append(entry)
        return found

    made = schema.SignatureDefT()
    made.signatureKey, made.subgraphIndex = key, number
    made.inputs, made.outputs = named("abcd", graph.inputs), named("yz", graph.outputs)
    return made
