"""The text protocol, byte by byte as the MLPerf Tiny runner speaks it, and as people do."""

from __future__ import annotations

import math
import random
import re
import struct
import time

import numpy as np
import pytest

from edgeq.base.errors import DeviceError
from edgeq.targets.link import TextLink, Wire

BANNER = b"m-[edgeq starts]\r\nm-[runtime ready]\r\nm-ready\r\n"


def booted(device, **macros):
    stream = device(**macros)
    assert stream.read_until(b"m-ready\r\n") == BANNER
    return stream


def ask(stream, command: str) -> list[str]:
    """Sends a command, the % apart from it as the runner does, and gives the reply's lines."""
    stream.write(command.encode())
    stream.write(b"%")
    reply = stream.read_until(b"m-ready\r\n")
    assert reply.endswith(b"\r\n")
    assert reply.count(b"m-ready") == 1
    return reply.decode("ascii").split("\r\n")[:-2]


def load(stream, data: bytes) -> None:
    assert ask(stream, f"db load {len(data)}") == [f"m-[Expecting {len(data)} bytes]"]
    for start in range(0, len(data), 31):
        part = data[start : start + 31]
        lines = ask(stream, f"db {part.hex()}")
        assert lines == (["m-load-done"] if start + 31 >= len(data) else [])


def results(lines: list[str]) -> list[float]:
    (found,) = (
        m for line in lines if (m := re.fullmatch(r"m-results-\[(-?\d+\.\d{3}(,-?\d+\.\d{3})*)\]", line))
    )
    return [float(value) for value in found[1].split(",")]


def expected(scores: bytes) -> list[float]:
    """Dequantized with scale 1/256 and zero point -128, to three decimals, half away from zero."""
    return [math.floor((q ^ 128) / 256 * 1000 + 0.5) / 1000 for q in scores]


def test_the_runners_exchange_for_one_sample(device):
    stream = booted(device, EDGEQ_LINK_MODEL='"kws01"')
    assert ask(stream, "name") == ["m-name-dut-[edgeq]"]
    profile, model = ask(stream, "profile")
    assert re.fullmatch(r"m-profile-\[[^\]]+\]", profile)
    assert model == "m-model-[kws01]"
    data = random.Random(5).randbytes(490)
    load(stream, data)
    lines = ask(stream, "infer 1 0")
    assert lines[:3] == ["m-warmup-start-0", "m-warmup-done", "m-infer-start-1"]
    laps = [int(line.removeprefix("m-lap-us-")) for line in lines[3:5]]
    assert 0 <= laps[1] - laps[0] < 1_000_000
    assert lines[5] == "m-infer-done"
    assert len(lines) == 7
    assert results(lines) == expected(stream.scores(data))


@pytest.mark.parametrize(("number", "name"), [(3, "int16"), (4, "int32"), (5, "int64"), (6, "bool")])
def test_results_of_other_types(device, number, name):
    """int16 by its scale as int8 is; numbers that mean themselves as they are, up to the last digit."""
    stream = booted(device, OUTPUT_TYPE=number, OUTPUT_BYTES=48)
    data = random.Random(number).randbytes(490)
    load(stream, data)
    (line,) = (one for one in ask(stream, "infer 1 0") if one.startswith("m-results-["))
    texts = line.removeprefix("m-results-[").removesuffix("]").split(",")
    values = np.frombuffer(stream.scores(data, outputs=48), np.uint8 if name == "bool" else name)
    if name == "int16":
        real = [math.floor(abs(int(q) + 128) / 256 * 1000 + 0.5) / 1000 for q in values]
        wanted = [math.copysign(r, int(q) + 128) if r else 0.0 for r, q in zip(real, values, strict=True)]
        assert [float(one) for one in texts] == wanted
        assert all(re.fullmatch(r"-?\d+\.\d{3}", one) for one in texts)
    else:
        assert texts == [str(value) for value in values.tolist()]


def test_profile_advertises_the_bulk_mode(device):
    profile = ask(booted(device), "profile")[0]
    assert profile == (
        "m-profile-[edgeq link=3 time=real build=00112233aabbccdd runtime=aot model=0123456789abcdef "
        "counter=none hz=0 arena=4096 state=0 stack=0 chunk=1024 buffer=16384]"
    )


