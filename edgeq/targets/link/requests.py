"""Requests and their answers over a line that loses some, with several on their way."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from edgeq.targets.link.framing import (
    ANSWER,
    GENERATION,
    GENERATIONS,
    NAK,
    Damaged,
    Decoder,
    Frame,
    Kind,
    Status,
)
from edgeq.targets.link.pace import Pace
from edgeq.targets.link.wire import Wire

_NUMBERS = 1 << 16
_RUNNING = (Kind.RUN, Kind.INFER)
_REFUSALS = 8
"""How many of them count as one answer that did not come: a burst of noise may look like several frames."""

_SPOILT = Frame(0)
"""What stands for an answer whose payload came damaged."""


class Lost(Exception):
    """Device and host no longer agree about where they are: begin again from the handshake."""


class Elsewhere(Lost):
    """The device is in text mode: it started anew, or has waited for too long."""


@dataclass(eq=False)
class Job:
    """Frames that belong together: the first begins something, the others go on with it.

    Attributes:
        frames: without numbers; the answer to the last is the job's.
        key: whatever the caller knows it by.
        base: the first frame's number, as it was begun last.
        sent: how many of its frames were sent since then.
        generation: how often it was gone back in since then.
        is_done: whether it has its answer.
    """

    frames: tuple[Frame, ...]
    key: int = 0
    base: int = -1
    sent: int = 0
    generation: int = 0
    is_done: bool = False

    def numbered(self, place: int) -> Frame:
        """The frame at that place."""
        kind = self.frames[place].kind | GENERATION * self.generation
        return replace(self.frames[place], kind=kind, number=(self.base + place) % _NUMBERS)


class Requests:
    """Sends jobs and gives their answers.

    Args:
        wire: the device, in bulk mode.
        pace: how long to wait, and how much to have on its way.
        retries: how often in a row an answer may not come.
    """

    def __init__(self, wire: Wire, pace: Pace, retries: int) -> None:
        self.wire, self.pace, self.retries = wire, pace, retries
        self._decoder = Decoder()
        self._number = 0

    def begin(self) -> None:
        """Bulk mode was entered anew: whatever was on its way is gone, and the device counts from 1."""
        self._decoder.clear()
        self._number = 0

    def job(self, job: Job, *, patience: float = 0.0, buffer: int = 0) -> Frame:
        """The answer to one job alone. Raises as ``all``."""
        ((_, answer),) = self.all([job], patience=patience, buffer=buffer)
        return answer

    def last(self, kind: Kind, seconds: float) -> None:
        """Sends one request without insisting on its answer."""
        frame = Job((Frame(kind),), base=self.next_base(1)).numbered(0)
        self.wire.send(frame.encode())
        for answer in self.received(self.wire.now() + seconds):
            if answer is not None and answer.number == frame.number and answer.kind == kind | ANSWER:
                return

    def all(
        self, jobs: Iterable[Job], *, patience: float = 0.0, buffer: int = 0
    ) -> Iterator[tuple[Job, Frame]]:
        """The jobs with their answers, as these come.

        A job that got lost begins anew, behind those that were sent since: whoever gives several at once
        must not mind their order, nor that one is done twice.

        Args:
            patience: seconds that a run may take, until others were timed.
            buffer: bytes that may be on their way; one frame always may.

        Raises:
            Lost: nothing comes any more, or something that cannot be.
        """
        return _Course(self, jobs, patience, buffer).run()

    def next_base(self, frames: int) -> int:
        """The first of so many new numbers."""
        base = (self._number + 1) % _NUMBERS
        self._number = (self._number + frames) % _NUMBERS
        return base

    def received(self, deadline: float) -> Iterator[Frame | None]:
        """Frames as they come, and None at the deadline, however much else comes."""
        while True:
            try:
                frame = self._decoder.next()
            except Damaged:
                frame = _SPOILT
            if frame is not None:
                yield frame
            if self.wire.now() >= deadline:
                break
            if frame is None:
                data = self.wire.receive(deadline)
                if not data:
                    break
                self._decoder.feed(data)
        yield None


_MOST = 64
"""Frames in flight: what answers them has to lie in between, in a few kilobytes of a port or a socket, while
more is sent and nothing is read; else the device waits for room there, and the host for the device."""


class _Sent(NamedTuple):
    job: Job
    place: int
    size: int
    at: float
    left_at: float
    is_first_time: bool

    @property
    def kind(self) -> int:
        return self.job.frames[self.place].kind

    @property
    def runs(self) -> bool:
        return self.kind in _RUNNING


class _Course:
    """One call of ``Requests.all``. What was sent and not answered is in flight, in the order of sending."""

    def __init__(self, requests: Requests, jobs: Iterable[Job], patience: float, buffer: int) -> None:
        self._requests, self._wire, self._pace = requests, requests.wire, requests.pace
        self._patience, self._buffer = patience, buffer
        self._source = iter(jobs)
        self._again: deque[Job] = deque()
        self._late: dict[int, Job] = {}
        self._now: Job | None = None
        self._place = 0
        self._flight: OrderedDict[int, _Sent] = OrderedDict()
        self._heard_at = self._answered_at = self._wire.now()
        self._silences = self._refusals = 0
        self._stale = 0
        self._texts = self._wire.texts

    def run(self) -> Iterator[tuple[Job, Frame]]:
        while True:
            while self._may_send():
                self._send()
            if not self._flight:
                return
            deadline = self._deadline()
            for frame in self._requests.received(deadline):
                found = None if frame is None else self._take(frame)
                if found is not None:
                    yield found
                if frame is None:
                    self._silence()
                    break
                if not self._flight or self._deadline() != deadline or self._may_send():
                    break

    # Sending

    def _next(self) -> Job | None:
        """The job whose frame at ``_place`` is next; None where nothing is left."""
        job = self._now
        if job is not None and self._place < len(job.frames):
            return job
        job = self._again.popleft() if self._again else next(self._source, None)
        while job is not None and job.is_done:
            job = self._again.popleft() if self._again else next(self._source, None)
        if job is not None:
            job.base, job.sent, job.generation = self._requests.next_base(len(job.frames)), 0, 0
            self._now, self._place = job, 0
        return job

    def _may_send(self) -> bool:
        if self._flight and not self._pace.knows(runs=True) and any(x.runs for x in self._flight.values()):
            return False  # until it is known how long a run takes, one at a time
        if self._flight and self._pace.is_lossy and not self._may_begin():
            return False
        if len(self._flight) >= _MOST:
            return False
        room = min(self._buffer, self._pace.window) - sum(sent.size for sent in self._flight.values())
        if self._flight and room <= 0:
            return False
        job = self._next()
        return job is not None and (not self._flight or job.frames[self._place].size <= room)

    def _may_begin(self) -> bool:
        """Not the next job while more than the last frame of this one may be missing, and all of it lost."""
        job = self._now
        if job is None or self._place < len(job.frames):
            return True
        return all(sent.place + 1 == len(sent.job.frames) for sent in self._flight.values())

    def _send(self) -> None:
        job = self._now
        assert job is not None  # noqa: S101 - asked before
        frame, is_first_time = job.numbered(self._place), self._place >= job.sent
        now = self._wire.now()
        if not self._flight:
            self._heard_at = now
        self._wire.send(frame.encode())
        left_at = self._pace.leaves(frame.size, now)
        self._flight[frame.number] = _Sent(job, self._place, frame.size, now, left_at, is_first_time)
        self._place += 1
        job.sent = max(job.sent, self._place)
        self._pace.quality.frames += 1
        self._pace.quality.repeats += not is_first_time

    def _deadline(self) -> float:
        oldest = next(iter(self._flight.values()))
        return max(oldest.left_at, self._heard_at) + self._pace.timeout(runs=oldest.runs)

    # Receiving

    def _take(self, frame: Frame) -> tuple[Job, Frame] | None:
        """A job that is done by this answer, with it."""
        if frame is _SPOILT:
            if len(self._flight) == 1:
                self._refused(-1)
            return None  # else the next answer tells which one is missing
        if frame.kind == NAK:
            self._stale -= 1
            if self._stale < 0 or self._is_fresh():  # else what was sent before going back
                self._refused(frame.argument)
            return None
        sent = self._flight.get(frame.number)
        kind, generation = frame.kind % GENERATION | ANSWER, frame.kind // GENERATION % GENERATIONS
        is_known = sent is not None and kind == sent.kind | ANSWER
        if frame.index == Status.OUT_OF_ORDER:
            if sent is not None and is_known and generation == sent.job.generation:
                self._stale = 0
                self._refused(frame.argument)
            else:
                self._stale -= 1
            return None
        if sent is None or not is_known:
            return self._take_late(frame)
        if frame.index in (Status.BAD_REQUEST, Status.NOT_LOADED):
            raise Lost
        if generation == sent.job.generation:
            self._stale = 0  # answers come in order: those to what was sent before have come, or are lost
        now = self._wire.now()
        if sent.is_first_time:
            after = max(sent.left_at, self._heard_at)
            alone = after == sent.left_at and not sent.runs
            self._pace.heard(now - after, runs=sent.runs, trip=now - sent.at if alone else None)
        self._pace.arrived(sent.size)
        self._accept(frame.number, sent.job)
        self._heard_at = self._answered_at = now
        self._silences = self._refusals = 0
        if sent.place + 1 < len(sent.job.frames) or sent.job.is_done:
            return None
        sent.job.is_done = True
        return sent.job, frame

    def _is_fresh(self) -> bool:
        """Whether what comes now may answer what is in flight: not every expected refusal need come."""
        oldest = next(iter(self._flight.values()), None)
        return oldest is not None and self._wire.now() >= self._pace.earliest(oldest.left_at)

    def _take_late(self, frame: Frame) -> tuple[Job, Frame] | None:
        """The answer to a job that was thought to be lost."""
        job = self._late.pop(frame.number, None)
        if (
            job is None
            or job.is_done
            or frame.kind != job.frames[-1].kind | ANSWER
            or frame.index != Status.OK
        ):
            return None
        job.is_done = True
        return job, frame

    def _accept(self, number: int, job: Job) -> None:
        """Answers come in order: what was sent before this one has none any more."""
        for one in tuple(self._flight):
            sent = self._flight.pop(one, None)
            if sent is not None and sent.job is not job:
                self._requeue(sent.job)
            if one == number:
                break

    # Losses

    def _refused(self, last: int) -> None:
        """A frame came damaged, or one before it did not come; ``last`` is what the device did last."""
        self._pace.quality.refusals += 1
        self._refusals += 1
        if self._refusals > _REFUSALS * (self._requests.retries + 1):
            raise Lost
        if last in self._flight:
            done = self._flight[last]
            self._accept(last, done.job)
            if done.place + 1 == len(done.job.frames):  # its answer was lost
                self._back_to(done)
                return
        if not self._flight:
            return
        self._back_to(next(iter(self._flight.values())))

    def _silence(self) -> None:
        if self._wire.texts != self._texts:
            raise Elsewhere
        self._silences += 1
        waited = self._wire.now() - self._answered_at
        if self._silences > self._requests.retries and waited >= self._pace.hope(self._patience):
            raise Lost
        self._pace.silent()
        oldest = next(iter(self._flight.values()))
        if all(sent.job is oldest.job for sent in self._flight.values()):
            self._back_to(oldest)
        for sent in tuple(self._flight.values()):
            self._requeue(sent.job)

    def _back_to(self, missing: _Sent) -> None:
        """Sends again from this frame on, or its whole job where another was begun since."""
        if missing.job is not self._now:
            self._requeue(missing.job)
            return
        self._stale = sum(sent.place > missing.place for sent in self._flight.values())
        self._forget(missing.job)
        self._place = missing.place
        missing.job.generation = (missing.job.generation + 1) % GENERATIONS
        self._pace.lost()

    def _requeue(self, job: Job) -> None:
        self._forget(job)
        if job.is_done or job in self._again:
            return
        self._late[(job.base + len(job.frames) - 1) % _NUMBERS] = job
        if job is self._now:
            self._now = None
        self._again.append(job)
        self._pace.quality.repeats += 1
        self._pace.lost()

    def _forget(self, job: Job) -> None:
        for number in [number for number, sent in self._flight.items() if sent.job is job]:
            del self._flight[number]
