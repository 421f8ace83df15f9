"""Files made to hurt: what they get is a graph or a ModelError, in bounded work and memory."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from graph_samples import encode, raw_model, small_model

from edgeq.base.errors import ModelError
from edgeq.graph import DType, Tensor, read_model, write_model
from edgeq.graph import schema as s

Calls = Callable[[Callable[[], object]], int]


def read_or_refuse(data: bytes) -> bool:
    """Whether the file was read; anything but a graph or a ModelError fails the test."""
    try:
        graph = read_model(data, "hostile")
    except ModelError as error:
        assert error.message
        assert len(error.message) < 1000 + len(data)
        return False
    assert all(t.data is None or t.data.nbytes <= 8 * len(data) for t in graph.tensors)
    return True


def measured(data: bytes) -> tuple[bool, int]:
    """Whether it was read, and the peak of bytes that it took."""
    tracemalloc.start()
    try:
        return read_or_refuse(data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_cut_anywhere() -> None:
    data = write_model(small_model())
    for length in range(len(data)):
        assert not read_or_refuse(data[:length]), length


def test_real_models_cut(shared: Path) -> None:
    for path in sorted((shared / "models/mlperf_tiny").glob("*_int8.tflite")):
        data = path.read_bytes()
        for length in (*range(0, 200, 7), *np.linspace(200, len(data) - 16, 60).astype(int).tolist()):
            assert not read_or_refuse(data[:length]), (path.name, length)


def flips(data: bytes, count: int, seed: int) -> int:
    """Read ``count`` copies with one to eight bytes changed; how many still read."""
    rng = np.random.default_rng(seed)
    survived = 0
    for _ in range(count):
        copy = bytearray(data)
        for _ in range(int(rng.integers(1, 9))):
            place = int(rng.integers(len(copy)))
            copy[place] = int(rng.choice((0, 1, 0x7F, 0x80, 0xFF, int(rng.integers(256)))))
        survived += read_or_refuse(bytes(copy))
    return survived


def test_random_bytes_changed(calls: Calls) -> None:
    """As it is the file takes 3,957 calls; most changed ones are refused before its end."""
    data = write_model(small_model())
    assert 0 < flips(data, 5_000, 11) < 5_000
    assert calls(lambda: flips(data, 1_000, 16)) < 1_000 * 4_000


def test_random_bytes_of_a_real_model_changed(shared: Path) -> None:
    # The structure, not the weights: those lie together at one end of the file.
    flips((shared / "models/mlperf_tiny/kws_int8.tflite").read_bytes(), 300, 12)


@pytest.mark.slow
def test_many_random_bytes_changed(shared: Path) -> None:
    flips(write_model(small_model()), 150_000, 13)
    for path in sorted((shared / "models/mlperf_tiny").glob("*_int8.tflite")):
        flips(path.read_bytes(), 5_000, 14)


def test_every_word_replaced() -> None:
    """Each aligned word of the file, in turn, becomes an offset or length that lies."""
    data = write_model(small_model())
    for place in range(0, len(data) - 3, 4):
        for value in (0, 1, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, len(data) - place, 0x100000000 - place):
            read_or_refuse(data[:place] + struct.pack("<I", value & 0xFFFFFFFF) + data[place + 4 :])


def test_memory_of_changed_files_is_bounded() -> None:
    data = write_model(small_model())
    rng = np.random.default_rng(15)
    for _ in range(300):
        copy = bytearray(data)
        for _ in range(4):
            copy[int(rng.integers(len(copy)))] = int(rng.integers(256))
        assert measured(bytes(copy))[1] < 2_000_000


class Assembler:
    """A file laid down byte by byte, with offsets that point wherever they are told."""

    def __init__(self) -> None:
        self.data = bytearray(struct.pack("<I", 0) + s.FILE_IDENTIFIER)

    def put(self, *words: int) -> int:
        place = len(self.data)
        self.data += b"".join(struct.pack("<I", word & 0xFFFFFFFF) for word in words)
        return place

    def table(self, slots: int, fields: dict[int, int]) -> int:
        """A table whose fields are all one word, behind its field list; the fields' values come later."""
        vtable = len(self.data)
        places = {slot: 4 + 4 * i for i, slot in enumerate(sorted(fields))}
        entries = [places.get(slot, 0) for slot in range(slots)]
        self.data += struct.pack(f"<HH{slots}H", 4 + 2 * slots, 4 + 4 * len(fields), *entries)
        self.data += bytes(-len(self.data) % 4)
        table = self.put(len(self.data) - vtable)
        for slot in sorted(fields):
            self.put(fields[slot])
        return table

    def point(self, table: int, order: int, target: int) -> None:
        """Let the field that is ``order``-th in the table lead to ``target``."""
        place = table + 4 + 4 * order
        self.data[place : place + 4] = struct.pack("<I", (target - place) & 0xFFFFFFFF)

    def vector_of(self, count: int, target: int) -> int:
        """A vector of ``count`` offsets that all lead to one place behind it (or before, wrapped)."""
        start = self.put(count)
        base = len(self.data)
        offsets = (target - (base + 4 * np.arange(count, dtype=np.int64))) & 0xFFFFFFFF
        self.data += offsets.astype("<u4").tobytes()
        return start

    def finish(self, root: int) -> bytes:
        self.data[:4] = struct.pack("<I", root)
        return bytes(self.data)


