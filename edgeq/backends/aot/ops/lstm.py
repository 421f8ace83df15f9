"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 with an int16 cell, as LiteRT's integer kernel computes it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from edgeq.backends.aot.families import DSP, PLAIN, Family
from edgeq.backends.aot.kernels import alike, choose
from edgeq.backends.aot.ops.fixed_point import quantize_multiplier
from edgeq.backends.aot.ops.operator import Op
from edgeq.backends.aot.ops.tensors import quant_of, scale_of, shape_text
from edgeq.backends.aot.step import Constant, Step
from edgeq.backends.aot.target import Target
from edgeq.checker.recurrent import (
    GATES,
    LSTM,
    LSTM_BIASES,
    LSTM_CELL,
    LSTM_RECURRENT,
    LSTM_STATE,
    LSTM_WEIGHTS,
    cell_bits,
)
from edgeq.graph.macs import operator_macs
from edgeq.graph.model import ABSENT, Graph, Operator

_BETWEEN = 5
"""Tensors that carry scales: of the gates before normalization, of the hidden state."""
_UNDER_GATES = np.float32(2.0**-12)
_UNIT = np.float32(2.0**-15)
_PER_MAC: dict[Family, float] = {PLAIN: 5.2, DSP: 1.5}
_PER_CELL = 900
"""Instructions of a cell in a step beside its sums: four gates and the tanh of the cell."""


def _refusal(graph: Graph, op: Operator) -> str | None:
    if len(op.intermediates) != _BETWEEN or graph[op.intermediates[-1]].quant is None:
        return "it does not say the scale of its hidden state, which a fifth intermediate tensor carries"
    return LSTM.refusal(graph, op) if LSTM.refusal else None


def _lower(graph: Graph, index: int, target: Target) -> tuple[Step, ...]:
    op = graph.operators[index]
    macs, cells = operator_macs(graph, op), graph[op.outputs[0]].elements
    instructions = {family: macs * rate + cells * _PER_CELL for family, rate in _PER_MAC.items()}
    return (choose(alike("lstm", instructions, partial(_step, graph, index)), target).step,)


def _step(graph: Graph, index: int, kernel: str) -> Step:
    op = graph.operators[index]
    x, y = graph[op.inputs[0]], graph[op.outputs[0]]
    cell, hidden = quant_of(graph[op.inputs[LSTM_CELL]]), quant_of(graph[op.intermediates[-1]])
    time_major = bool(op.options.get("time_major"))
    steps, batch = x.shape[:2] if time_major else x.shape[1::-1]
    inputs, cells = x.shape[-1], y.shape[-1]
    multiplier, shift = quantize_multiplier(float(_UNIT / np.float32(hidden.scale) * _UNIT))
    return Step(
        operator=index,
        title=f"LSTM {shape_text(x.shape)} -> {shape_text(y.shape)}",
        kernel=kernel,
        params_type="edgeq_lstm_params",
        params={
            "weights": "weights",
            "recurrent": "recurrent",
            "bias": "bias",
            "scales": "scales",
            "batch": batch,
            "steps": steps,
            "inputs": inputs,
            "cells": cells,
            "input_step": inputs * (batch if time_major else 1),
            "input_batch": inputs * (1 if time_major else steps),
            "output_step": cells * (batch if time_major else 1),
            "output_batch": cells * (1 if time_major else steps),
            "is_coupled": int(op.inputs[LSTM_WEIGHTS] == ABSENT),
            "cell_bits": cell_bits(cell.scale),
            "cell_clip": _clip(op, cell.scale),
            "multiplier": multiplier,
            "shift": shift,
            "zero_point": hidden.zero_point,
        },
        inputs=(op.inputs[0],),
        states=(op.inputs[LSTM_STATE], op.inputs[LSTM_CELL]),
        outputs=op.outputs,
        sources=(f"{kernel}.c",),
        constants=_constants(graph, op, (inputs, cells)),
        macs=operator_macs(graph, op),
        typed=True,
    )


def _clip(op: Operator, scale: float) -> int:
    """Where the cell is cut off, in its integers; 0 where it is not."""
    limit = float(str(op.options.get("cell_clip", 0.0)))
    return int(min(max(np.float32(limit) / np.float32(scale), -32768.0), 32767.0)) if limit > 0 else 0


def _constants(graph: Graph, op: Operator, sizes: tuple[int, int]) -> tuple[Constant, ...]:
    """Matrices, biases and scales of all gates, those of a missing one zeros."""
    inputs, cells = sizes
    matrices = [np.zeros((cells, 4, depth), np.int8) for depth in (inputs, cells)]
    biases: npt.NDArray[np.int64] = np.zeros((cells, 2, 4), np.int64)
    scales = np.zeros((2, 4, 2), np.int32)
    sources = (graph[op.inputs[0]].quant, graph[op.inputs[LSTM_STATE]].quant)
    for gate in range(len(GATES)):
        if op.inputs[LSTM_BIASES + gate] != ABSENT:
            biases[:, 0, gate] = np.asarray(graph[op.inputs[LSTM_BIASES + gate]].data)
        for side, (first, source) in enumerate(zip((LSTM_WEIGHTS, LSTM_RECURRENT), sources, strict=True)):
            if op.inputs[first + gate] == ABSENT or source is None:
                continue
            matrix = graph[op.inputs[first + gate]]
            values = np.asarray(matrix.data).astype(np.int64)
            matrices[side][:, gate] = values
            biases[:, side, gate] -= source.zero_point * values.sum(axis=1)
            real = np.float32(scale_of(matrix)) * np.float32(source.scale) / _UNDER_GATES
            scales[side, gate] = quantize_multiplier(float(real))
    words = (biases & 0xFFFFFFFF).astype(np.uint32).view(np.int32)
    return (
        Constant("weights", "int8_t", matrices[0].reshape(-1), f"[{cells}][4][{inputs}]"),
        Constant("recurrent", "int8_t", matrices[1].reshape(-1), f"[{cells}][4][{cells}]"),
        Constant(
            "bias", "int32_t", words.reshape(-1), "by cells: of the inputs, of the state; zero points in"
        ),
        Constant("scales", "int32_t", scales.reshape(-1), "multiplier and shift", is_weights=False),
    )


OPERATORS = (
    Op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        replace(LSTM, refusal=_refusal),
        _lower,
        "an int16 cell; neither peepholes, projection nor normalized gates; the input gate may be missing",
    ),
)
