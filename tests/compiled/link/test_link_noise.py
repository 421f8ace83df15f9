"""A noisy line, with seeded randomness: no wrong output is ever taken for a right one, and nothing hangs."""

from __future__ import annotations

import random

import pytest
from line import scores

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client

SPOIL = ("drop", "flip", "insert", "repeat", "truncate")


class Noise:
    """A stream that spoils some of what passes, in one or both directions."""

    def __init__(
        self, stream, seed: int, rate: float, *, sending: bool = True, receiving: bool = True
    ) -> None:
        self._stream = stream
        self._random = random.Random(seed)
        self._rate = rate
        self._sending = sending
        self._receiving = receiving
        self._pending = b""
        self.spoiled = 0
        self.is_on = True

    def write(self, data: bytes) -> None:
        self._stream.write(self._spoil(data) if self._sending else data)

    def read(self, n: int, timeout: float) -> bytes:
        if not self._pending:
            data = self._stream.read(4096, timeout)
            self._pending = self._spoil(data) if self._receiving else data
        taken, self._pending = self._pending[:n], self._pending[n:]
        return taken

    def close(self) -> None:
        self._stream.close()

    def _spoil(self, data: bytes) -> bytes:
        rng = self._random
        if not self.is_on or not data or rng.random() >= self._rate:
            return data
        self.spoiled += 1
        at = rng.randrange(len(data))
        kind = rng.choice(SPOIL)
        if kind == "drop":
            return data[:at] + data[at + rng.randint(1, 20) :]
        if kind == "flip":
            return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
        if kind == "insert":
            garbage = rng.choice([rng.randbytes(rng.randint(1, 60)), b"\xec\x51" * rng.randint(1, 30)])
            return data[:at] + garbage + data[at:]
        return data + data if kind == "repeat" else data[:at]


@pytest.mark.sample(4)
@pytest.mark.parametrize("direction", ["to the device", "from the device", "both"])
@pytest.mark.parametrize("seed", range(4))
def test_inferences_over_a_noisy_line(device, seed, direction):
    rng = random.Random(1000 + seed)
    clean = device(INPUT_BYTES=1500)
    stream = Noise(
        clean, seed, 0.2, sending=direction != "from the device", receiving=direction != "to the device"
    )
    client = Client(stream, timeout=0.1, retries=20, run_timeout=1.0)
    done = 0
    for _ in range(6):
        data = rng.randbytes(1500)
        try:
            got = client.infer([data])
        except DeviceError:
            continue  # said so; the next one must still work
        assert got.outputs == [clean.scores(data), clean.state(data)]
        done += 1
    assert stream.spoiled > 2
    assert done >= 4


@pytest.mark.sample(1)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("size", [300, 2500])
def test_many_samples_over_a_noisy_line(device, size, seed):
    """Several on their way, in frames of which some get lost: every result is that of its own sample."""
    rng = random.Random(3000 + seed)
    clean = device(INPUT_BYTES=size, ONE_OUTPUT=1)
    stream = Noise(clean, seed, 0.05)
    client = Client(stream, timeout=0.2, retries=6, run_timeout=1.0)
    many = [[rng.randbytes(size)] for _ in range(100)]
    got = dict(client.infer_all(many))
    assert {place: one.outputs[0] for place, one in got.items()} == {
        place: clean.scores(data) for place, (data,) in enumerate(many)
    }
    assert stream.spoiled  # how often is a matter of how much comes in one piece


@pytest.mark.parametrize("is_warm", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_a_line_too_bad_to_use_ends_in_an_error_in_bounded_time(line, seed, is_warm):
    """Of the line's own clock, by the client's own settings: a run's patience, and as long to meet again."""
    clean = line({"INPUT_BYTES": 490, "ONE_OUTPUT": 1})
    stream = Noise(clean, seed, 0.95)
    client = Client(stream, clock=clean.now)
    data = random.Random(seed).randbytes(490)
    stream.is_on = False
    client.handshake()
    if is_warm:
        client.infer([data])
    stream.is_on = True
    for _ in range(3):
        started = clean.now()
        try:
            assert client.infer([data]).outputs == [scores(data)]
        except DeviceError as error:
            assert error.hint
        assert clean.now() - started < (90 if is_warm else 240)
    assert stream.spoiled
    stream.is_on = False
    again = Client(stream, clock=clean.now)
    assert again.infer([data]).outputs == [scores(data)]


@pytest.mark.parametrize("seed", range(3))
def test_garbage_before_a_client_comes(device, seed):
    rng = random.Random(seed)
    stream = device()
    for _ in range(20):
        stream.write(
            rng.choice([rng.randbytes(rng.randint(1, 300)), b"bulk%", b"db load 490%", b"\xec\x51\x04"])
        )
    data = rng.randbytes(490)
    assert Client(stream, timeout=0.3).infer([data]).outputs == [stream.scores(data), stream.state(data)]


def test_an_input_that_looks_like_the_escape(device):
    """1,500 times '%', and a frame of it damaged: the device must not take it for a way out of bulk mode."""
    clean = device(INPUT_BYTES=1500)
    data = b"%" * 1500
    spoilt: list[bytes] = []

    class Damage:
        read, close = clean.read, clean.close

        def write(self, frame: bytes) -> None:
            if len(frame) > 1000 and len(spoilt) < 2:
                spoilt.append(frame)
                at = 3 if len(spoilt) == 1 else -2
                frame = frame[:at] + bytes([frame[at] ^ 1]) + frame[at + 1 :]
            clean.write(frame)

    client = Client(Damage(), timeout=0.3)
    client.handshake()
    spoilt.clear()
    assert client.infer([data]).outputs == [clean.scores(data), clean.state(data)]
    assert client.recoveries == 0
    assert len(spoilt) == 2


def test_a_device_that_restarts_between_inferences(device):
    """Brown-out: text mode again, nothing loaded. The inference is done anew as a whole."""
    first, second = device(), device()
    data = bytes(range(245)) * 2

    class Switch:
        now = first

        def read(self, n: int, timeout: float) -> bytes:
            return self.now.read(n, timeout)

        def write(self, frame: bytes) -> None:
            self.now.write(frame)

        def close(self) -> None:
            self.now.close()

    stream = Switch()
    client = Client(stream, timeout=0.3, retries=2, run_timeout=0.5)
    assert client.infer([data]).outputs == [first.scores(data), first.state(data)]
    stream.now = second
    assert client.infer([data]).outputs == [first.scores(data), first.state(data)]
    assert client.recoveries == 1
