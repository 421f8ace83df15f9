"""Everything at once: a bad line, a device that starts anew, a connection that is closed. The client goes on.

`python benchmarks/chaos.py` does the same at full length.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from chaos import ChaosLine, course
from line import scores

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client
from edgeq.targets.stream import GoneError

Firmware = Callable[..., Path]


@pytest.mark.parametrize(
    ("samples", "seed"),
    [(1000, 1), pytest.param(10_000, 3, marks=pytest.mark.slow)],
)
def test_chaos_costs_less_than_twice_the_time_again(firmware: Firmware, samples: int, seed: int) -> None:
    run = course(firmware(INPUT_BYTES=490, ONE_OUTPUT=1, SPENDS=0), 490, samples, seed=seed)
    assert run.right == samples
    assert run.resets > samples / 400 and run.closes > samples / 400
    assert run.faults > samples / 10
    assert run.chaotic < 3 * run.clean


@pytest.mark.slow
def test_chaos_with_inputs_of_many_frames(firmware: Firmware) -> None:
    run = course(firmware(INPUT_BYTES=27648, ONE_OUTPUT=1, SPENDS=0), 27648, 200, seed=1)
    assert run.right == 200
    assert run.chaotic < 3 * run.clean


def chaos(program: Path, seed: int, *, apart: float) -> ChaosLine:
    rates = {"corrupted": 0.01, "unit dropped": 0.01}
    return ChaosLine(program, rates=rates, seed=seed, reset_every=apart, close_every=apart)


@pytest.mark.parametrize("seed", range(2))
def test_each_call_goes_on_over_a_connection_that_closes_and_a_device_that_starts_anew(
    firmware: Firmware, seed: int
) -> None:
    """Handshake, measured inferences, the device's figures, its clock, the end: not the test set alone."""
    line = chaos(firmware(INPUT_BYTES=490, ONE_OUTPUT=1, SPENDS=0), seed, apart=5.0)
    try:
        client = Client(line, clock=line.now)
        for i in range(60):
            data = bytes([i]) * 490
            client.handshake()
            assert client.infer([data], measure=True).outputs == [scores(data)]
            assert client.info().inputs == (490,)
            reading = client.clock()
            assert reading is not None and reading[1] <= line.now()
            client.close()
        assert line.resets > 3 and line.closes > 3
    finally:
        line.close()


@pytest.mark.parametrize("seed", range(2))
def test_a_model_that_keeps_something_goes_on_as_if_nothing_had_happened(
    firmware: Firmware, seed: int
) -> None:
    """What it kept is lost with a reset: everything since the beginning runs again."""
    line = chaos(firmware(INPUT_BYTES=490, ONE_OUTPUT=1, STATE_BYTES=4, SPENDS=0), seed, apart=4.0)
    many = [[bytes([i % 256]) * 490] for i in range(300)]
    try:
        client = Client(line, clock=line.now)
        client.handshake()
        begins = [i % 5 == 0 for i in range(300)]
        for place, one in client.infer_all(many, begins):
            kept = place % 5 + 1
            assert one.outputs == [bytes((x + kept) & 255 for x in scores(many[place][0]))]
        assert line.resets > 1 and line.closes > 1
    finally:
        line.close()


def test_a_connection_that_is_closed_each_time_is_given_up(firmware: Firmware) -> None:
    line = chaos(firmware(INPUT_BYTES=490, ONE_OUTPUT=1, SPENDS=0), 1, apart=0.01)
    try:
        client = Client(line, clock=line.now)
        with pytest.raises(GoneError):
            client.handshake()
        assert line.closes < 30
    finally:
        line.close()


def test_a_device_that_starts_anew_each_time_is_given_up(firmware: Firmware) -> None:
    line = ChaosLine(
        firmware(INPUT_BYTES=490, ONE_OUTPUT=1, SPENDS=30_000_000_000), rates={}, seed=1, reset_every=2.0
    )
    try:
        client = Client(line, clock=line.now)
        with pytest.raises(DeviceError, match=r"frames came to nothing, \d+ times in a row"):
            for _ in client.infer_all([[bytes(490)]] * 3):
                pass
        assert line.resets < 60 and line.now() < 240  # twice what a run may take
    finally:
        line.close()
