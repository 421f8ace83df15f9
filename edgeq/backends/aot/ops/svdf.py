"""SVDF: a feature of each input, the last ones remembered in int16 and weighted."""

from __future__ import annotations

from functools import partial

import numpy as np

from edgeq.backends.aot.families import DSP, PLAIN, Family
from edgeq.backends.aot.kernels import alike, choose
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import affine, scale_of, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.recurrent import SVDF, SVDF_BIAS, SVDF_FEATURES, SVDF_STATE, SVDF_TIMES, svdf_rank
from edgeq.graph.macs import operator_macs
from edgeq.graph.model import ABSENT, Graph

_PER_MAC: dict[Family, float] = {PLAIN: 5.2, DSP: 2.2}
_PER_FILTER = 40


def _lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    macs, filters = operator_macs(graph, op), graph[op.outputs[0]].elements * svdf_rank(op)
    instructions = {family: macs * rate + filters * _PER_FILTER for family, rate in _PER_MAC.items()}
    return (choose(alike("svdf", instructions, partial(_step, graph, index)), target).step,)


def _step(graph: Graph, index: int, kernel: str) -> Step:
    op = graph.operators[index]
    x, y = graph[op.inputs[0]], graph[op.outputs[0]]
    features = np.asarray(graph[op.inputs[SVDF_FEATURES]].data)
    times = np.asarray(graph[op.inputs[SVDF_TIMES]].data)
    units = y.shape[-1]
    given = op.inputs[SVDF_BIAS] != ABSENT
    bias = np.asarray(graph[op.inputs[SVDF_BIAS]].data) if given else np.zeros(units, np.int32)
    scaled = (*op.inputs[: SVDF_TIMES + 1], op.inputs[SVDF_STATE], *op.outputs)
    scales = [np.float32(scale_of(graph[t])) for t in scaled]
    of_input, of_features, of_times, of_state, of_output = scales
    first = quantize_multiplier(float(of_features * of_input / of_state))
    second = quantize_multiplier(float(of_state * of_times / of_output))
    offsets = -affine(graph, op.inputs[0], index)[1] * features.astype(np.int64).sum(axis=1)
    return Step(
        operator=index,
        title=f"SVDF {shape_text(x.shape)} -> {shape_text(y.shape)}, memory {times.shape[1]}",
        kernel=kernel,
        params_type="edgeq_svdf_params",
        params={
            "features": "features",
            "offsets": "offsets",
            "times": "times",
            "bias": "bias",
            "batch": x.shape[0],
            "inputs": x.shape[1],
            "units": units,
            "rank": svdf_rank(op),
            "memory": times.shape[1],
            "feature_multiplier": first[0],
            "feature_shift": first[1],
            "multiplier": second[0],
            "shift": second[1],
            "zero_point": affine(graph, op.outputs[0], index)[1],
        },
        inputs=(op.inputs[0],),
        states=(op.inputs[SVDF_STATE],),
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=(
            Constant("features", "int8_t", features.reshape(-1), f"[{units * svdf_rank(op)}][{x.shape[1]}]"),
            Constant("offsets", "int32_t", offsets.astype(np.int32), "the input's zero point, by filters"),
            Constant("times", "int16_t", times.reshape(-1), f"[{units * svdf_rank(op)}][{times.shape[1]}]"),
            Constant("bias", "int32_t", bias.reshape(-1)),
        ),
        macs=operator_macs(graph, op),
        typed=True,
    )


OPERATORS = (
    Op(
        "SVDF",
        SVDF,
        _lower,
        "an int16 state; the RELU is what the output's zero point leaves, as in the reference",
    ),
)