def forward_model(count: int) -> bytes:
    """A model that lists one and the same tensor ``count`` times, every offset leading forward."""
    out = Assembler()
    model = out.table(len(s.MODEL), {s.MODEL["version"]: 3, s.MODEL["subgraphs"]: 0})
    graphs = out.put(1, 0)
    out.point(model, 1, graphs)
    subgraph = out.table(len(s.SUBGRAPH), {s.SUBGRAPH["tensors"]: 0})
    out.data[graphs + 4 : graphs + 8] = struct.pack("<I", subgraph - graphs - 4)
    tensors = len(out.data)
    out.point(subgraph, 0, tensors)
    slots = s.TENSOR["name"] + 1
    behind = tensors + 4 + 4 * count
    target = behind + 4 + 2 * slots + (-(behind + 4 + 2 * slots) % 4)
    out.vector_of(count, target)
    table = out.table(slots, {s.TENSOR["shape"]: 0, s.TENSOR["name"]: 0})
    assert table == target
    rank = out.put(4, 1, 1, 1, 1)
    out.point(table, 0, rank)
    name = out.put(60_000)
    out.data += b"n" * 60_000
    out.point(table, 1, name)
    return out.finish(model)


def test_the_hand_made_model_is_well_formed() -> None:
    graph = read_model(forward_model(3))
    assert [len(t.name) for t in graph.tensors] == [60_000] * 3


def test_one_tensor_listed_a_million_times(calls: Calls) -> None:
    data = forward_model(1_000_000)
    read, peak = measured(data)
    assert not read
    assert calls(lambda: read_or_refuse(data)) < 1_000
    assert peak < 50_000_000


def test_one_tensor_listed_as_often_as_allowed(calls: Calls) -> None:
    read, peak = measured(forward_model(1_200))
    assert read
    assert peak < 5_000_000
    data = forward_model(45_000)
    assert calls(lambda: read_or_refuse(data)) < 60 * 45_000
    assert measured(data)[1] < 100_000_000


@pytest.mark.parametrize("length", [0x3FFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 20])
@pytest.mark.parametrize("what", ["tensors", "inputs", "name"])
def test_lengths_that_lie(what: str, length: int, calls: Calls) -> None:
    out = Assembler()
    model = out.table(len(s.MODEL), {s.MODEL["version"]: 3, s.MODEL["subgraphs"]: 0})
    graphs = out.put(1, 0)
    out.point(model, 1, graphs)
    subgraph = out.table(len(s.SUBGRAPH), {s.SUBGRAPH[what]: 0})
    out.data[graphs + 4 : graphs + 8] = struct.pack("<I", subgraph - graphs - 4)
    out.point(subgraph, 0, out.put(length, 1, 2, 3))
    data = out.finish(model)
    read, peak = measured(data)
    assert not read or what == "name"  # the subgraph's name is not asked for
    assert calls(lambda: read_or_refuse(data)) < 1_000
    assert peak < 1_000_000


def test_offsets_that_point_at_themselves() -> None:
    out = Assembler()
    model = out.table(len(s.MODEL), {s.MODEL["version"]: 3, s.MODEL["subgraphs"]: 0})
    assert not read_or_refuse(out.finish(model))
    with pytest.raises(ModelError, match="points at itself"):
        read_model(out.finish(model))
    graphs = out.put(1, 0)
    out.point(model, 1, graphs)
    with pytest.raises(ModelError, match="points at itself"):
        read_model(out.finish(model))


def test_a_table_whose_field_list_is_the_table_itself() -> None:
    data = bytearray(encode(raw_model()))
    root = struct.unpack_from("<I", data)[0]
    for soffset in (0, 2, 1, -root, len(data), -len(data), 0x7FFFFFFF, -0x80000000):
        struct.pack_into("<i", data, root, soffset)
        assert not read_or_refuse(bytes(data))


def test_overlapping_tensors_and_constants_do_no_harm(calls: Calls) -> None:
    """Hundreds of tensors that share one buffer: views, not copies."""
    values = np.zeros(1 << 20, np.int8)
    graph = small_model()
    many = tuple(Tensor(f"c{i}", values.shape, DType.INT8, None, values) for i in range(300))
    data = write_model(replace(graph, tensors=graph.tensors + many))
    assert len(data) < 2_000_000
    read, peak = measured(data)
    assert read
    assert calls(lambda: read_or_refuse(data)) < 200 * 300
    assert peak < 10_000_000


def test_packed_constants_do_not_unfold_again_and_again() -> None:
    values = np.zeros(1 << 20, np.int8)
    graph = small_model()
    many = tuple(Tensor(f"c{i}", values.shape, DType.INT4, None, values) for i in range(200))
    read, peak = measured(write_model(replace(graph, tensors=graph.tensors + many)))
    assert read
    assert peak < 10_000_000
