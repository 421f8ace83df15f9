"""Reading what the compiler wrote: what is in it, and that a mangled file is refused or read, no more."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from edgeq.base.errors import ModelError
from edgeq.edgetpu import is_compiled, read_packages
from edgeq.edgetpu.flexbuffer import read_map
from edgeq.edgetpu.inspection import inspect_compiled
from edgeq.graph import load_model, read_model, write_model

from .edgetpu_models import Executable, compiled, executable, options, package, usual

MOST_CALLS = 10_000
"""Calls that reading a single mangled file may take; typical are hundreds, seen were up to 4,901."""
Calls = Callable[[Callable[[], object]], int]


def test_what_is_in_a_package() -> None:
    graph = read_model(write_model(compiled(usual())), "model_edgetpu")
    assert is_compiled(graph)
    (found,) = read_packages(graph)
    assert (found.parameter_bytes_cached, found.parameter_bytes_streamed) == (4096, 64)
    assert (found.instruction_bytes, found.cycles, found.min_runtime_version) == (64, 1234, 14)
    running, caching = found.executables
    assert (running.kind, caching.kind) == ("EXECUTION_ONLY", "PARAMETER_CACHING")
    assert (caching.caching_token, running.narrow_memory, running.chip) == (7, 832, "beagle")
    assert running.inputs[0].shape == (8, 8, 3)
    inspected = inspect_compiled(graph)
    assert inspected["cpu_operators"] == [{"index": 1, "opcode": "LOGISTIC"}]
    assert inspected["packages"][0]["executables"][0]["instructions"] == 64


def test_a_package_that_stands_alone_streams_all() -> None:
    alone = options(package([executable(Executable(0, parameters=640))]))
    (found,) = read_packages(compiled(alone))
    assert (found.parameter_bytes_cached, found.parameter_bytes_streamed, found.cycles) == (0, 640, None)


def test_further_packages_for_further_chips() -> None:
    second = package([executable(Executable(0, parameters=32))])
    first = package([executable(Executable(0))])
    found = read_packages(compiled(options(first, **{"7": [second]})))
    assert [one.parameter_bytes_streamed for one in found] == [0, 32]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "too few"),
        (bytes(16), "bytes wide"),
        (options(package([executable(Executable(0))]), **{"3": 1}), "keeps its cached parameters apart"),
        (options(package([executable(Executable(0))], identifier=b"DWN2")), "without DWN1 at byte 4"),
        (options(b"short"), "is not a Edge TPU package"),
        (options(package([])), "do not belong together"),
        (options(package([executable(Executable(0)), executable(Executable(0))])), "do not belong together"),
        (options(package([executable(Executable(2)), executable(Executable(2))])), "do not belong together"),
        (options(package([executable(Executable(5))])), "type 5, which does not exist"),
        (options(package([executable(Executable(0, batch=0))])), "batch size 0"),
        (options(package([executable(Executable(0))] * 4)), "4 executables, more than 3"),
        (options(package([b"\xff" * 64])), "Edge TPU package"),
    ],
)
def test_damaged_packages_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(ModelError, match=words) as caught:
        read_packages(compiled(data))
    assert caught.value.hint


def test_more_packages_than_any_compiler_writes() -> None:
    graph = compiled(usual())
    many = graph.replace(operators=graph.operators[:1] * 65)
    with pytest.raises(ModelError, match="more than 64"):
        read_packages(many)


def test_a_flexbuffer_of_other_values() -> None:
    from flatbuffers import flexbuffers

    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("f")
        builder.Add(1.5)
        builder.Key("i")
        builder.IndirectInt(-7)
        builder.Key("l")
        with builder.Vector():
            builder.Add(3)
            builder.Add("x")
        builder.Key("u")
        builder.UInt(9)
    found = read_map(bytes(builder.Finish()), "it")
    assert found == {"i": -7, "l": (3, b"x"), "u": 9}


def mangle(data: bytes, rng: random.Random) -> bytes:
    """The bytes with something done to them: flipped, set to a telling value, cut, doubled, or swapped."""
    mangled = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        place = rng.randrange(len(mangled))
        kind = rng.randrange(5)
        if kind == 0:
            mangled[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            width = rng.choice((1, 2, 4))
            value = rng.choice((0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, len(mangled)))
            mangled[place : place + width] = (value & (256**width - 1)).to_bytes(width, "little")
        elif kind == 2:
            mangled[place:place] = mangled[place : place + rng.randrange(64)]
        elif kind == 3:
            del mangled[place : place + rng.randrange(1, 64)]
        else:
            other = rng.randrange(len(mangled))
            mangled[place], mangled[other] = mangled[other], mangled[place]
        if not mangled:
            return b"\0"
    return bytes(mangled)


def fuzz(calls: Calls, seeds: list[bytes], count: int, read: Callable[[bytes], object], seed: int) -> int:
    """How many of ``count`` mangled files were refused; all but a refusal or an answer fails the test."""
    rng = random.Random(seed)
    refused = 0
    for number in range(count):
        data = mangle(seeds[number % len(seeds)], rng)

        def reading(data: bytes = data) -> None:
            nonlocal refused
            try:
                read(data)
            except ModelError as error:
                assert error.message
                refused += 1

        assert calls(reading) < MOST_CALLS, f"file {number}"
    return refused


def read_options(data: bytes) -> None:
    read_packages(compiled(data))


def read_whole(data: bytes) -> None:
    inspect_compiled(read_model(data, "mangled"))


def small_seeds() -> list[bytes]:
    return [usual(), options(package([executable(Executable(0, parameters=16, cycles=5))]))]


def test_mangled_packages(calls: Calls) -> None:
    assert 200 < fuzz(calls, small_seeds(), 3_000, read_options, 1) < 3_000


def test_mangled_files(calls: Calls) -> None:
    whole = [write_model(compiled(seed)) for seed in small_seeds()]
    assert 200 < fuzz(calls, whole, 1_000, read_whole, 2) < 1_000


@pytest.mark.slow
def test_a_hundred_thousand_mangled_packages(calls: Calls, shared: Path) -> None:
    """Small ones where every byte matters, real ones, and whole files."""
    folder = shared / "models" / "edgetpu"
    real = load_model(folder / "split_concat_edgetpu.tflite")
    options_of_real = next(op.custom_options for op in real[1].operators if op.custom_options)
    whole = [write_model(compiled(seed)) for seed in small_seeds()]
    assert fuzz(calls, small_seeds(), 70_000, read_options, 3) > 1_000
    assert fuzz(calls, [options_of_real], 10_000, read_options, 4) > 100
    assert fuzz(calls, whole, 18_000, read_whole, 5) > 1_000
    assert fuzz(calls, [real[0]], 2_000, read_whole, 6) > 10
