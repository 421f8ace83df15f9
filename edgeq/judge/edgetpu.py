"""A model on an Edge TPU, or on the CPU beside one, judged against the int8 model in the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from edgeq.base.errors import DataError, DeviceError, ModelError, ToolMissingError
from edgeq.base.progress import SILENT, Progress
from edgeq.data import Dataset, quantize_input
from edgeq.edgetpu import read_packages
from edgeq.graph import Graph, read_model
from edgeq.interpreter import oracle_name, run
from edgeq.judge import FloatAnswers, Judgement, compare, decisions
from edgeq.judge.data_checks import Evidence, check_data
from edgeq.judge.report import Coral, Exactness, Preprocessed
from edgeq.judge.report.coral import Milliseconds, Part, Temperature
from edgeq.judge.scores import answers, scores
from edgeq.targets.coral.advice import get_packages
from edgeq.targets.coral.causes import old_runtime
from edgeq.targets.coral.destination import Destination
from edgeq.targets.coral.host import Host
from edgeq.targets.coral.placing import placed
from edgeq.targets.coral.session import Loaded, Names, Session, Stage, Timed

WARM_RUNS = 50
"""Inferences after the first that are timed at least, unless they take longer than ``_WARM_SECONDS``."""

_WARM_SECONDS = 10.0
_DIGITS = 4

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class EdgeTpuJudgement:
    """What a device was found to do, and where.

    Attributes:
        judgement: accuracy and agreement.
        coral: where it ran, by what, and how long it took.
        host: the device's machine after the last inference.
    """

    judgement: Judgement
    coral: Coral
    host: Host


def judge(
    destination: Destination,
    stages: Sequence[Stage],
    reference: bytes,
    graph: Graph,
    data: Dataset,
    *,
    names: Names | None = None,
    companions: Sequence[Stage] = (),
    device: str = "",
    floats: FloatAnswers | None = None,
    progress: Progress = SILENT,
) -> EdgeTpuJudgement:
    """Run every sample on the device and in the oracle.

    Args:
        destination: where the device is.
        stages: what runs there: the compiled model, or its parts in a row; without any for the Edge TPU, the
            int8 model itself or parts of it.
        reference: the int8 model that the oracle runs here.
        graph: of the reference.
        data: the samples, at least one.
        names: of the whole model's inputs and outputs, by which several stages hang together.
        companions: models that take turns with a single stage on its device.
        device: which Edge TPUs, as the delegate names them, with commas between; empty for any.
        floats: what the float model gave.
        progress: hears how many samples are done.

    Raises:
        DeviceError, ToolMissingError: with one cause.
        DataError: the samples or labels do not suit the model.
        ModelError: an interpreter refuses the model.
    """
    if len(data) == 0:
        raise DataError(f"{data.source} has no samples", "give at least one")
    inputs = [quantize_input(x, tensor) for x, tensor in zip(data.x, graph.input_tensors, strict=True)]
    with Session(destination) as session:
        before = _usable(session.probe(), destination)
        for stage in stages:
            if stage.delegate:
                refuse_old_runtime(before, destination, stage.model)
        stages = placed(stages, device, before, destination)
        along = tuple(replace(one, device=stages[0].device) for one in companions)
        loaded = session.load(*stages, names=names, companions=along)
        timed = session.run(inputs, progress.advance)
        timed = _warmed(
            session, inputs, timed, keeps_state=any(tensor.is_variable for tensor in graph.tensors)
        )
        after = session.probe()
    expected = run(reference, inputs)
    got = data.apart(_shaped(timed.outputs, expected))
    expected = data.apart(expected)
    shares, regression = scores(graph, data, expected, got, floats)
    judgement = Judgement(
        shares,
        _agreement(expected, got, graph),
        findings=check_data(
            Evidence(
                graph, data, expected, got, shares, regression, None if floats is None else floats.divided
            )
        ),
        is_exact_by_construction=False,
        regression=regression,
        preprocessing=Preprocessed.of(graph, data.preprocessing),
        answers=answers(graph, data, got),
    )
    coral = _coral(destination, (before, after), stages, loaded, timed)
    return EdgeTpuJudgement(judgement, replace(coral, companions=len(companions)), after)


def _usable(host: Host, destination: Destination) -> Host:
    if not host.numpy:
        raise ToolMissingError(
            f"{destination.name} has no numpy for its Python {host.python}",
            get_packages(destination, "numpy"),
        )
    return host


def refuse_old_runtime(host: Host, destination: Destination, model: bytes) -> None:
    """Refuse a machine whose Edge TPU library says that it is older than what a compiled model states.

    Raises:
        ToolMissingError: it is.
    """
    if host.runtime_version is None:
        return
    try:
        packages = read_packages(read_model(model))
    except ModelError:  # a package that cannot be read is the library's to judge
        return
    wanted = max((package.min_runtime_version for package in packages), default=0)
    if wanted > host.runtime_version:
        raise old_runtime(destination, wanted, host.runtime_version)


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
    return Timed(
        timed.outputs,
        timed.invoke_ms + more.invoke_ms,
        timed.whole_ms + more.whole_ms,
        [a + b for a, b in zip(timed.stage_ms, more.stage_ms, strict=True)],
    )


def _coral(
    destination: Destination,
    hosts: tuple[Host, Host],
    stages: Sequence[Stage],
    loaded: Loaded,
    timed: Timed,
) -> Coral:
    """Where the model ran and how long it took; ``hosts`` is the machine before and after."""
    before, after = hosts
    cpu = not any(stage.delegate for stage in stages)
    warm = timed.invoke_ms[1:]
    whole = timed.whole_ms[1:] or timed.whole_ms
    return Coral(
        host=destination.address or "local",
        processor="cpu" if cpu else "edgetpu",
        interpreter=f"{loaded.package} {loaded.version}".strip(),
        runtime=None if cpu else after.library_version or None,
        link=None if cpu else after.link or None,
        temperature_c=Temperature(None, None) if cpu else Temperature(before.temperature, after.temperature),
        latency_ms=Milliseconds(
            load=round(loaded.load_ms, _DIGITS),
            first=round(timed.invoke_ms[0], _DIGITS),
            warm_p50=round(float(np.percentile(warm, 50)), _DIGITS) if warm else None,
            warm_p95=round(float(np.percentile(warm, 95)), _DIGITS) if warm else None,
            warm_runs=len(warm),
        ),
        throughput_per_s=round(1e3 * len(whole) / max(sum(whole), 1e-6), _DIGITS),
        parts=tuple(
            Part(
                "edgetpu" if stage.delegate else "cpu",
                stage.device or None,
                round(float(np.median(times[1:] or times)), _DIGITS),
            )
            for stage, times in zip(stages, timed.stage_ms, strict=True)
        )
        if len(stages) > 1
        else (),
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
    """Element by element. Real numbers that come from 8-bit ones are compared in steps of those."""
    mine, theirs = list(got), list(expected)
    for position, (one, other) in enumerate(zip(got, expected, strict=True)):
        step = _step(graph, position) if other.dtype.kind == "f" else None
        if step is not None:
            mine[position], theirs[position] = (_in_steps(values, step) for values in (one, other))
    whole = compare(oracle_name(), theirs, mine, graph)
    agree = decisions(expected[0], graph) == decisions(got[0], graph)  # they need the values themselves
    return replace(whole, argmax_agree=int(np.count_nonzero(agree)))


def _in_steps(values: Array, step: float) -> Array:
    steps: Array = np.nan_to_num(np.rint(values.astype(np.float64) / step)).astype(np.int64)
    return steps


def _step(graph: Graph, position: int) -> float | None:
    """The scale of the 8-bit tensor that a float output is made from; None where it is computed otherwise."""
    output = graph.outputs[position]
    maker = next((op for op in graph.operators if output in op.outputs), None)
    if maker is None or maker.opcode != "DEQUANTIZE":
        return None
    quant = graph[maker.inputs[0]].quant
    return None if quant is None or quant.is_per_channel else quant.scale
