"""A model on an Edge TPU, or on the CPU beside one, judged against the int8 model in the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError, DeviceError, ToolMissingError
from edgeq.base.progress import SILENT, Progress
from edgeq.data import Dataset, quantize_input
from edgeq.graph import Graph
from edgeq.interpreter import oracle_name, run
from edgeq.judge import Exactness, Judgement, accuracy, compare
from edgeq.targets.coral.host import Host
from edgeq.targets.coral.place import Place
from edgeq.targets.coral.session import Loaded, Session, Timed

WARM_RUNS = 50
"""Inferences after the first that are timed at least, unless they take longer than ``_WARM_SECONDS``."""

_WARM_SECONDS = 10.0

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Latency:
    """Milliseconds by the clock of the device's machine.

    Attributes:
        load_ms: until the model was ready, the delegate's start included.
        first_ms: the first inference, which brings the weights to the device.
        warm_p50_ms, warm_p95_ms: of the ``warm_runs`` inferences after it; None where there were none.
        throughput: inferences a second, one after the other, copies of inputs and outputs included.
    """

    load_ms: float
    first_ms: float
    warm_p50_ms: float | None
    warm_p95_ms: float | None
    warm_runs: int
    throughput: float


@dataclass(frozen=True)
class Trip:
    """What a device was found to do, and where.

    Attributes:
        judgement: accuracy and agreement.
        latency: how long it took.
        place: where it ran.
        cpu: whether it ran without the Edge TPU.
        before, after: the machine before the model was loaded and after the last inference.
        loaded: by which package.
    """

    judgement: Judgement
    latency: Latency
    place: Place
    cpu: bool
    before: Host
    after: Host
    loaded: Loaded

    def to_dict(self) -> dict[str, object]:
        """The report's object ``coral``, as docs/report.md documents it."""
        latency = self.latency
        return {
            "host": self.place.destination or "local",
            "processor": "cpu" if self.cpu else "edgetpu",
            "interpreter": f"{self.loaded.package} {self.loaded.version}".strip(),
            "runtime": None if self.cpu else self.after.library_version or None,
            "link": None if self.cpu else self.after.link or None,
            "temperature_c": {
                "before": None if self.cpu else self.before.temperature,
                "after": None if self.cpu else self.after.temperature,
            },
            "latency_ms": {
                "load": _rounded(latency.load_ms),
                "first": _rounded(latency.first_ms),
                "warm_p50": _rounded(latency.warm_p50_ms),
                "warm_p95": _rounded(latency.warm_p95_ms),
                "warm_runs": latency.warm_runs,
            },
            "throughput_per_s": _rounded(latency.throughput),
        }


def judge(
    place: Place,
    model: bytes,
    reference: bytes,
    graph: Graph,
    data: Dataset,
    *,
    cpu: bool,
    device: str = "",
    accuracy_float: float | None = None,
    progress: Progress = SILENT,
) -> Trip:
    """Run every sample on the device and in the oracle.

    Args:
        place: where the device is.
        model: what runs there: the compiled model, or with ``cpu`` the int8 model itself.
        reference: the int8 model that the oracle runs here.
        graph: of the reference.
        data: the samples, at least one.
        cpu: leave the Edge TPU out.
        device: which one, as the delegate names them; empty for any.
        accuracy_float: what is known of the float model.
        progress: hears how many samples are done.

    Raises:
        DeviceError, ToolMissingError: with one cause.
        DataError: the samples or labels do not suit the model.
        ModelError: an interpreter refuses the model.
    """
    if len(data) == 0:
        raise DataError(f"{data.source} has no samples", "give at least one")
    inputs = [quantize_input(x, tensor) for x, tensor in zip(data.x, graph.input_tensors, strict=True)]
    with Session(place) as session:
        before = _usable(session.probe(), place)
        loaded = session.load(model, delegate=not cpu, device=device)
        timed = session.run(inputs, progress.advance)
        timed = _warmed(
            session, inputs, timed, keeps_state=any(tensor.is_variable for tensor in graph.tensors)
        )
        after = session.probe()
    expected = run(reference, inputs)
    got = _shaped(timed.outputs, expected)
    judgement = Judgement(
        accuracy_float=accuracy_float,
        accuracy_int8=accuracy(expected[0], data.y, graph),
        accuracy_device=accuracy(got[0], data.y, graph),
        exactness=_agreement(expected, got, graph),
        instructions_first=None,
        instructions_warm=None,
        macs=None,
        stack_high_water=None,
        stack_size=None,
    )
    return Trip(judgement, _latency(loaded, timed), place, cpu, before, after, loaded)


