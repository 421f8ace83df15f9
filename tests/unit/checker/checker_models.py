"""One-operator models that pass the check, to be broken in one place by each test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edgeq.checker import Finding, examine
from edgeq.graph import (
    ABSENT,
    DType,
    Graph,
    Operator,
    OptionValue,
    QuantParams,
    Tensor,
    read_model,
    write_model,
)

RNG = np.random.default_rng(3)
Values = np.ndarray[Any, Any]


def per_tensor(scale: float, zero_point: int = 0) -> QuantParams:
    return QuantParams.per_tensor(scale, zero_point)


def per_channel(scales: Sequence[float], axis: int) -> QuantParams:
    return QuantParams(np.array(scales, np.float32), np.zeros(len(scales), np.int64), axis)


def activation(
    shape: tuple[int, ...],
    scale: float = 0.1,
    zero_point: int = 2,
    dtype: DType = DType.INT8,
    name: str = "t",
) -> Tensor:
    return Tensor(name, shape, dtype, None if dtype.is_float else per_tensor(scale, zero_point))


def constant(values: Values, quant: QuantParams | None = None, name: str = "c") -> Tensor:
    return Tensor(name, values.shape, DType[values.dtype.name.upper()], quant, values)


def weights(shape: tuple[int, ...], quant: QuantParams) -> Tensor:
    return constant(RNG.integers(-127, 128, shape).astype(np.int8), quant, "weights")


def index(*values: Any) -> Tensor:
    return constant(np.array(values, np.int32))


@dataclass(frozen=True)
class Model:
    """An operator, its tensors (inputs, then the output), and options."""

    opcode: str
    tensors: tuple[Tensor, ...]
    options: Mapping[str, OptionValue]
    version: int = 1

    def graph(self) -> Graph:
        return graph_of([self])

    def with_tensor(self, place: int, **changes: Any) -> Model:
        tensors = list(self.tensors)
        tensors[place] = replace(tensors[place], **{"shape_signature": (), **changes})
        return replace(self, tensors=tuple(tensors))

    def with_options(self, **options: OptionValue) -> Model:
        return replace(self, options={**self.options, **options})


def graph_of(steps: Sequence[Model], outputs: Sequence[int] | None = None) -> Graph:
    """Operators in a row: each takes the one before's output as its first input."""
    tensors: list[Tensor] = []
    operators = []
    previous = -1
    for step in steps:
        places = []
        for i, tensor in enumerate(step.tensors):
            if i == 0 and previous >= 0:
                places.append(previous)
            else:
                tensors.append(
                    replace(tensor, name=f"{step.opcode.lower()}/{i}" if tensor.name == "t" else tensor.name)
                )
                places.append(len(tensors) - 1)
        previous = places[-1]
        operators.append(
            Operator(step.opcode, tuple(places[:-1]), (previous,), dict(step.options), step.version)
        )
    made = {t for op in operators for t in op.outputs}
    inputs = tuple(
        t
        for t, tensor in enumerate(tensors)
        if not tensor.is_constant and not tensor.is_variable and t not in made
    )
    return Graph("m", tuple(tensors), tuple(operators), inputs, tuple(outputs or (previous,)))


def without_bias(model: Model) -> Graph:
    """A convolution or dense layer whose bias is left out."""
    graph = model.graph()
    op = graph.operators[0]
    return graph.replace(operators=(replace(op, inputs=(*op.inputs[:2], ABSENT)),))


_IMAGE = activation((1, 4, 4, 2))
_UNFUSED: dict[str, OptionValue] = {}
_WINDOW: dict[str, OptionValue] = {"padding": "VALID", "stride_w": 1, "stride_h": 1}
_POOL: dict[str, OptionValue] = {**_WINDOW, "filter_width": 2, "filter_height": 2}
_PADDINGS = constant(np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))

