"""A model that keeps a state: reset by command and by frame, and told again after a bad line."""

from __future__ import annotations

import random

import numpy as np
import pytest
from test_link_noise import Noise
from test_link_text import ask, booted, expected, load, results

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client

SIZE = 300


def kept(stream, data: bytes, runs: int) -> bytes:
    """The scores of the run with that number since the last reset."""
    return bytes((score + runs) & 255 for score in stream.scores(data))


def test_info_tells_of_it_and_a_sequence_begins_where_the_host_says_so(device):
    stream = device(INPUT_BYTES=SIZE, STATE_BYTES=24)
    rng = random.Random(1)
    with Client(stream, timeout=1.0) as client:
        assert client.handshake().state == 24
        runs = 0
        for begin in (False, False, True, False, False, True, True, False):
            data = rng.randbytes(SIZE)
            runs = 1 if begin else runs + 1
            assert client.infer([data], begin=begin).outputs[0] == kept(stream, data, runs)


def test_what_another_host_left_is_gone(device):
    stream = device(INPUT_BYTES=SIZE, STATE_BYTES=24)
    data = bytes(SIZE)
    for _ in range(2):
        with Client(stream, timeout=1.0) as client:
            assert [client.infer([data]).outputs[0] for _ in range(2)] == [
                kept(stream, data, 1), kept(stream, data, 2),
            ]  # fmt: skip


def test_without_a_state_nothing_is_asked_for(device):
    stream = device(INPUT_BYTES=SIZE)
    with Client(stream, timeout=1.0) as client:
        for begin in (True, False, True):
            assert client.infer([bytes(SIZE)], begin=begin).outputs[0] == stream.scores(bytes(SIZE))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_noisy_line_loses_no_step(device, seed):
    """Where host and device lose each other, everything since the beginning runs again, from a reset."""
    clean = device(INPUT_BYTES=SIZE, STATE_BYTES=24)
    stream = Noise(clean, seed, 0.25)
    rng = random.Random(2000 + seed)
    client = Client(stream, timeout=0.1, retries=3, run_timeout=0.5)
    runs = done = 0
    for _ in range(12):
        data, begin = rng.randbytes(SIZE), rng.random() < 0.2
        begin = begin or not done
        try:
            got = client.infer([data], begin=begin).outputs[0]
        except DeviceError:
            runs = done = 0  # said so: the next sequence begins anew
            continue
        runs = 1 if begin else runs + 1
        done += 1
        assert got == kept(clean, data, runs)
    assert stream.spoiled > 2


def test_reset_as_people_say_it(device):
    stream = booted(device, INPUT_BYTES=SIZE, STATE_BYTES=24)
    data = random.Random(3).randbytes(SIZE)
    for runs in (1, 2):
        load(stream, data)
        assert results(ask(stream, "infer")) == expected(kept(stream, data, runs))
    assert ask(stream, "reset") == ["m-reset-done"]
    assert ask(stream, "results") == ["e-[no results: load an input and infer]"]
    load(stream, data)
    assert results(ask(stream, "infer")) == expected(kept(stream, data, 1))
    assert " state=24 " in ask(stream, "profile")[0]


def test_reset_forgets_what_is_loaded(device):
    stream = booted(device, INPUT_BYTES=SIZE, STATE_BYTES=24)
    load(stream, np.zeros(SIZE, np.uint8).tobytes())
    assert ask(stream, "reset") == ["m-reset-done"]
    assert ask(stream, "infer") == ["e-[load an input first]"]
