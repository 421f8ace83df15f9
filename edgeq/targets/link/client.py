"""The host's side of the link: inferences on a device, over a line that may be bad."""

from __future__ import annotations

import contextlib
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError
from edgeq.targets.link.answers import COST, Inference, checked, fits, inference, nonsense, same_sizes, unpack
from edgeq.targets.link.finding import Finder
from edgeq.targets.link.framing import ESCAPE, Frame, Kind
from edgeq.targets.link.mishaps import Mishaps
from edgeq.targets.link.pace import Pace, Quality
from edgeq.targets.link.profile import DeviceInfo
from edgeq.targets.link.requests import Job, Lost, Requests
from edgeq.targets.link.text import TextLink
from edgeq.targets.link.wire import Wire
from edgeq.targets.stream import GoneError

if TYPE_CHECKING:
    from edgeq.targets import Stream

_MEASURE, _FIRST_STEP = 1, 2
_QUIET = 3.0
"""Seconds after which the device may have gone back to text by itself (EDGEQ_LINK_GONE, less the way)."""

_TENSORS, _BYTES = 255, 1 << 28
"""More than a device can have."""

_INFO = struct.Struct("<6I")
_TENSOR = struct.Struct("<2I")


class Client:
    """Talks to edgeq's firmware over any stream.

    Args:
        stream: the device's console.
        timeout: seconds that an answer may take, until it is known how long they take.
        retries: how often in a row an answer may not come.
        run_timeout: seconds that an inference may take, until it is known how long they take; and seconds in
            which host and device find each other again, or not at all.
        baud: bits per second of the line, or less.
        diagnosis: tells why a device is silent, where that is known (``Target.diagnosis``).
        log: the file that keeps what was said (``TranscriptStream``), for messages.
        flashed: whether it was flashed just now, so that other firmware than that is the flashing's failure.
        clock: seconds since some moment, the stream's own where it keeps one.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        timeout: float = 2.0,
        retries: int = 4,
        run_timeout: float = 120.0,
        baud: int = 115_200,
        diagnosis: Callable[[], str | None] | None = None,
        log: Path | None = None,
        flashed: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wire = Wire(stream, diagnosis=diagnosis, log=log, clock=clock)
        self._text = TextLink(self._wire, timeout=timeout)
        self._finder = Finder(
            self._wire, self._text, timeout=timeout, retries=retries, boot=run_timeout, flashed=flashed
        )
        self._pace = Pace(timeout, baud)
        self._requests = Requests(self._wire, self._pace, retries)
        self._retries, self._run_timeout = retries, run_timeout
        self._mishaps = Mishaps(run_timeout, clock)
        self._heard_at = 0.0
        self._in_bulk = False
        self._info: DeviceInfo | None = None
        self._sequence: list[Sequence[bytes]] | None = None

    @property
    def quality(self) -> Quality:
        """What the line showed so far."""
        return replace(self._pace.quality)

    @property
    def recoveries(self) -> int:
        """How often device and host had to find each other again; 0 on a good line."""
        return self._pace.quality.resyncs

    def handshake(self, model_sha256: str | None = None, build_hash: str | None = None) -> DeviceInfo:
        """Finds the device in whichever mode it is, compares versions and hashes, and enters bulk mode.

        Args:
            model_sha256: of the model that it should run; its first 16 digits are compared.
            build_hash: of the build that it should run.

        Raises:
            DeviceError: silent, not edgeq, another link version, model or build, a runtime that failed, or
                answers that cannot be.
        """
        self._mishaps.none()
        return self._meet(model_sha256, build_hash)

    def infer(
        self,
        inputs: Sequence[bytes],
        *,
        measure: bool = False,
        begin: bool = False,
        step: int | None = None,
    ) -> Inference:
        """One inference. An answer that is lost is asked for again; nothing runs twice on one load.

        What a model keeps between inferences is reset before the first one. Where device and host lose each
        other, it is reset too, and everything since the last beginning runs again.

        Args:
            inputs: the bytes of each input, as the model takes them.
            measure: count instructions or cycles, where the device can.
            begin: reset what the model keeps, so that a new sequence begins.
            step: count this step of the network alone, which the firmware of ``edgeq profile`` can.

        Raises:
            DeviceError: a fault, silence, a wrong number or size of inputs, or a runtime that failed.
        """
        info = self._known()
        same_sizes(info, inputs)
        before = [] if begin or self._sequence is None else self._sequence
        begin = begin or self._sequence is None
        self._mishaps.none()
        argument = int(measure) * _MEASURE if step is None else _FIRST_STEP + step
        while True:
            try:
                if info.state and begin:
                    self._ask(Kind.RESET)
                    for earlier in before:
                        self._infer(info, earlier, 0)
                answer = self._infer(info, inputs, argument)
                self._sequence = [*before, inputs] if info.state else []
                self._heard_at = self._wire.now()
                return answer
            except (Lost, GoneError) as error:
                info, begin = self._meet(info.model_hash, info.build_hash, error), True

    def infer_all(
        self, samples: Sequence[Sequence[bytes]], begins: Sequence[bool] | None = None
    ) -> Iterator[tuple[int, Inference]]:
        """An inference for each sample, with its place among them, in the order in which they come back.

        The next inputs are on their way while the device computes, as far as it takes them in. A model that
        keeps something between inferences gets them one after another, in their order.

        Args:
            samples: the bytes of each input, of each sample.
            begins: which of them begin a sequence, for a model that keeps something; None: none does.

        Raises:
            DeviceError: as ``infer``.
        """
        info = self._known()
        for inputs in samples:
            same_sizes(info, inputs)
        if info.state or not fits(info):
            for place, inputs in enumerate(samples):
                yield place, self.infer(inputs, begin=begins is not None and begins[place])
            return
        missing = dict(enumerate(samples))
        self._mishaps.none()
        while missing:
            todo = tuple(missing.items())
            jobs = (Job(self._frames(info, inputs, Kind.INFER), key=place) for place, inputs in todo)
            try:
                for job, answer in self._requests.all(jobs, patience=self._run_timeout, buffer=info.buffer):
                    self._mishaps.none()
                    del missing[job.key]
                    yield job.key, inference(info, answer)
            except (Lost, GoneError) as error:
                info = self._meet(info.model_hash, info.build_hash, error)
        self._heard_at = self._wire.now()

    def info(self) -> DeviceInfo:
        """What the handshake found, with the stack's high water of now. Raises DeviceError."""
        info = self._known()
        self._mishaps.none()
        try:
            self._info = self._refresh(info)
        except (Lost, GoneError) as error:
            self._info = self._meet(info.model_hash, info.build_hash, error)
        return self._info

    def clock(self) -> tuple[int, float] | None:
        """The device's clock in microseconds and the host's in seconds, read together; None: no answer.

        It counts once two readings agree, for text has no checksum. Leaves bulk mode, which the next
        inference enters again. Raises DeviceError when nobody answers.
        """
        self.close()
        for _ in range(self._retries + 1):
            try:
                if self._text.find() is not None:
                    first, second = self._text.micros(), self._text.micros()
                    if first is None or second is None:
                        continue
                    apart, waited = (second[0] - first[0]) / 1e6, second[1] - first[1]
                    if 0 <= apart <= 2 * waited + 0.1:
                        return second
                else:
                    self._wire.send(ESCAPE)
            except GoneError as error:
                self._reopen(error)
        raise self._wire.silence("no m-name-dut after name%, or no clock that can be")

    def close(self) -> None:
        """Leaves bulk mode, so that the next who connects finds text. The stream stays open."""
        if self._info is None:
            return
        self._info = None
        with contextlib.suppress(GoneError):  # then the device leaves it by itself
            self._requests.last(Kind.EXIT, 0.5)
        self._in_bulk = False

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            with contextlib.suppress(DeviceError):  # the first error is the one to tell
                self.close()

    def _known(self) -> DeviceInfo:
        """Bulk mode, entered again where the device may have left it for a long silence."""
        if self._info is None:
            return self.handshake()
        if self._wire.now() - self._heard_at > _QUIET:
            return self.handshake(self._info.model_hash, self._info.build_hash)
        return self._info

    def _meet(
        self, model_sha256: str | None, build_hash: str | None, error: Lost | GoneError | None = None
    ) -> DeviceInfo:
        """Finds the device and agrees with it, however often something comes between.

        Args:
            error: what came between before.
        """
        self._info = None
        while True:
            if error is not None:
                self._mishaps.count(error)
                if self._mishaps.are_too_many:
                    what = f"frames came to nothing, {self._mishaps} in a row"
                    raise error if isinstance(error, GoneError) else self._wire.silence(what)
                self._pace.quality.resyncs += 1
            try:
                if isinstance(error, GoneError):
                    self._reopen(error)
                return self._greet(model_sha256, build_hash)
            except (Lost, GoneError) as again:
                error = again

    def _reopen(self, error: GoneError) -> None:
        if not self._wire.may_reopen:
            raise error
        self._pace.quality.reconnects += 1
        self._wire.reopen()

    def _greet(self, model_sha256: str | None, build_hash: str | None) -> DeviceInfo:
        info = self._finder.identify(model_sha256, build_hash, bulk=self._in_bulk)
        self._in_bulk = True
        self._finder.enter()
        self._requests.begin()
        self._info = self._describe(info)
        self._heard_at = self._wire.now()
        return self._info

    def _describe(self, info: DeviceInfo) -> DeviceInfo:
        _, _, _, inputs, outputs, state = self._read_info()
        if not (0 < inputs <= _TENSORS and 0 < outputs <= _TENSORS):
            raise nonsense(f"{inputs} inputs and {outputs} outputs")
        sizes = [tuple(self._size(i, which) for i in range(n)) for which, n in enumerate((inputs, outputs))]
        return self._refresh(replace(info, inputs=sizes[0], outputs=sizes[1], state=state))

    def _size(self, index: int, which: int) -> int:
        size, _ = unpack(_TENSOR, self._ask(Kind.DESCRIBE, index, which), "DESCRIBE")
        if not 0 < size <= _BYTES:
            raise nonsense(f"a tensor of {size} bytes")
        return size

    def _read_info(self) -> tuple[int, ...]:
        return unpack(_INFO, self._ask(Kind.INFO), "INFO")

    def _refresh(self, info: DeviceInfo) -> DeviceInfo:
        size, high_water, *_ = self._read_info()
        self._heard_at = self._wire.now()
        return replace(info, stack_size=size or None, stack_high_water=high_water or None)

    def _ask(self, kind: Kind, index: int = 0, argument: int = 0) -> Frame:
        return checked(kind, self._requests.job(Job((Frame(kind, index, argument=argument),))))

    def _infer(self, info: DeviceInfo, inputs: Sequence[bytes], argument: int) -> Inference:
        """One inference by itself; nothing else is on its way while it runs."""
        if not argument and fits(info):
            job = Job(self._frames(info, inputs, Kind.INFER))
            answer = self._requests.job(job, patience=self._run_timeout, buffer=info.buffer)
            return inference(info, answer)
        frames = (*self._frames(info, inputs, Kind.LOAD), Frame(Kind.RUN, argument=argument))
        answer = self._requests.job(Job(frames), patience=self._run_timeout, buffer=info.buffer)
        count, micros = unpack(COST, checked(Kind.RUN, answer), "RUN")
        outputs = [self._read(index, size) for index, size in enumerate(info.outputs)]
        return Inference(outputs, count if argument and info.counter_unit != "none" else None, micros)

    def _frames(self, info: DeviceInfo, inputs: Sequence[bytes], last: Kind) -> tuple[Frame, ...]:
        """The frames that load all inputs; the last of them is of the kind ``last``.

        What fits into one frame goes in one: then nothing else is lost with it. Where there are several, they
        are as large as is best on this line.
        """
        is_small = len(inputs) == 1 and len(inputs[0]) <= info.chunk
        most = info.chunk if is_small else min(info.chunk, self._pace.payload)
        parts = [
            Frame(Kind.LOAD, index, argument=offset, payload=data[offset : offset + most])
            for index, data in enumerate(inputs)
            for offset in range(0, len(data), most)
        ]
        return (*parts[:-1], replace(parts[-1], kind=last))

    def _read(self, index: int, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._ask(Kind.READ, index, len(data)).payload
            if not part or len(data) + len(part) > size:
                raise nonsense(f"{len(part)} bytes where {size - len(data)} of an output are left")
            data += part
        return data