GOOD: dict[str, Model] = {
    "CONV_2D": Model(
        "CONV_2D",
        (
            _IMAGE,
            weights((3, 3, 3, 2), per_channel([0.01, 0.02, 0.03], 0)),
            constant(500 * np.arange(3, dtype=np.int32), per_channel([0.001, 0.002, 0.003], 0), "bias"),
            activation((1, 2, 2, 3)),
        ),
        _WINDOW,
        3,
    ),
    "DEPTHWISE_CONV_2D": Model(
        "DEPTHWISE_CONV_2D",
        (
            _IMAGE,
            weights((1, 3, 3, 4), per_channel([0.01, 0.02, 0.03, 0.04], 3)),
            constant(
                500 * np.arange(4, dtype=np.int32), per_channel([0.001, 0.002, 0.003, 0.004], 0), "bias"
            ),
            activation((1, 2, 2, 4)),
        ),
        {**_WINDOW, "depth_multiplier": 2},
        3,
    ),
    "FULLY_CONNECTED": Model(
        "FULLY_CONNECTED",
        (
            _IMAGE,
            weights((5, 32), per_tensor(0.01)),
            constant(500 * np.arange(5, dtype=np.int32), per_tensor(0.001), "bias"),
            activation((1, 5)),
        ),
        _UNFUSED,
        4,
    ),
    "ADD": Model("ADD", (_IMAGE, activation((1, 1, 1, 2)), _IMAGE), _UNFUSED, 2),
    "MUL": Model("MUL", (_IMAGE, activation((1, 4, 1, 2)), _IMAGE), _UNFUSED, 2),
    "AVERAGE_POOL_2D": Model("AVERAGE_POOL_2D", (_IMAGE, activation((1, 3, 3, 2))), _POOL, 2),
    "MAX_POOL_2D": Model("MAX_POOL_2D", (_IMAGE, activation((1, 3, 3, 2))), _POOL, 2),
    "MEAN": Model("MEAN", (_IMAGE, index(1, -2), activation((1, 2), 0.05)), _UNFUSED, 2),
    "RESHAPE": Model("RESHAPE", (_IMAGE, index(-1, 16), activation((2, 16))), _UNFUSED),
    "SQUEEZE": Model("SQUEEZE", (_IMAGE, activation((4, 4, 2))), {"squeeze_dims": (0,)}),
    "EXPAND_DIMS": Model("EXPAND_DIMS", (_IMAGE, index(-1), activation((1, 4, 4, 2, 1))), _UNFUSED),
    "PAD": Model("PAD", (_IMAGE, _PADDINGS, activation((1, 6, 6, 2))), _UNFUSED, 2),
    "PADV2": Model(
        "PADV2",
        (_IMAGE, _PADDINGS, constant(np.array([5], np.int8), per_tensor(0.1, 2)), activation((1, 6, 6, 2))),
        _UNFUSED,
        2,
    ),
    "CONCATENATION": Model(
        "CONCATENATION",
        (_IMAGE, activation((1, 4, 4, 1)), activation((1, 4, 4, 3)), activation((1, 4, 4, 6))),
        {"axis": -1},
        2,
    ),
    "SOFTMAX": Model("SOFTMAX", (activation((1, 5)), activation((1, 5), 1 / 256, -128)), {"beta": 1.0}, 2),
    "LOGISTIC": Model("LOGISTIC", (_IMAGE, activation((1, 4, 4, 2), 1 / 256, -128)), _UNFUSED, 2),
    "TANH": Model("TANH", (_IMAGE, activation((1, 4, 4, 2), 1 / 128, 0)), _UNFUSED, 2),
    "RELU": Model("RELU", (_IMAGE, activation((1, 4, 4, 2), 0.05, -128)), _UNFUSED, 2),
    "RELU6": Model("RELU6", (_IMAGE, activation((1, 4, 4, 2), 0.05, -128)), _UNFUSED, 2),
    "RELU_N1_TO_1": Model("RELU_N1_TO_1", (_IMAGE, activation((1, 4, 4, 2), 0.05, 0)), _UNFUSED),
    "QUANTIZE": Model("QUANTIZE", (_IMAGE, activation((1, 4, 4, 2), 0.2, 0)), _UNFUSED, 2),
}
"""A model that passes, for every operator of the aot runtime."""

IN_UINT8 = Model("QUANTIZE", (activation((1, 4, 4, 2), 0.1, 130, DType.UINT8), _IMAGE), _UNFUSED)
OUT_UINT8 = Model("QUANTIZE", (_IMAGE, activation((1, 4, 4, 2), 0.1, 130, DType.UINT8)), _UNFUSED)
DEQUANTIZE = Model("DEQUANTIZE", (_IMAGE, activation((1, 4, 4, 2), dtype=DType.FLOAT32)), _UNFUSED, 2)
ELU = Model(
    "ELU",
    (activation((1, 4, 4, 2), dtype=DType.FLOAT32), activation((1, 4, 4, 2), dtype=DType.FLOAT32)),
    _UNFUSED,
)
FROM_FLOAT = Model("QUANTIZE", (activation((1, 4, 4, 2), dtype=DType.FLOAT32), _IMAGE), _UNFUSED)


def findings_of(graph: Graph | Model) -> tuple[Finding, ...]:
    """What the checker says about the file that the graph makes."""
    data = write_model(graph.graph() if isinstance(graph, Model) else graph)
    return examine(read_model(data, "m"))


def rules(findings: Sequence[Finding], severity: str = "error") -> list[str]:
    return [finding.rule for finding in findings if finding.severity == severity]


def only(graph: Graph | Model, rule: str, severity: str = "error") -> Finding:
    """The one finding of that severity, after seeing that it is well-formed and of the rule."""
    findings = findings_of(graph)
    assert rules(findings, severity) == [rule], [f.message for f in findings]
    finding = next(f for f in findings if f.severity == severity)
    assert finding.message
    assert finding.hint or severity != "error"
    if finding.operator is not None:
        assert finding.message.startswith(f"operator {finding.operator} ({finding.opcode}): ")
    return finding


def unsigned(model: Model, place: int) -> Model:
    info = model.tensors[place]
    return model.with_tensor(
        place, dtype=DType.UINT8, quant=per_tensor(info.quant.scale if info.quant else 1, 128)
    )
