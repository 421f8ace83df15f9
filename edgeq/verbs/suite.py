"""``bench --suite mlperf-tiny``: the suite's benchmark on whatever firmware speaks its protocol."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq.base.errors import DataError, UsageError
from edgeq.base.progress import SILENT, Progress

if TYPE_CHECKING:
    from edgeq.judge.bench.mlperf_tiny import Energy, Performance, Quality

Mode = Literal["performance", "accuracy", "energy"]

_LOG = "serial.log"
_BAUD = 115_200


@dataclass(frozen=True)
class SuiteRequest:
    """Everything that the suite is told.

    Attributes:
        port: where the device is.
        baud: of its console; None for 115,200, and 9,600 in energy mode.
        interface: whether ``port`` is the suite's interface board, with the device behind it at ``baud``.
        mode: what is measured; in energy mode nothing, for want of the monitor.
        data: an .npz with ``x``, as the runner sends it, and ``y``; performance mode takes its first sample,
            energy mode five, or random bytes.
        limit: take so many samples; None for all.
        log: where what was said is kept.
    """

    port: str
    baud: int | None = None
    interface: bool = False
    mode: Mode = "performance"
    data: Path | None = None
    limit: int | None = None
    log: Path = Path(_LOG)


@dataclass(frozen=True)
class SuiteResult:
    """What came of it.

    Attributes:
        benchmark: ad01, ic01, kws01 or vww01.
        device, profile: as the device tells them.
        performance, quality, energy: of the mode that was asked for.
        log: what was said.
    """

    benchmark: str
    device: str
    profile: str
    performance: Performance | None
    quality: Quality | None
    energy: Energy | None
    log: Path

    @property
    def is_good(self) -> bool:
        """Whether the rules' target of quality is met, and the windows are long enough."""
        timed = self.performance or self.energy
        return (self.quality is None or self.quality.is_met) and (timed is None or timed.is_long_enough)

    def to_dict(self) -> dict[str, Any]:
        """As ``--json`` prints it."""
        quality = None if self.quality is None else {**asdict(self.quality), "is_met": self.quality.is_met}
        return {
            "schema_version": 1,
            "suite": "mlperf-tiny",
            "benchmark": self.benchmark,
            "device": self.device,
            "profile": self.profile,
            "performance": None if self.performance is None else asdict(self.performance),
            "accuracy": quality,
            "energy": None if self.energy is None else asdict(self.energy),
            "serial_log": str(self.log),
        }


def run_suite(request: SuiteRequest, progress: Progress = SILENT) -> SuiteResult:
    """Speak MLPerf Tiny's protocol to a device.

    Raises:
        UsageError: accuracy mode without data, or a log that cannot be written.
        DataError: the data is not the benchmark's.
        DeviceError: the device is not there, is silent, or answers as the protocol does not.
    """
    from edgeq.judge.bench import mlperf_tiny as suite
    from edgeq.targets.link import InterfaceStream, TextLink, TranscriptStream, Wire
    from edgeq.targets.serial_target import SerialTarget
    from edgeq.verbs.images import at_port

    if request.mode == "accuracy" and request.data is None:
        raise UsageError("accuracy mode needs samples with labels", "give an .npz with x and y with --data")
    baud = request.baud or (suite.ENERGY_BAUD if request.mode == "energy" else _BAUD)
    with SerialTarget(request.port, _BAUD if request.interface else baud) as target, at_port(request.port):
        stream = target.open()
        try:
            transcript = TranscriptStream(stream, request.log)
        except OSError as error:
            raise UsageError(
                f"cannot write {request.log}: {error.strerror}", "run in another folder"
            ) from error
        with transcript:
            console = InterfaceStream(transcript, baud) if request.interface else transcript
            text = TextLink(Wire(console, log=request.log))
            device = suite.identify(text)
            one = device.benchmark
            progress.stage("bench", f"{one.name}, {request.mode} mode, on {device.name}")
            x, y = _samples(request, one)
            performance = quality = energy = None
            if request.mode == "performance":
                performance = suite.performance(text, device, x[0], progress)
            elif request.mode == "energy":
                energy = suite.energy(text, device, x, progress)
            else:
                quality = suite.accuracy(text, device, x, y, progress)
    return SuiteResult(one.name, device.name, device.profile, performance, quality, energy, request.log)


def _samples(request: SuiteRequest, one: Any) -> tuple[list[bytes], Any]:
    import numpy as np

    from edgeq.judge.bench.mlperf_tiny import inputs

    if request.data is None:
        size = one.elements * np.dtype(one.dtype).itemsize
        chance = random.Random(0)  # noqa: S311 - any will do
        return [bytes(size) if one.dtype == "<f4" else chance.randbytes(size) for _ in range(5)], None
    try:
        with np.load(request.data, allow_pickle=False) as file:
            x, y = file["x"], file.get("y")
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"{request.data} cannot be read: {error}", "give an .npz with x and y") from error
    if request.mode == "accuracy" and (y is None or y.shape != (len(x),) or y.dtype.kind not in "iu"):
        raise DataError(f"{request.data} has no class number y for each x", "give an .npz with x and y")
    if len(x) == 0:
        raise DataError(f"{request.data} has no samples", "give at least one")
    end = len(x) if request.limit is None else request.limit
    return inputs(x[:end], one), None if y is None else y[:end]
