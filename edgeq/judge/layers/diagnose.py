"""``diagnose``: pair the models, put them on the bench, look at the samples, name what is at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from edgeq.base.errors import ModelError
from edgeq.converter.biases import with_biases
from edgeq.converter.prepare import prepare
from edgeq.data import Dataset
from edgeq.graph import Graph, write_model
from edgeq.graph.ends import kind_of
from edgeq.interpreter import observe
from edgeq.judge.layers.bench import NONE, Row, build
from edgeq.judge.layers.causes import explain
from edgeq.judge.layers.factors import equalized_alike
from edgeq.judge.layers.layers import Floats, Layer, finite, layer
from edgeq.judge.layers.observer import NAME
from edgeq.judge.layers.pairs import INTEGERS, match
from edgeq.judge.layers.structure import advice

_PER_LAYER = 3
"""Arrays that the observer gives of each."""


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What was found.

    Attributes:
        layers: worst first.
        samples: how many were looked at.
        outputs: the model's outputs by name, each with its SQNR in dB against the float model; infinite
            where they are equal, None where the float output is all 0.
        structure: what to change in the model before it is trained or exported again.
        notes: on how the two models were paired.
    """

    layers: tuple[Layer, ...]
    samples: int
    outputs: tuple[tuple[str, float | None], ...]
    structure: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def blamed(self) -> tuple[Layer, ...]:
        """The layers that stand out, worst first."""
        return tuple(one for one in self.layers if one.cause)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "samples": self.samples,
            "outputs": [{"tensor": name, "sqnr_db": finite(level)} for name, level in self.outputs],
            "layers": [one.to_dict() for one in self.layers],
            "structure": list(self.structure),
            "notes": list(self.notes),
        }


def diagnose(
    model: bytes,
    graph: Graph,
    other: Graph,
    data: Dataset,
    *,
    advance: Callable[[int, int], None] | None = None,
) -> Diagnosis:
    """Hold every layer of a quantized model against the float model it was made from.

    Args:
        model: the float .tflite file.
        graph: the same, read.
        other: the quantized model.
        data: real values for the float model's inputs; every sample is looked at.
        advance: called with (samples done, samples in all).

    Raises:
        ModelError: the first model is not float, the second not quantized, the two are not one network, or
            LiteRT refuses one of them.
        DataError: data that does not suit the inputs.
    """
    if kind_of(graph) in ("float ends", "integer"):
        raise ModelError(f"{graph.name} is an integer model", "give the float model first, then the int8 one")
    if not any(tensor.quant is not None and tensor.dtype in INTEGERS for tensor in other.tensors):
        raise ModelError(
            f"{other.name} is not quantized",
            "give the int8 model second; or leave it out, and edgeq makes one by --calibration",
        )
    plain, _ = prepare(model, graph, strict=False)
    plain = with_biases(plain)
    pairs = match(plain, other)
    alike, scaled = equalized_alike(plain, other, pairs)
    bench, rows = build(alike, other, pairs)
    plan = {"rows": [_planned(other, row) for row in rows]}
    try:
        arrays = observe(
            write_model(bench), data.x, NAME, plan, begins=data.begins, resolver="reference", advance=advance
        )
        kernels = ""
    except ModelError:  # float ELU, CEIL and ROUND have no reference kernel
        arrays = observe(
            write_model(bench), data.x, NAME, plan, begins=data.begins, resolver="optimized", advance=advance
        )
        kernels = "LiteRT's reference kernels do not run this model: its optimized ones did."
    found = [cast(list[Floats], arrays[i : i + _PER_LAYER]) for i in range(0, len(arrays), _PER_LAYER)]
    layers = [layer(other, row, of) for row, of in zip(rows, found, strict=True)]
    return Diagnosis(
        explain(layers, other),
        len(data),
        tuple(_outputs(plain, rows, layers)),
        advice(plain),
        (*_notes(other, pairs.ordered, pairs.unmatched, scaled), *([kernels] if kernels else [])),
    )


def _planned(graph: Graph, row: Row) -> list[float]:
    tensor = graph[row.tensor]
    tensors = [row.real, row.cumulative, row.local, row.exact, row.weights]
    if tensor.quant is None or tensor.dtype not in INTEGERS:
        return [*tensors, 0.0, 0, 0, 0]
    limits = np.iinfo(tensor.dtype.numpy.name)
    return [*tensors, tensor.quant.scale, tensor.quant.zero_point, int(limits.min), int(limits.max)]


def _outputs(real: Graph, rows: tuple[Row, ...], layers: list[Layer]) -> Iterator[tuple[str, float | None]]:
    for index in real.outputs:
        for row, of in zip(rows, layers, strict=True):
            if row.real == index and row.operator != NONE:
                yield real[index].label, of.cumulative.sqnr
                break


def _notes(other: Graph, ordered: int, unmatched: tuple[int, ...], scaled: int) -> Iterator[str]:
    if ordered:
        yield f"{ordered} tensors have other names in the two models and were paired by the operators' order."
    if unmatched:
        named = ", ".join(other.describe(position) for position in unmatched[:5])
        more = f" and {len(unmatched) - 5} more" if len(unmatched) > 5 else ""
        yield f"In the float model nothing corresponds to {named}{more}: they count to what they lead to."
    if scaled:
        yield (
            f"The channels of {scaled} tensors are multiples of the float model's, which the next weights "
            "undo; they were compared as such."
        )
