"""The link on a line in simulated time: what it makes of the line's rate, what faults cost, mutated frames.

`python benchmarks/link.py` prints the figures of more lines and faults.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

import pytest
from line import FAULTS, Line, scores

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client, Quality
from edgeq.targets.link.framing import ANSWER, Decoder, Frame, Kind

Lines = Callable[..., Line]


def spent(line: Line, size: int, samples: int, baud: int) -> tuple[float, Quality]:
    """Line seconds that the samples took; each result is its own sample's."""
    client = Client(line, clock=line.now, baud=baud)
    client.handshake()
    many = [[random.Random(i).randbytes(size)] for i in range(samples)]
    client.infer(many[0])
    start = line.now()
    got = dict(client.infer_all(many))
    assert {i: one.outputs for i, one in got.items()} == {i: [scores(d)] for i, (d,) in enumerate(many)}
    return line.now() - start, client.quality


@pytest.mark.parametrize("latency", [0, 0.016])
@pytest.mark.parametrize("baud", [4800, 115_200, 1_000_000])
@pytest.mark.parametrize(("size", "samples"), [(490, 100), (27648, 8)])
def test_the_lines_rate_is_used(line: Lines, size: int, samples: int, baud: int, latency: float) -> None:
    device = line({"INPUT_BYTES": size, "ONE_OUTPUT": 1}, baud=baud, latency=latency)
    seconds, quality = spent(device, size, samples, baud)
    assert 10 * samples * size / seconds / baud > 0.9
    assert (quality.repeats, quality.refusals, quality.silences) == (0, 0, 0)
    assert quality.round_trip is not None and latency < quality.round_trip < latency + 0.5


def test_the_next_input_goes_while_the_device_computes(line: Lines) -> None:
    """An input takes 44 ms of line, an inference 44 ms, both together not much more than one of them."""
    device = line({"INPUT_BYTES": 490, "ONE_OUTPUT": 1, "SPENDS": 44_000_000})
    seconds, _ = spent(device, 490, 100, 115_200)
    assert seconds < 100 * 0.044 * 1.15  # its answer takes 4 ms


def test_without_a_buffer_one_frame_is_on_its_way(line: Lines) -> None:
    """A receiver that holds one byte, as a UART without interrupts: nothing is ever sent to a busy device."""
    device = line(
        {"INPUT_BYTES": 3000, "ONE_OUTPUT": 1, "EDGEQ_LINK_BUFFER": "0u", "SPENDS": 5_000_000}, room=1
    )
    _, quality = spent(device, 3000, 20, 115_200)
    assert (quality.repeats, quality.refusals, quality.silences) == (0, 0, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_cost_less_than_the_time_again(line: Lines, fault: str) -> None:
    macros = {"INPUT_BYTES": 490, "ONE_OUTPUT": 1}
    clean, _ = spent(line(macros, latency=0.001), 490, 300, 115_200)
    device = line(macros, latency=0.001, fault=fault, rate=0.01, seed=5)
    bad, quality = spent(device, 490, 300, 115_200)
    assert device.faults > 20
    assert quality.repeats + quality.silences > 5
    assert bad < 2 * clean


def test_a_wrong_guess_of_the_lines_speed_costs_patience_alone(line: Lines) -> None:
    """Behind a TCP port nobody knows the rate: the client takes 4,800 baud for 115,200."""
    device = line({"INPUT_BYTES": 2000, "ONE_OUTPUT": 1}, baud=4800)
    _, quality = spent(device, 2000, 5, 115_200)
    assert quality.resyncs == 0


def mutated(rng: random.Random, number: int) -> bytes:
    """A frame of any kind with absurd values, or one that is spoilt."""
    kind = rng.choice([*Kind, rng.randrange(256)])
    length = rng.choice([0, 1, 64, 490, 1024, 1025, 65_535])
    payload = rng.randbytes(min(length, 1100))
    argument = rng.choice([0, 0, 1, 64, 2**31 - 1, 2**32 - 1, rng.randrange(2**32)])
    header = struct.pack("<2sBBHHI", b"\xec\x51", kind, rng.choice([0, 0, 1, 255]), number, length, argument)
    crc = zlib.crc32(header)
    data = (
        header
        + struct.pack("<I", crc)
        + (payload + struct.pack("<I", zlib.crc32(payload, crc)) if length else b"")
    )
    if rng.random() < 0.4:
        return data
    at = rng.randrange(len(data))
    return rng.choice([data[:at], data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]])


def test_mutated_frames_do_nothing_to_the_firmware(line: Lines) -> None:
    rng = random.Random(1)
    device = line({"INPUT_BYTES": 490, "ONE_OUTPUT": 1}, baud=10_000_000)
    data = rng.randbytes(490)
    for _ in range(20):
        device.write(b"%bulk%")
        number = 0
        for _ in range(100):
            number = (number + rng.choice([0, 1, 1, 1, 2])) % 65_536
            device.write(mutated(rng, number))
            device.read(4096, 0.0)
        with Client(device, clock=device.now, timeout=0.5, baud=10_000_000) as client:
            assert client.infer([data]).outputs == [scores(data)]


class Hostile:
    """Answers frames with mutated ones: right numbers, and whatever else."""

    def __init__(self, line: Line, seed: int) -> None:
        self._line, self._random = line, random.Random(seed)
        self._decoder = Decoder()

    def write(self, data: bytes) -> None:
        self._line.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        data = self._line.read(n, timeout)
        rng = self._random
        if not data or b"m-" in data or rng.random() < 0.95:
            return data
        kind = rng.choice([*Kind]) | ANSWER
        frame = Frame(kind, rng.choice([0, 0, 1, 2, 3, 4, 9]), rng.randrange(40), rng.randrange(40))
        return rng.choice([frame.encode(), rng.randbytes(40), b"", data[:-1], data + data])

    def close(self) -> None:
        self._line.close()


@pytest.mark.parametrize("seed", range(4))
def test_mutated_answers_end_as_an_answer_or_as_an_error(line: Lines, seed: int) -> None:
    """Never a wrong output: what is forged here has no outputs, so whatever has one is the device's."""
    device = line({"INPUT_BYTES": 300, "ONE_OUTPUT": 1}, baud=1_000_000)
    client = Client(
        Hostile(device, seed), clock=device.now, timeout=0.2, retries=3, run_timeout=1.0, baud=1_000_000
    )
    done = 0
    for i in range(40):
        many = [[random.Random(100 * i + k).randbytes(300)] for k in range(5)]
        try:
            for place, one in client.infer_all(many):
                assert one.outputs == [scores(many[place][0])]
                done += 1
        except DeviceError as error:
            assert error.message
    assert done > 20
