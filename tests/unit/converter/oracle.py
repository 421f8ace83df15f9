"""LiteRT's own classic quantizer, a private class of the wheel: what ours is compared with."""

from __future__ import annotations

import flatbuffers
import numpy as np
import pytest

from edgeq.graph import Graph, Operator, Tensor, read_model


def litert(model: bytes, samples: list[np.ndarray]) -> tuple[bytes, Graph]:
    """The int8 model that LiteRT's quantizer makes: per-channel weights, int8 inputs and outputs.

    To an activation that is nothing but 0 it gives a scale near 0, useless to kernels; the graph has 1 there.
    """
    module = pytest.importorskip("ai_edge_litert._pywrap_tensorflow_lite_calibration_wrapper")
    wrapper = module.CalibrationWrapper(model, [], [])
    wrapper.Prepare([[1, *array.shape[1:]] for array in samples])
    for index in range(len(samples[0])):
        wrapper.FeedTensor([array[index : index + 1] for array in samples])
    int8, int32 = np.dtype("int8").num, np.dtype("int32").num
    quantized = bytes(wrapper.QuantizeModel(int8, int8, False, int8, int32, False, False))
    return quantized, read_model(_with_usable_scales(quantized))


def _with_usable_scales(model: bytes) -> bytes:
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    root = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(model, 0))
    for tensor in root.subgraphs[0].tensors:
        scales = None if tensor.quantization is None else tensor.quantization.scale
        if scales is not None:
            tensor.quantization.scale = np.where(scales < np.finfo(np.float32).tiny, np.float32(1), scales)
    builder = flatbuffers.Builder(len(model))
    builder.Finish(root.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def differences(ours: Graph, theirs: Graph) -> list[str]:
    """Every operator, tensor, scale, zero point or constant in which two int8 graphs differ."""
    found: list[str] = []
    mine, others = _operators(ours), _operators(theirs)
    if [op.opcode for op in mine] != [op.opcode for op in others]:
        return [f"operators {[op.opcode for op in mine]} and {[op.opcode for op in others]}"]
    for position, (op, other) in enumerate(zip(mine, others, strict=True)):
        if op.version != other.version or len(op.inputs) != len(other.inputs):
            found.append(f"{op.opcode}: version {op.version}, {other.version}")
        pairs = zip((*op.inputs, *op.outputs), (*other.inputs, *other.outputs), strict=True)
        for slot, (a, b) in enumerate(pairs):
            if a >= 0 or b >= 0:
                what = _difference(ours[a], theirs[b])
                if what:
                    found.append(f"{op.opcode} {position} tensor {slot}: {what}")
    return found


def _operators(graph: Graph) -> list[Operator]:
    """Without QUANTIZE, of which ours has fewer: one for each tensor and scale."""
    return [op for op in graph.operators if op.opcode != "QUANTIZE"]


def _difference(a: Tensor, b: Tensor) -> str:
    if a.dtype is not b.dtype:
        return f"type {a.dtype}, {b.dtype}"
    if (a.quant is None) != (b.quant is None):
        return f"quantization {a.quant}, {b.quant}"
    if a.quant is not None and b.quant is not None:
        if not np.array_equal(a.quant.scales, b.quant.scales):
            return f"scales {a.quant.scales}, {b.quant.scales}"
        if not np.array_equal(a.quant.zero_points, b.quant.zero_points):
            return f"zero points {a.quant.zero_points}, {b.quant.zero_points}"
    if a.data is not None and b.data is not None and not np.array_equal(a.data, b.data):
        return f"{int((np.ravel(a.data) != np.ravel(b.data)).sum())} values"
    return ""