@pytest.mark.parametrize(
    ("name", "input_type", "flip"),
    [
        ("kws01", 0, 0),
        ("kws01", 1, 128),
        ("vww01", 0, 128),
        ("vww01", 1, 0),
        ("ic01", 0, 128),
        ("mine", 0, 0),
        ("mine", 1, 0),
    ],
)
def test_input_adaptors(device, name, input_type, flip):
    stream = booted(device, INPUT_TYPE=input_type, INPUT_BYTES=64)
    assert ask(stream, f"model {name}") == [f"m-model-[{name}]"]
    assert ask(stream, "profile")[1] == f"m-model-[{name}]"
    data = bytes(range(64))
    load(stream, data)
    shown = "".join(line.removeprefix("m-buffer-[").removesuffix("]") for line in ask(stream, "db print"))
    assert bytes.fromhex(shown) == bytes(x ^ flip for x in data)


def test_ad01_quantizes_floats_and_gives_the_mean_squared_error(device):
    stream = booted(device, EDGEQ_LINK_MODEL='"ad01"', EDGEQ_LINK_FLOATS=64, INPUT_BYTES=64, OUTPUT_BYTES=64)
    real = np.linspace(-70, 80, 64, dtype=np.float32)
    real[5:9] = [0.25, -0.25, 0.75, 1e30]  # ties at scale 0.5, and beyond any integer
    real[9] = np.nan
    load(stream, real.tobytes())
    with np.errstate(invalid="ignore"):
        steps = np.trunc(real / 0.5 + np.copysign(0.5, real))
    quantized = np.clip(np.where(np.isnan(steps), 0, steps) - 3, -128, 127).astype(np.int8)
    shown = "".join(line.removeprefix("m-buffer-[").removesuffix("]") for line in ask(stream, "db print"))
    assert bytes.fromhex(shown) == quantized.tobytes()

    real = np.random.default_rng(1).uniform(-1, 1, 64).astype(np.float32)
    load(stream, real.tobytes())
    quantized = np.clip(np.rint(real / 0.5) - 3, -128, 127).astype(np.int8)
    out = np.frombuffer(stream.scores(quantized.tobytes(), outputs=64), np.int8)
    error = np.mean(((out.astype(np.float32) + 128) / 256 - real) ** 2)
    for command in ("infer 1 0", "results", "infer 3 2", "results"):
        assert results(ask(stream, command)) == [pytest.approx(float(error), abs=0.001)]


def test_ad01_says_what_it_needs(device):
    (line,) = ask(booted(device), "model ad01")
    assert line.startswith("e-[ad01 needs RAM")
    assert "--name ad01" in line


def test_results_are_of_the_loaded_input_however_often_it_runs(device):
    """The stand-in overwrites its input, as the AOT runtime does."""
    stream = booted(device)
    data = random.Random(6).randbytes(490)
    load(stream, data)
    wanted = expected(stream.scores(data))
    assert results(ask(stream, "infer 5 2")) == wanted
    assert results(ask(stream, "results")) == wanted
    assert results(ask(stream, "infer 70 10")) == wanted
    load(stream, data)
    assert results(ask(stream, "infer 1 0")) == wanted
    assert results(ask(stream, "infer 1 0")) == wanted


def test_large_outputs(device):
    stream = booted(device, OUTPUT_BYTES=300)
    data = random.Random(7).randbytes(490)
    load(stream, data)
    wanted = expected(stream.scores(data, outputs=300))
    assert results(ask(stream, "infer 1 0")) == wanted
    assert results(ask(stream, "infer 2 0")) == wanted[:128]


def test_infer_defaults_and_warm_ups(device):
    stream = booted(device)
    load(stream, bytes(490))
    assert ask(stream, "infer")[0:3:2] == ["m-warmup-start-0", "m-infer-start-1"]
    assert ask(stream, "infer 3")[0:3:2] == ["m-warmup-start-0", "m-infer-start-3"]
    assert ask(stream, "infer 20 5")[0:3:2] == ["m-warmup-start-5", "m-infer-start-20"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("nonsense", "unknown command"),
        ("names", "unknown command"),
        ("m-ready", "unknown command"),
        ("infer", "load an input first"),
        ("infer 0 0", "infer RUNS WARM-UPS"),
        ("infer x", "infer RUNS WARM-UPS"),
        ("infer 1 2 3", "infer RUNS WARM-UPS"),
        ("infer 99999999999 0", "infer RUNS WARM-UPS"),
        ("results", "no results"),
        ("db", "db load N"),
        ("db load 489", "the input takes 490 bytes"),
        ("db load 4294967786", "the input takes 490 bytes"),
        ("db load", "the input takes 490 bytes"),
        ("db print", "load an input first"),
        ("db 00", "more bytes than"),
        ("model", "model NAME"),
        ("model " + "x" * 40, "31 characters"),
        ("model a]b", "31 characters"),
    ],
)
def test_refusals(device, command, words):
    stream = booted(device)
    (line,) = ask(stream, command)
    assert line.startswith("e-[") and line.endswith("]") and words in line
    assert ask(stream, "name") == ["m-name-dut-[edgeq]"]


