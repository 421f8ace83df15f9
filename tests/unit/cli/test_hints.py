"""Following hints: a command that one refusal advises never ends in a refusal that points back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, read_model, write_model

from .conftest import Edgeq
from .models import float_dense, int8_dense, samples

VERBS = ("check", "convert", "deploy", "generate", "inspect")
ADVISED = re.compile(
    rf"edgeq ({'|'.join(VERBS)})\b|\b({'|'.join(VERBS)}),? or |\bor ({'|'.join(VERBS)}) it\b"
)


def typed(dtype: DType) -> bytes:
    """The int8 model with activations of another type."""
    graph = read_model(int8_dense())
    tensors = [
        t if t.is_constant else Tensor(t.name, t.shape, dtype, QuantParams.per_tensor(1 / 128, 0))
        for t in graph.tensors
    ]
    return write_model(graph.replace(tensors=tuple(tensors)))


def float_io(inner: bytes) -> bytes:
    """A QUANTIZE before it and a DEQUANTIZE behind it."""
    graph = read_model(inner)
    (a,), (b,) = graph.inputs, graph.outputs
    count = len(graph.tensors)
    ends = [Tensor(f"real_{graph[i].name}", graph[i].shape, DType.FLOAT32) for i in (a, b)]
    operators = (
        Operator("QUANTIZE", (count,), (a,)),
        *graph.operators,
        Operator("DEQUANTIZE", (b,), (count + 1,)),
    )
    return write_model(Graph("io", (*graph.tensors, *ends), operators, inputs=(count,), outputs=(count + 1,)))


def arg_max(inner: bytes, dtype: DType) -> bytes:
    """The class alone as output."""
    graph = read_model(inner)
    count = len(graph.tensors)
    more = (
        Tensor("axis", (), DType.INT32, data=np.array(1, np.int32)),
        Tensor("class", (1,), dtype),
    )
    last = Operator("ARG_MAX", (graph.outputs[0], count), (count + 1,), {"output_type": dtype.value})
    return write_model(
        graph.replace(
            tensors=(*graph.tensors, *more), operators=(*graph.operators, last), outputs=(count + 1,)
        )
    )


def hybrid() -> bytes:
    """Float activations, int8 weights."""
    graph = read_model(float_dense())
    weights = Tensor("w", (2, 4), DType.INT8, QuantParams.per_tensor(1 / 127, 0), np.ones((2, 4), np.int8))
    return write_model(graph.replace(tensors=(graph.tensors[0], weights, graph.tensors[2])))


def in_part() -> bytes:
    """An int8 layer, a DEQUANTIZE, and float behind it."""
    graph = read_model(int8_dense())
    count = len(graph.tensors)
    more = (Tensor("real", (1, 2), DType.FLOAT32), Tensor("last", (1, 2), DType.FLOAT32))
    operators = (
        *graph.operators,
        Operator("DEQUANTIZE", (graph.outputs[0],), (count,)),
        Operator("SIN", (count,), (count + 1,)),
    )
    return write_model(
        graph.replace(tensors=(*graph.tensors, *more), operators=operators, outputs=(count + 1,))
    )


MODELS: dict[str, Callable[[], bytes]] = {
    "float": float_dense,
    "int8": int8_dense,
    "uint8": lambda: typed(DType.UINT8),
    "int16x8": lambda: typed(DType.INT16),
    "int8, float io": lambda: float_io(int8_dense()),
    "int16x8, float io": lambda: float_io(typed(DType.INT16)),
    "float, ARG_MAX of INT64": lambda: arg_max(float_dense(), DType.INT64),
    "float, ARG_MAX of INT32": lambda: arg_max(float_dense(), DType.INT32),
    "int8, ARG_MAX of INT64": lambda: arg_max(int8_dense(), DType.INT64),
    "int8, ARG_MAX of INT32": lambda: arg_max(int8_dense(), DType.INT32),
    "hybrid": hybrid,
    "int8 in part": in_part,
}


def refused(edgeq: Edgeq, verb: str, model: str) -> tuple[str, set[str]] | None:
    """What a verb says when it refuses, and the verbs that it advises; None where it does not."""
    options = {
        "convert": ["--calibration", "cal.npz", "--out", "made.tflite", "--force"],
        "deploy": ["--calibration", "cal.npz", "--board", "host", "--samples", "2", "--out", "out"],
        "generate": ["--board", "host", "--out", "project"],
    }
    result = edgeq(verb, model, *options.get(verb, []), "--json")
    if result.code == 0:
        return None
    said = result.json
    findings = said.get("findings") or said.get("error", {}).get("findings") or []
    hints = [finding["hint"] for finding in findings if finding["severity"] == "error"]
    if "error" in said:
        hints.append(said["error"]["hint"])
    told = " | ".join(hints)
    return told, {verb for found in ADVISED.findall(told) for verb in found if verb}


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=pytest.mark.slow) if "float" in kind or kind == "hybrid" else kind
        for kind in MODELS
    ],
)
def test_hints_do_not_go_in_a_circle(edgeq: Edgeq, folder: Path, kind: str) -> None:
    (folder / "m.tflite").write_bytes(MODELS[kind]())
    np.savez(folder / "cal.npz", x=samples()[0])
    for start in ("check", "convert", "deploy", "generate"):
        behind: list[str] = []
        verbs = [start]
        while verbs:
            verb = verbs.pop()
            answer = refused(edgeq, verb, "m.tflite")
            if answer is None:
                continue
            told, advised = answer
            behind.append(verb)
            assert not advised & set(behind), f"{' -> '.join(behind)}: {told}"
            verbs += advised
    converted = refused(edgeq, "convert", "m.tflite") is None
    if converted:
        answer = refused(edgeq, "check", "made.tflite")
        assert answer is None or "convert" not in answer[1], answer