def _usable(host: Host, place: Place) -> Host:
    if not host.numpy:
        raise ToolMissingError(
            f"{place.name} has no numpy for its Python {host.python}", "pip install numpy, there"
        )
    return host


def _warmed(session: Session, inputs: Sequence[Array], timed: Timed, *, keeps_state: bool) -> Timed:
    """The same outputs with the times of more inferences, where the samples were few and quick."""
    n = len(inputs[0])
    missing = WARM_RUNS - (n - 1)
    typical = float(np.median(timed.whole_ms[1:] or timed.whole_ms)) / 1e3
    missing = min(missing, int(_WARM_SECONDS / max(typical, 1e-6)))
    if missing <= 0:
        return timed
    again = [array[np.arange(missing) % n] for array in inputs]
    more = session.run(again)
    for first, second in zip(timed.outputs, more.outputs, strict=True):
        if not keeps_state and not np.array_equal(
            first[np.arange(missing) % n], second, equal_nan=second.dtype.kind == "f"
        ):
            raise DeviceError(
                "the device gave two different answers to the same input",
                "look at its power, cable and temperature: an inference is deterministic",
            )
    return Timed(timed.outputs, timed.invoke_ms + more.invoke_ms, timed.whole_ms + more.whole_ms)


def _latency(loaded: Loaded, timed: Timed) -> Latency:
    warm = timed.invoke_ms[1:]
    whole = timed.whole_ms[1:] or timed.whole_ms
    return Latency(
        load_ms=loaded.load_ms,
        first_ms=timed.invoke_ms[0],
        warm_p50_ms=float(np.percentile(warm, 50)) if warm else None,
        warm_p95_ms=float(np.percentile(warm, 95)) if warm else None,
        warm_runs=len(warm),
        throughput=1e3 * len(whole) / max(sum(whole), 1e-6),
    )


def _shaped(got: Sequence[Array], expected: Sequence[Array]) -> list[Array]:
    """The device's outputs in the oracle's shapes."""
    sizes = [array.size for array in got], [array.size for array in expected]
    if sizes[0] != sizes[1] or any(g.dtype != e.dtype for g, e in zip(got, expected, strict=True)):
        raise DeviceError(
            f"the compiled model gives outputs of {sizes[0]} values, the int8 model of {sizes[1]}",
            "they are not of the same model: compile it again",
        )
    return [mine.reshape(theirs.shape) for mine, theirs in zip(got, expected, strict=True)]


def _agreement(expected: Sequence[Array], got: Sequence[Array], graph: Graph) -> Exactness:
    """Element by element. Real numbers that come from 8-bit ones are compared in steps of those; others agree
    where they are the same, and are never off by one.
    """
    mine, theirs = list(got), list(expected)
    for position, (one, other) in enumerate(zip(got, expected, strict=True)):
        if other.dtype.kind != "f":
            continue
        step = _step(graph, position)
        if step is not None:
            mine[position], theirs[position] = (
                np.rint(values.astype(np.float64) / step).astype(np.int64) for values in (one, other)
            )
            continue
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        mine[position] = np.where(same, 0, 2)
        theirs[position] = np.zeros_like(mine[position])
    whole = compare(oracle_name(), theirs, mine, graph)
    first = compare(oracle_name(), expected[:1], got[:1], graph)  # decisions need the values themselves
    return Exactness(
        whole.oracle, whole.samples, whole.outputs, whole.exact, whole.off_by_one, first.argmax_agree
    )


def _step(graph: Graph, position: int) -> float | None:
    """The scale of the 8-bit tensor that a float output is made from; None where it is computed otherwise."""
    output = graph.outputs[position]
    maker = next((op for op in graph.operators if output in op.outputs), None)
    if maker is None or maker.opcode != "DEQUANTIZE":
        return None
    quant = graph[maker.inputs[0]].quant
    return None if quant is None or quant.is_per_channel else quant.scale


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
