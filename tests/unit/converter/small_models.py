"""A small classifier, data for any model, and how near its int8 form is."""

from __future__ import annotations

import numpy as np

from edgeq.checker import examine
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import Graph
from edgeq.interpreter import run

from .nets import Net


def data(graph: Graph, count: int = 16, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    shapes = [tensor.shape[1:] for tensor in graph.input_tensors]
    return Dataset(
        tuple(rng.normal(0, 1, (count, *shape)).astype(np.float32) for shape in shapes), None, "normal"
    )


def sqnr(graph: Graph, model: bytes, quantized: Graph, int8: bytes, samples: Dataset) -> float:
    """Of the first output, in dB, the float model against the int8 one."""
    real = run(model, samples.x)[0].astype(np.float64)
    integers = [quantize_input(x, t) for x, t in zip(samples.x, quantized.input_tensors, strict=True)]
    ours = dequantize(run(int8, integers)[0], quantized.output_tensors[0]).astype(np.float64)
    return float(10 * np.log10((real**2).sum() / ((real - ours) ** 2).sum()))


def strict(graph: Graph) -> bool:
    return not [f for f in examine(graph) if f.severity == "error"]


def classifier() -> Net:
    net = Net(5)
    x = net.conv(net.input(1, 8, 8, 2), 8, act="RELU")
    x = net.pool("MAX_POOL_2D", net.depthwise(x, "RELU"))
    net.dense(net.flatten(x), 6)
    return net


def last(net: Net) -> Graph:
    return net.graph(net.operators[-1].outputs[0])
