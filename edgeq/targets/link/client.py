"""The host's side of the link: who is there, and inferences on it."""

from __future__ import annotations

import contextlib
import re
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from edgeq.base.errors import DeviceError
from edgeq.targets.link.framing import (
    ANSWER,
    CHUNK,
    ESCAPE,
    LINK_VERSION,
    NAK,
    Damaged,
    Decoder,
    Frame,
    Kind,
    Status,
)
from edgeq.targets.link.text import TextLink
from edgeq.targets.link.wire import Wire

if TYPE_CHECKING:
    from edgeq.targets import Stream

_MEASURE, _FIRST_STEP = 1, 2
_HASH_DIGITS = 16
_RECOVERIES = 2


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says about itself.

    Attributes:
        name: of the firmware.
        model_name: the name that the official runner sees.
        model_hash, build_hash: the first 16 hexadecimal digits.
        runtime: "aot", …
        link_version: of the bulk mode.
        counter_unit: "instructions", "cycles" or "none".
        hz: the core's clock, None where it is not known.
        arena, stack_size, stack_high_water: bytes; the last two None where they are not known.
        chunk: the most payload bytes that the device takes in a frame.
        inputs, outputs: bytes of each.
        state: bytes that the model keeps between inferences.
    """

    name: str
    model_name: str
    model_hash: str
    build_hash: str
    runtime: str
    link_version: int
    counter_unit: str
    hz: int | None
    arena: int
    stack_size: int | None
    stack_high_water: int | None
    chunk: int
    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()
    state: int = 0


@dataclass(frozen=True)
class Inference:
    """What one inference gave.

    Attributes:
        outputs: the bytes of each output.
        count: in the device's counter unit; None when not measured.
        micros: elapsed on the device.
    """

    outputs: list[bytes]
    count: int | None
    micros: int


class _Lost(Exception):
    """Device and host no longer agree about where they are: begin again from the handshake."""


class Client:
    """Talks to edgeq's firmware over any stream.

    Args:
        stream: the device's console.
        timeout: seconds that an answer may take, except an inference's.
        retries: how often an exchange is tried again.
        run_timeout: seconds that an inference may take.
        diagnosis: tells why a device is silent, where that is known (``Target.diagnosis``).
        log: the file that keeps what the device said (``TranscriptStream``), for messages.
        flashed: whether it was flashed just now, so that other firmware than that is the flashing's failure.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        timeout: float = 2.0,
        retries: int = 4,
        run_timeout: float = 120.0,
        diagnosis: Callable[[], str | None] | None = None,
        log: Path | None = None,
        flashed: bool = False,
    ) -> None:
        self._wire = Wire(stream, diagnosis=diagnosis, log=log)
        self._flashed = flashed
        self._text = TextLink(self._wire, timeout=timeout)
        self._decoder = Decoder()
        self._timeout = timeout
        self._retries = retries
        self._run_timeout = run_timeout
        self._number = 0
        self._info: DeviceInfo | None = None
        self._sequence: list[Sequence[bytes]] | None = None
        self.recoveries = 0
        """How often device and host had to find each other again; 0 on a good line."""

    def handshake(self, model_sha256: str | None = None, build_hash: str | None = None) -> DeviceInfo:
        """Finds the device in whichever mode it is, compares versions and hashes, and enters bulk mode.

        Args:
            model_sha256: of the model that it should run; its first 16 digits are compared.
            build_hash: of the build that it should run.

        Raises:
            DeviceError: silent, not edgeq, another link version, model or build, or a runtime that failed.
        """
        self._info = None
        name = self._find()
        info = self._profile(name)
        if info.link_version != LINK_VERSION:
            raise DeviceError(
                f"the device speaks link version {info.link_version}, this edgeq speaks {LINK_VERSION}",
                "generate and build the firmware again with this edgeq, and flash it",
            )
        self._compare("model", info.model_hash, model_sha256)
        self._compare("build", info.build_hash, build_hash)
        self._enter()
        try:
            info = self._describe(info)
        except _Lost as error:
            raise self._wire.silence("bulk mode was entered, but its frames came to nothing") from error
        self._info = info
        return info

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
        sizes = tuple(len(data) for data in inputs)
        if sizes != info.inputs:
            raise DeviceError(f"the device takes inputs of {info.inputs} bytes, not of {sizes}")
        before = [] if begin or self._sequence is None else self._sequence
        begin = begin or self._sequence is None
        argument = int(measure) * _MEASURE if step is None else _FIRST_STEP + step
        for attempt in range(_RECOVERIES):
            try:
                if info.state and (begin or attempt):
                    self._exchange(Kind.RESET)
                    for earlier in before:
                        self._infer(info, earlier, 0)
                answer = self._infer(info, inputs, argument)
                self._sequence = [*before, inputs] if info.state else []
                return answer
            except _Lost:
                self.recoveries += 1
                info = self.handshake(info.model_hash, info.build_hash)
        raise self._wire.silence(f"an inference failed {_RECOVERIES} times, and after a new handshake too")

    def info(self) -> DeviceInfo:
        """What the handshake found, with the stack's high water of now. Raises DeviceError."""
        info = self._known()
        try:
            self._info = self._refresh(info)
        except _Lost:
            self._info = self.handshake(info.model_hash, info.build_hash)
        return self._info

    def clock(self) -> tuple[int, float] | None:
        """The device's clock in microseconds and the host's in seconds, read together; None: no answer.

        Leaves bulk mode, which the next inference enters again. Raises DeviceError when nobody answers.
        """
        self.close()
        for _ in range(self._retries + 1):
            if self._text.find() is not None:
                return self._text.micros()
            self._wire.send(ESCAPE)
        raise self._wire.silence("no m-name-dut after name%")

    def close(self) -> None:
        """Leaves bulk mode, so that the next who connects finds text. The stream stays open."""
        if self._info is None:
            return
        self._info = None
        self._number = (self._number + 1) & 0xFFFF
        self._wire.send(Frame(Kind.EXIT, number=self._number).encode())
        with contextlib.suppress(Damaged):
            self._receive(Kind.EXIT, min(self._timeout, 0.5))

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
        return self._info if self._info is not None else self.handshake()

    def _compare(self, what: str, found: str, expected: str | None) -> None:
        if expected is None or found == expected[:_HASH_DIGITS]:
            return
        hashes = f"{what} hash {found}, expected {expected[:_HASH_DIGITS]}"
        if self._flashed:
            raise DeviceError(
                f"the board runs other firmware than was flashed: {hashes}",
                "press its reset button and run again; if it stays so, the serial port is another board's, "
                "or the chip boots from elsewhere (look at its boot pins)",
            )
        raise DeviceError(
            f"the device runs another {what}: {hashes}",
            "flash the image that is to be judged, or choose another port",
        )

    # Text: finding the device

    def _find(self) -> str:
        silences, end = 0, time.monotonic() + self._run_timeout
        while silences <= self._retries:
            if silences > 0:
                self._wire.send(ESCAPE)  # it may be in bulk mode, even within a frame
            name = self._text.find()
            if name is not None:
                return name
            if not self._wire.is_replaying or time.monotonic() > end:
                silences += 1
        raise self._wire.silence(f"no m-name-dut after name%, {self._retries + 1} times {self._timeout:g} s")

    def _profile(self, name: str) -> DeviceInfo:
        """The profile, once it has come twice the same: the text protocol has no checksum."""
        before: DeviceInfo | None = None
        answered = ""
        for _ in range(self._retries + 2):
            found = self._text.expect("profile", r"m-profile-\[(.*)\]")
            model = self._text.expect("profile", r"m-model-\[(.*)\]")
            if found is None or model is None:
                continue
            answered = found[1]
            info = _parse_profile(name, answered, model[1])
            if info is not None and info == before:
                return info
            before = info
        if answered:
            raise DeviceError(
                f"the device does not run firmware of edgeq: its profile is [{answered[:200]}]",
                "flash the project's build, or choose another port",
            )
        raise self._wire.silence("no m-profile after profile%")

    def _enter(self) -> None:
        for _ in range(self._retries + 1):
            if self._text.expect("bulk", rf"m-bulk-{LINK_VERSION}") is not None:
                self._decoder.clear()
                self._number = 0
                return
            self._find()
        raise self._wire.silence("no m-bulk after bulk%")

    # Bulk

    def _describe(self, info: DeviceInfo) -> DeviceInfo:
        answer = self._exchange(Kind.INFO)
        _, _, _, inputs, outputs, state = struct.unpack("<6I", answer.payload)
        sizes = [
            [struct.unpack("<2I", self._exchange(Kind.DESCRIBE, i, which).payload)[0] for i in range(n)]
            for which, n in enumerate((inputs, outputs))
        ]
        return self._refresh(replace(info, inputs=tuple(sizes[0]), outputs=tuple(sizes[1]), state=state))

    def _refresh(self, info: DeviceInfo) -> DeviceInfo:
        size, high_water, *_ = struct.unpack("<6I", self._exchange(Kind.INFO).payload)
        return replace(info, stack_size=size or None, stack_high_water=high_water or None)

    def _infer(self, info: DeviceInfo, inputs: Sequence[bytes], argument: int) -> Inference:
        for index, data in enumerate(inputs):
            for offset in range(0, len(data), info.chunk):
                self._exchange(Kind.LOAD, index, offset, data[offset : offset + info.chunk])
        answer = self._exchange(Kind.RUN, argument=argument, patience=self._run_timeout)
        count, micros = struct.unpack("<2Q", answer.payload)
        outputs = [self._read(index, size) for index, size in enumerate(info.outputs)]
        return Inference(outputs, count if argument and info.counter_unit != "none" else None, micros)

    def _read(self, index: int, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self._exchange(Kind.READ, index, len(data)).payload
            if not part or len(data) + len(part) > size:
                raise _Lost
            data += part
        return data

    def _exchange(
        self, kind: Kind, index: int = 0, argument: int = 0, payload: bytes = b"", *, patience: float = 0.0
    ) -> Frame:
        """One request and its answer. Asks again when nothing comes, for at least ``patience`` seconds."""
        self._number = (self._number + 1) & 0xFFFF
        request = Frame(kind, index, self._number, argument, payload).encode()
        end = time.monotonic() + patience
        failures = silences = 0
        while failures <= self._retries and (silences <= self._retries or time.monotonic() < end):
            self._wire.send(request)
            try:
                answer = self._receive(kind, self._timeout)
            except Damaged:
                failures += 1
                self._wire.drain(quiet=0.02)
                self._decoder.clear()
                continue
            if answer is not None:
                return _checked(kind, answer)
            silences += 1
        raise _Lost

    def _receive(self, kind: Kind, timeout: float) -> Frame | None:
        """The answer to the current request; others, late or repeated, are dropped. Raises Damaged."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self._decoder.next()
            if frame is None:
                data = self._wire.receive(deadline)
                if not data:
                    return None
                self._decoder.feed(data)
            elif frame.kind == NAK:
                raise Damaged
            elif frame.number == self._number and frame.kind == kind | ANSWER:
                return frame


def _checked(kind: Kind, answer: Frame) -> Frame:
    status = answer.index
    if status == Status.OK:
        return answer
    if status == Status.RUN_FAILED:
        what = "run the model" if kind == Kind.RUN else "start"
        raise DeviceError(
            f"the runtime on the device failed to {what}", "build the project again and flash it"
        )
    raise _Lost


def _parse_profile(name: str, profile: str, model: str) -> DeviceInfo | None:
    """None when it is not a profile of edgeq's firmware."""
    pairs = dict(re.findall(r"(\w+)=(\S*)", profile))
    try:
        return DeviceInfo(
            name=name,
            model_name=model,
            model_hash=pairs["model"],
            build_hash=pairs["build"],
            runtime=pairs["runtime"],
            link_version=int(pairs["link"]),
            counter_unit=pairs["counter"],
            hz=int(pairs["hz"]) or None,
            arena=int(pairs["arena"]),
            stack_size=int(pairs["stack"]) or None,
            stack_high_water=None,
            chunk=min(max(int(pairs["chunk"]), 1), CHUNK),
        )
    except (KeyError, ValueError):
        return None
