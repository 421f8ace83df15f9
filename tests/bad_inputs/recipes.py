"""How bad inputs are made, in a folder that has good ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from edgeq.cli import main
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model

Kitchen = Path
"""A folder that already holds: ``float.tflite``, ``int8.tflite``, ``calibration.npz``, ``test.npz``."""


def npz(folder: Kitchen, name: str, **arrays: np.ndarray) -> None:
    np.savez(folder / name, **arrays)  # type: ignore[arg-type]


def calibration(folder: Kitchen) -> np.ndarray:
    x = np.load(folder / "calibration.npz")["x"]
    assert isinstance(x, np.ndarray)
    return x[:20]


def changed(folder: Kitchen, source: str, name: str, change: Callable[[Graph], Graph]) -> None:
    graph = read_model((folder / source).read_bytes(), "model")
    (folder / name).write_bytes(write_model(change(graph)))


def open_width(graph: Graph) -> Graph:
    tensors = list(graph.tensors)
    for index in graph.inputs:
        shape = tensors[index].shape
        tensors[index] = replace(tensors[index], shape_signature=(1, -1, *shape[2:]))
    return replace(graph, tensors=tuple(tensors))


def with_cosine(graph: Graph) -> Graph:
    """The first operator's input goes through COS, which has no int8 form."""
    first = graph.inputs[0]
    turned = len(graph.tensors)
    tensors = (*graph.tensors, replace(graph.tensors[first], name="turned"))
    swap = [
        replace(op, inputs=tuple(turned if i == first else i for i in op.inputs)) for op in graph.operators
    ]
    return replace(graph, tensors=tensors, operators=(Operator("COS", (first,), (turned,)), *swap))


def unsupported_int8(graph: Graph) -> Graph:
    """The output goes through LOCAL_RESPONSE_NORMALIZATION, which has no integer form."""
    last = graph.outputs[0]
    tensors = (*graph.tensors, replace(graph.tensors[last], name="normalized"))
    operators = (*graph.operators, Operator("LOCAL_RESPONSE_NORMALIZATION", (last,), (len(graph.tensors),)))
    return replace(graph, tensors=tensors, operators=operators, outputs=(len(graph.tensors),))


def huge_weights(graph: Graph) -> Graph:
    rows, columns = 64, 32_768
    tensors = (
        Tensor("input", (1, columns), DType.INT8, QuantParams.per_tensor(0.5, 0)),
        Tensor(
            "weights",
            (rows, columns),
            DType.INT8,
            QuantParams.per_tensor(0.5, 0),
            np.ones((rows, columns), np.int8),
        ),
        Tensor("output", (1, rows), DType.INT8, QuantParams.per_tensor(100.0, 0)),
    )
    options = {"fused_activation_function": "NONE", "weights_format": "DEFAULT", "keep_num_dims": False}
    return Graph("huge", tensors, (Operator("FULLY_CONNECTED", (0, 1, -1), (2,), options),), (0,), (2,))


def large_activations(graph: Graph) -> Graph:
    shape = (1, 512, 512, 1)
    quant = QuantParams.per_tensor(0.5, 0)
    tensors = (Tensor("input", shape, DType.INT8, quant), Tensor("output", shape, DType.INT8, quant))
    return Graph("wide", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,))


def write(name: str, data: bytes) -> Callable[[Kitchen], object]:
    return lambda folder: (folder / name).write_bytes(data)


def truncate(folder: Kitchen) -> None:
    data = (folder / "int8.tflite").read_bytes()
    (folder / "cut.tflite").write_bytes(data[: len(data) // 2])


def occupied(folder: Kitchen) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("years of work")


def project(folder: Kitchen) -> None:
    made = main(["--quiet", *f"generate {folder}/int8.tflite --board sim-m4 --out {folder}/out".split()])
    assert made == 0


def with_own_file(folder: Kitchen) -> None:
    project(folder)
    (folder / "out" / "app.c").write_text("int mine;")


def with_changed_file(folder: Kitchen) -> None:
    project(folder)
    (folder / "out" / "linker.ld").write_text("mine")


def compiled(graph: Graph) -> Graph:
    """All of it in one operator, which has memory of its own."""
    scratch = Tensor("scratch", (64,), DType.INT8)
    inputs = (*graph.inputs, len(graph.tensors))
    whole = Operator("CUSTOM", inputs, graph.outputs, custom_code="ethos-u", custom_options=b"\x01")
    return replace(graph, tensors=(*graph.tensors, scratch), operators=(whole,))
