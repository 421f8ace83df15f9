"""A float network and its int8 form, and faults to put into that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edgeq.converter import convert
from edgeq.data import Dataset
from edgeq.graph import Graph, QuantParams, write_model
from edgeq.judge.layers import Diagnosis, Layer, diagnose

from .one import One


def net() -> Graph:
    """Convolutions, a depthwise one between them, a classifier."""
    one = One(7)
    x = one.conv(one.input(1, 8, 8, 3), 8, act="RELU")
    x = one.conv(one.depthwise(x, "RELU"), 12, act="RELU")
    return one.graph(one.same("SOFTMAX", one.dense(one.flatten(x), 5), beta=1.0))


def normal(graph: Graph, count: int = 24, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    shapes = [tensor.shape[1:] for tensor in graph.input_tensors]
    return Dataset(tuple(rng.normal(0, 1, (count, *s)).astype(np.float32) for s in shapes), None, "normal")


def int8(graph: Graph, mode: str = "minmax") -> Graph:
    return convert(write_model(graph), graph, normal(graph), mode=mode).graph  # type: ignore[arg-type]


def look(graph: Graph, other: Graph, data: Dataset | None = None) -> Diagnosis:
    return diagnose(write_model(graph), graph, other, normal(graph, 8, 1) if data is None else data)


def with_tensor(graph: Graph, index: int, **changes: object) -> Graph:
    tensors = list(graph.tensors)
    tensors[index] = replace(tensors[index], **changes)  # type: ignore[arg-type]
    return graph.replace(tensors=tuple(tensors))


def with_scale(graph: Graph, position: int, times: float) -> Graph:
    """The range of one operator's result made wider or narrower, its zero point kept."""
    index = graph.operators[position].outputs[0]
    quant = graph[index].quant
    assert quant is not None
    return with_tensor(graph, index, quant=QuantParams.per_tensor(quant.scale * times, quant.zero_point))


def with_fit_bias(graph: Graph, position: int) -> Graph:
    """The same bias in the scale that its operator's input and weights have now."""
    op = graph.operators[position]
    source, weights, bias = (graph[index] for index in op.inputs)
    assert source.quant is not None and weights.quant is not None
    assert bias.quant is not None and bias.data is not None
    scales = np.broadcast_to(source.quant.scale * weights.quant.scales, bias.shape).astype(np.float32)
    real = np.asarray(bias.data) * bias.quant.scales
    quant = QuantParams(scales, np.zeros(len(scales), np.int64))
    return with_tensor(graph, op.inputs[2], data=np.rint(real / scales).astype(np.int32), quant=quant)


def unnamed(graph: Graph) -> Graph:
    tensors = tuple(replace(tensor, name=f"other_{i}") for i, tensor in enumerate(graph.tensors))
    return graph.replace(tensors=tensors)


def of(found: Diagnosis, operator: int) -> Layer:
    return next(layer for layer in found.layers if layer.operator == operator)