def test_hexadecimal_that_is_none(device):
    stream = booted(device)
    ask(stream, "db load 490")
    for text in ("0", "0g", "00 00"):
        assert ask(stream, f"db {text}")[0].startswith("e-[not pairs")
    load(stream, bytes(490))  # refused bytes have not counted


def test_a_command_longer_than_the_buffer_is_one_error(device):
    stream = booted(device)
    assert ask(stream, "x" * 80)[0].startswith("e-[unknown command")
    for length in (81, 200, 5000):
        (line,) = ask(stream, "x" * length)
        assert line == "e-[the command is longer than 80 bytes]"
        assert ask(stream, "name") == ["m-name-dut-[edgeq]"]


def test_line_ends_and_empty_commands_mean_nothing(device):
    stream = booted(device)
    stream.write(b"\r\n%\r\n%%name\r\n")
    assert ask(stream, "") == ["m-name-dut-[edgeq]"]


def test_help_and_timestamp(device):
    stream = booted(device)
    assert all(re.fullmatch(r"m-\[.*\]", line) for line in ask(stream, "help"))
    first, second = (int(ask(stream, "timestamp")[0].removeprefix("m-lap-us-")) for _ in range(2))
    assert first <= second < first + 5_000_000


def test_a_runtime_that_does_not_start_says_so(device):
    stream = device(FAILS_TO_START=1)
    banner = stream.read_until(b"m-ready\r\n")
    assert b"e-[the runtime did not start]\r\n" in banner


def test_a_failed_inference(device):
    stream = booted(device)
    load(stream, b"\x7e\x57" + bytes(488))
    assert ask(stream, "infer 1 0")[-1] == "e-[the runtime failed to run the model]"
    assert ask(stream, "results")[0].startswith("e-[no results")


def test_our_own_text_client(device):
    stream = booted(device)
    link = TextLink(Wire(stream))
    data = random.Random(8).randbytes(490)
    link.load(data)
    answer = link.infer(2, 1)
    assert answer.micros >= 0
    assert list(answer.results) == expected(stream.scores(data))
    with pytest.raises(DeviceError, match="the input takes 490 bytes"):
        link.load(bytes(3))


@pytest.mark.parametrize("scale", [0.5, 0.00390625, 1.0, 3.7e-5, 0.0235, 123.456, 1e-30, 7e6])
def test_three_decimals(device, scale):
    """Every int8 value, against exact arithmetic on the float's value."""
    bits = struct.unpack("<I", struct.pack("<f", scale))[0]
    exact = struct.unpack("<f", struct.pack("<I", bits))[0]
    stream = booted(device, OUTPUT_SCALE=f"{exact!r}f", OUTPUT_BYTES=256, COUNTS=1)
    load(stream, bytes(490))
    got = results(ask(stream, "infer 1 0"))
    want = [np.floor(abs(q + 128) * exact * 1000 + 0.5) / 1000 for q in range(-128, 128)]
    assert got == pytest.approx(want, rel=1e-12, abs=1e-9)


def test_infer_is_stopped_by_a_percent_sign_or_ctrl_c(device):
    for stop in (b"%", b"\x03"):
        stream = booted(device)
        load(stream, bytes(490))
        stream.write(b"infer 4294967295 0%\r\n")  # a terminal's line ends do not stop it
        time.sleep(0.05)
        stream.write(stop)
        assert stream.read_until(b"m-infer-done\r\ne-[infer was stopped]\r\nm-ready\r\n")
        assert ask(stream, "name") == ["m-name-dut-[edgeq]"]


def test_half_a_command_and_bulk_mode_end_after_a_silence(line):
    """On a line in simulated time: five seconds cost nothing there."""
    stream = line({})

    def said(data: bytes, seconds: float) -> bytes:
        stream.write(data)
        end, got = stream.now() + seconds, b""
        while stream.now() < end:
            got += stream.read(4096, end - stream.now())
        return got

    assert said(b"", 1.0).endswith(b"m-ready\r\n")
    assert said(b"na", 4.0) == b""
    assert said(b"me%", 1.0) == b"m-name-dut-[edgeq]\r\nm-ready\r\n"
    assert said(b"db 00", 6.0) == b""
    assert said(b"name%", 1.0) == b"m-name-dut-[edgeq]\r\nm-ready\r\n"
    assert said(b"bulk%", 1.0) == b"m-bulk-3\r\nm-ready\r\n"
    assert said(b"name%", 1.0) == b""
    assert said(b"\xec\x51\x03", 6.0)[2:4] == b"\xff\x02"
    assert said(b"name%", 1.0) == b"m-name-dut-[edgeq]\r\nm-ready\r\n"
