"""The link on a line in simulated time: what it makes of the line's rate, what faults cost.

`python benchmarks/link.py` prints the figures of more lines and faults.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from line import FAULTS, Line, scores

from edgeq.targets.link import Client, Quality

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


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_cost_less_than_the_time_again_where_answers_are_late(line: Lines, fault: str) -> None:
    """Many frames are on their way there, and each that is refused has refusals behind it."""
    macros = {"INPUT_BYTES": 27648, "ONE_OUTPUT": 1}
    clean, _ = spent(line(macros, baud=1_000_000, latency=0.016), 27648, 60, 1_000_000)
    device = line(macros, baud=1_000_000, latency=0.016, fault=fault, rate=0.01, seed=5)
    bad, quality = spent(device, 27648, 60, 1_000_000)
    assert device.faults > 300 and quality.refusals > 200
    assert quality.silences < 12
    assert bad < 2 * clean


def test_a_wrong_guess_of_the_lines_speed_costs_patience_alone(line: Lines) -> None:
    """Behind a TCP port nobody knows the rate: the client takes 4,800 baud for 115,200."""
    device = line({"INPUT_BYTES": 2000, "ONE_OUTPUT": 1}, baud=4800)
    _, quality = spent(device, 2000, 5, 115_200)
    assert quality.resyncs == 0
