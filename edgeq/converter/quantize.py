"""The quantizer: a float graph and the ranges of its activations become an integer graph."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter import params
from edgeq.converter.calibrate import Range
from edgeq.converter.numbers import INT8, INT16, Numbers
from edgeq.converter.ops import RULES, Rule
from edgeq.converter.params import Array, Floats
from edgeq.converter.recurrent import RECURRENT, integer_parts
from edgeq.converter.rounded import Rounded
from edgeq.converter.tables import values_of
from edgeq.graph import ABSENT, DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.rewrite import compact, without_dead

_BETWEEN = 3
"""The version of a QUANTIZE between int8 and int16."""


def quantize(
    graph: Graph,
    ranges: Mapping[int, Range],
    rounded: Rounded | None = None,
    *,
    numbers: Numbers = INT8,
    others: Collection[int] = (),
    floats: Collection[int] = (),
) -> tuple[Graph, tuple[str, ...]]:
    """Quantize every tensor and operator.

    Args:
        graph: a float graph as ``prepare`` gives it.
        ranges: (min, max) of every activation, by tensor index.
        rounded: weights and biases that are chosen already; the others are rounded to the nearest.
        numbers: which integers activations become, inputs and outputs among them.
        others: positions of operators that compute in the other kind, int16 among int8 or int8 among int16,
            between two QUANTIZE.
        floats: positions of operators that stay float, between a DEQUANTIZE and a QUANTIZE.

    Returns:
        The integer graph, its inputs and outputs integers, and notes.
    """
    rounded = Rounded() if rounded is None else rounded
    kinds = dict.fromkeys(others, INT8 if numbers.wide else INT16)
    return _Quantizer(graph, ranges, rounded, numbers, kinds=kinds, floats=frozenset(floats)).run()


def weight_maxima(
    graph: Graph, ranges: Mapping[int, Range], biases: Mapping[int, Floats]
) -> dict[tuple[int, int], Floats]:
    """The range of each channel of all weights, wide enough for the biases of those who use them.

    Args:
        graph, ranges: as for :func:`quantize`.
        biases: by operator position, instead of the model's own.

    Returns:
        The largest magnitude [channels] by (tensor index, output channel axis).
    """
    found: dict[tuple[int, int], Floats] = {}
    for position, op in enumerate(graph.operators):
        rule = RULES.get(op.opcode)
        if rule is None or rule.weights is None or not is_constant_weight(graph, op, rule):
            continue
        key = (op.inputs[rule.weights], rule.axis)
        maxima = found[key] if key in found else params.channel_maxima(_floats(graph, key[0]), rule.axis)
        bias = _bias(op, rule)
        if bias != ABSENT:
            seen = params.activation(*ranges[op.inputs[rule.first]])
            values = biases[position] if position in biases else _floats(graph, bias).reshape(-1)
            maxima = params.guard_bias(maxima, values, seen.scale)
        found[key] = maxima
    return found


class _Quantizer:
    def __init__(
        self,
        graph: Graph,
        ranges: Mapping[int, Range],
        rounded: Rounded,
        numbers: Numbers,
        *,
        kinds: Mapping[int, Numbers],
        floats: frozenset[int],
    ) -> None:
        self._graph = graph
        self._ranges = ranges
        self._rounded = rounded
        self._ends = numbers
        self._kinds = kinds
        self._numbers = numbers
        self._floats = floats
        self._tensors: list[Tensor] = list(graph.tensors)
        self._operators: list[Operator] = []
        self._maxima = weight_maxima(graph, ranges, rounded.biases)
        self._made: dict[tuple[object, ...], int] = {}
        self._biases: dict[int, int] = {}
        self._requantized = 0
        self._between = 0

    def run(self) -> tuple[Graph, tuple[str, ...]]:
        for index in self._graph.inputs:
            if self._is_real(index):
                self._set(index, self._numbers.activation(*self._ranges[index]))
        for position, op in enumerate(self._graph.operators):
            self._numbers = self._kinds.get(position, self._ends)
            if not any(self._is_real(index) for index in (*op.inputs, *op.outputs)):
                self._operators.append(op)
            elif position in self._floats:
                self._float_operator(op)
            elif op.opcode in RECURRENT:
                self._recurrent(op, RULES[op.opcode])
            elif RULES[op.opcode].table:
                self._table(op)
            else:
                self._operator(position, op, RULES[op.opcode])
        self._numbers = self._ends
        outputs = tuple(self._output(index) for index in self._graph.outputs)
        graph = self._graph.replace(
            tensors=tuple(self._tensors), operators=tuple(self._operators), outputs=outputs
        )
        return compact(without_dead(graph)), self._notes()

    def _operator(self, position: int, op: Operator, rule: Rule) -> None:
        inputs = list(op.inputs)
        slots = rule.slots(len(inputs))
        for slot in slots:
            inputs[slot] = self._operand(inputs[slot])
        if rule.compares:
            self._refuse_coarse(op.opcode, [inputs[slot] for slot in slots])
        for slot, output in enumerate(op.outputs):
            if slot not in rule.exact:
                self._set(output, self._output_params(output, inputs[rule.first], rule))
        if rule.tie == "output":
            wanted = self._params(op.outputs[0])
            for slot in slots:
                inputs[slot] = self._requantize(inputs[slot], wanted, op.inputs[slot])
        if rule.weights is not None:
            self._weights(inputs, position, op, rule)
        if rule.fill is not None and rule.fill < len(inputs):
            inputs[rule.fill] = self._at(op.inputs[rule.fill], self._params(inputs[rule.first]))
        options = dict(op.options)
        if "quantized_bias_type" in options:
            options["quantized_bias_type"] = self._numbers.bias.value
        if "pot_scale_int16" in options:
            options["pot_scale_int16"] = False
        version = max(op.version, self._numbers.version(rule) or 1)
        self._operators.append(replace(op, inputs=tuple(inputs), options=options, version=version))

    def _output(self, index: int) -> int:
        """A model's output in the kind of integers that its ends have."""
        tensor = self._tensors[index]
        if tensor.dtype is self._ends.dtype or not self._is_real(index):
            return index
        maker = next((op for op in self._graph.operators if index in op.outputs), None)
        fixed = self._ends.fixed(RULES[maker.opcode]) if maker is not None else None
        outer = self._requantize(index, fixed or self._ends.activation(*self._ranges[index]), index)
        self._tensors[outer] = replace(self._tensors[outer], name=tensor.name)
        self._tensors[index] = replace(tensor, name=f"{tensor.name}_{tensor.dtype.value.lower()}")
        return outer

    def _output_params(self, output: int, first: int, rule: Rule) -> QuantParams:
        if rule.tie == "input":
            return self._params(first)
        fixed = self._numbers.fixed(rule)
        return self._numbers.activation(*self._ranges[output]) if fixed is None else fixed

    def _refuse_coarse(self, opcode: str, inputs: Sequence[int]) -> None:
        """LiteRT's int8 comparisons abort the process where an input's scale is 1 or more.

        The message has no position: preparing may have moved the operator from the user's.
        """
        for index in inputs:
            if self._params(index).scale >= 1:
                raise ModelError(
                    f"{opcode} compares '{self._tensors[index].name}', of int8 scale "
                    f"{self._params(index).scale:g}; LiteRT compares only scales below 1",
                    "divide both sides by the same constant, so that values stay within about 250",
                )

    def _float_operator(self, op: Operator) -> None:
        """An operator left as it is: its inputs made real before it, its outputs integers after it."""
        inputs = [self._real(index) if self._is_real(index) else index for index in op.inputs]
        outputs = list(op.outputs)
        after = []
        for slot, output in enumerate(op.outputs):
            if not self._is_real(output):
                continue
            outputs[slot] = self._append(self._graph[output], f"{self._graph[output].name}_real")
            self._made["real", output] = outputs[slot]
            self._set(output, self._numbers.activation(*self._ranges[output]))
            after.append(Operator("QUANTIZE", (outputs[slot],), (output,), version=1))
        self._operators += [replace(op, inputs=tuple(inputs), outputs=tuple(outputs)), *after]

    def _real(self, index: int) -> int:
        """A tensor as real values: a constant as it is, an activation through a DEQUANTIZE."""
        tensor = self._graph[index]
        if tensor.is_constant or tensor.is_variable:
            return index
        key = ("real", index)
        if key not in self._made:
            self._made[key] = self._append(tensor, f"{tensor.name}_real")
            self._operators.append(
                Operator(
                    "DEQUANTIZE",
                    (index,),
                    (self._made[key],),
                    version=3 if self._tensors[index].dtype is DType.INT16 else 2,
                )
            )
        return self._made[key]

    def _recurrent(self, op: Operator, rule: Rule) -> None:
        """A layer with a state: every tensor has a format of its own."""
        quant = self._numbers.activation(*self._ranges[op.outputs[0]])
        self._set(op.outputs[0], quant)
        first = self._operand(op.inputs[0])
        source = self._params(first)
        parts = integer_parts(self._graph, op, self._ranges, source, quant, rounded=self._rounded)
        inputs = [first, *op.inputs[1:]]
        for position, tensor in parts.inputs.items():
            inputs[position] = self._append(tensor, tensor.name)
        between = tuple(self._append(tensor, tensor.name) for tensor in parts.between)
        version = max(op.version, rule.version)
        self._operators.append(replace(op, inputs=tuple(inputs), intermediates=between, version=version))

    def _table(self, op: Operator) -> None:
        """A table in an operator's place: CAST of the int8 input, ADD of 128, GATHER."""
        source, output = self._operand(op.inputs[0]), op.outputs[0]
        quant = self._numbers.activation(*self._ranges[output])
        self._set(output, quant)
        shape, name = self._graph[source].shape, self._graph[output].name
        inputs = params.dequantize(np.arange(-128, 128, dtype=np.int8), self._params(source))
        results = values_of(self._graph, op, inputs.astype(np.float64)).astype(np.float32)
        table = params.quantize_at(results, quant)
        made = [
            Tensor(f"{name}_integer", shape, DType.INT32),
            Tensor(f"{name}_offset", (1,), DType.INT32, data=np.array([128], np.int32)),
            Tensor(f"{name}_index", shape, DType.INT32),
            Tensor(f"{name}_table", (256,), DType.INT8, quant, table),
        ]
        integer, offset, index, entries = range(len(self._tensors), len(self._tensors) + len(made))
        self._tensors += made
        cast_options = {"in_data_type": "INT8", "out_data_type": "INT32"}
        self._operators += [
            Operator("CAST", (source,), (integer,), cast_options),
            Operator("ADD", (integer, offset), (index,), {"fused_activation_function": "NONE"}),
            Operator("GATHER", (entries, index), (output,), {"axis": 0}, version=2),
        ]

    def _is_real(self, index: int) -> bool:
        return index != ABSENT and self._graph[index].dtype is DType.FLOAT32

    def _append(self, tensor: Tensor, name: str) -> int:
        self._tensors.append(replace(tensor, name=name))
        return len(self._tensors) - 1

    def _weights(self, inputs: list[int], position: int, op: Operator, rule: Rule) -> None:
        """Replace the weights and the bias of an operator by their integers."""
        source = op.inputs[cast(int, rule.weights)]
        key = ("weights", source, rule.axis)
        if key not in self._made:
            if (source, rule.axis) in self._rounded.weights:
                values, quant = self._rounded.weights[source, rule.axis]
            else:
                maxima = self._maxima[source, rule.axis]
                maxima = params.fill_dead(maxima, self._params(inputs[rule.first]).scale)
                values, quant = params.quantize_weights(self._values(source), maxima, rule.axis)
            self._add(key, self._graph[source], DType.INT8, values, quant)
        inputs[cast(int, rule.weights)] = self._made[key]
        bias = _bias(op, rule)
        if bias == ABSENT:
            return
        weights = self._params(self._made[key])
        scale = self._params(inputs[rule.first]).scale
        chosen = self._rounded.biases.get(position)
        real = self._values(bias).reshape(-1) if chosen is None else chosen
        bias_key = ("bias", bias, self._numbers.bias, scale, weights.scales.tobytes(), real.tobytes())
        if bias_key not in self._made:
            values, quant = self._numbers.quantize_bias(real, scale, weights)
            copies = self._biases[bias] = self._biases.get(bias, 0) + 1
            tensor = self._graph[bias]
            name = tensor.name if copies == 1 else f"{tensor.name}_{copies}"
            self._add(bias_key, replace(tensor, name=name), self._numbers.bias, values, quant)
        inputs[cast(int, rule.bias)] = self._made[bias_key]

    def _operand(self, index: int) -> int:
        """An activation in the operator's kind of integers; a constant symmetric."""
        if not self._graph[index].is_constant:
            kind = self._tensors[index].dtype
            if kind is self._numbers.dtype or not self._is_real(index):
                return index
            return self._requantize(index, self._numbers.activation(*self._ranges[index]), index)
        key = ("constant", index, self._numbers.dtype)
        if key not in self._made:
            values, quant = self._numbers.constant(self._values(index))
            self._add(key, self._graph[index], self._numbers.dtype, values, quant)
        return self._made[key]

    def _requantize(self, index: int, wanted: QuantParams, source: int) -> int:
        """The same values at another scale: a constant anew, an activation through a QUANTIZE."""
        have = self._params(index)
        same = self._tensors[index].dtype is self._numbers.dtype
        if same and (have.scale, have.zero_point) == (wanted.scale, wanted.zero_point):
            return index
        if self._tensors[index].is_constant:
            return self._at(source, wanted, rounded=index)
        key = ("requantized", index, self._numbers.dtype, wanted.scale, wanted.zero_point)
        if key not in self._made:
            tensor = self._tensors[index]
            name = f"{tensor.name}_{'requantized' if same else self._numbers.dtype.value.lower()}"
            self._tensors.append(replace(tensor, name=name, dtype=self._numbers.dtype, quant=wanted))
            self._made[key] = len(self._tensors) - 1
            version = self._numbers.quantize if same else _BETWEEN
            self._operators.append(Operator("QUANTIZE", (index,), (self._made[key],), version=version))
            self._requantized += same
            self._between += not same
        return self._made[key]

    def _at(self, source: int, wanted: QuantParams, rounded: int | None = None) -> int:
        """A constant at a given scale; ``rounded`` is its symmetric int8 form, which LiteRT starts from."""
        key = ("at", source, self._numbers.dtype, wanted.scale, wanted.zero_point)
        if key not in self._made:
            if rounded is None:
                real = self._values(source)
            else:
                real = params.dequantize(cast(Array, self._tensors[rounded].data), self._params(rounded))
            values = self._numbers.at(real, wanted)
            self._add(key, self._graph[source], self._numbers.dtype, values, wanted)
        return self._made[key]

    def _notes(self) -> tuple[str, ...]:
        notes = []
        shared = [self._graph[bias].name for bias, copies in self._biases.items() if copies > 1]
        if shared:
            notes.append(f"Biases used at several scales were given a copy for each: {', '.join(shared)}.")
        if self._requantized:
            notes.append(
                f"{self._requantized} QUANTIZE operators were added where inputs have to share a scale."
            )
        if self._between:
            notes.append(f"{self._between} QUANTIZE operators stand between int8 and int16 activations.")
        return tuple(notes)

    def _set(self, index: int, quant: QuantParams) -> None:
        self._tensors[index] = replace(self._tensors[index], dtype=self._numbers.dtype, quant=quant)

    def _params(self, index: int) -> QuantParams:
        return cast(QuantParams, self._tensors[index].quant)

    def _values(self, index: int) -> Floats:
        return _floats(self._graph, index)

    def _add(
        self, key: tuple[object, ...], like: Tensor, dtype: DType, values: Array, quant: QuantParams
    ) -> None:
        self._tensors.append(
            Tensor(name=like.name, shape=values.shape, dtype=dtype, quant=quant, data=values)
        )
        self._made[key] = len(self._tensors) - 1


def _floats(graph: Graph, index: int) -> Floats:
    return np.asarray(graph[index].data, np.float32)


def _bias(op: Operator, rule: Rule) -> int:
    return ABSENT if rule.bias is None or rule.bias >= len(op.inputs) else op.inputs[rule.bias]


def is_constant_weight(graph: Graph, op: Operator, rule: Rule) -> bool:
    """Whether an operator's weights are in the file, as all but its float form needs."""
    return rule.weights is not None and graph[op.inputs[rule.weights]].is_constant
