from __future__ import annotations

import random

import pytest
from line import scores
from waiting import turns

from edgeq.base.errors import DeviceError
from edgeq.targets.link import Client
from edgeq.targets.link.framing import Decoder, Frame, Kind, Status


def test_handshake_tells_who_is_there(device):
    stream = device()
    client = Client(stream, timeout=1.0)
    info = client.handshake(stream.model_hash, stream.build_hash)
    assert (info.name, info.model_name, info.runtime, info.link_version) == ("edgeq", "standin", "aot", 3)
    assert (info.model_hash, info.build_hash) == (stream.model_hash[:16], stream.build_hash)
    assert (info.counter_unit, info.hz, info.arena) == ("none", None, 4096)
    assert (info.inputs, info.outputs, info.state) == ((490,), (12, 5000), 0)
    assert (info.stack_size, info.stack_high_water) == (None, None)


def test_inferences(device):
    rng = random.Random(1)
    stream = device()
    with Client(stream, timeout=1.0) as client:
        for _ in range(20):
            data = rng.randbytes(490)
            got = client.infer([data], measure=True)
            assert got.outputs == [stream.scores(data), stream.state(data)]
            assert got.count is None  # the host port counts nothing
    assert client.recoveries == 0


def test_several_inputs_larger_than_a_frame(device):
    data, second = random.Random(2).randbytes(3000), b"\x01\x02\x03"
    stream = device(INPUT_BYTES=3000, TWO_INPUTS=1)
    client = Client(stream, timeout=1.0)
    assert client.infer([data, second]).outputs == [stream.scores(data, second), stream.state(data)]


def test_wrong_sizes_are_refused_before_anything_is_sent(device):
    stream = device()
    client = Client(stream, timeout=1.0)
    with pytest.raises(DeviceError, match=r"takes inputs of \(490,\) bytes, not of \(489,\)"):
        client.infer([bytes(489)])


def test_other_firmware_than_was_flashed(device):
    stream = device()
    with pytest.raises(DeviceError, match="the board runs other firmware than was flashed: build hash"):
        Client(stream, timeout=1.0, flashed=True).handshake(stream.model_hash, "1" * 16)


def test_the_devices_clock_is_read_between_inferences(device):
    """Also from bulk mode, to which the next inference goes back; the device's clock is this machine's."""
    stream = device()
    client = Client(stream, timeout=1.0)
    first = client.clock()
    info = client.handshake()
    second = client.clock()
    assert first is not None and second is not None
    assert second[0] - first[0] == pytest.approx((second[1] - first[1]) * 1e6, abs=20_000)
    client.infer([bytes(n) for n in info.inputs])
    assert client.clock() is not None
    assert client.recoveries == 0


def test_another_model_or_build(device):
    stream = device()
    with pytest.raises(
        DeviceError, match=r"another model: model hash 0123456789abcdef, expected ffffffffffffffff"
    ):
        Client(stream, timeout=1.0).handshake("f" * 64, stream.build_hash)
    with pytest.raises(
        DeviceError, match=r"another build: .*00112233aabbccdd, expected 1111111111111111"
    ) as error:
        Client(stream, timeout=1.0).handshake(stream.model_hash, "1" * 16)
    assert "flash" in error.value.hint


def test_runtime_that_fails(device):
    with pytest.raises(DeviceError, match="runtime on the device failed to start"):
        Client(device(FAILS_TO_START=1), timeout=1.0).handshake()
    stream = device()
    client = Client(stream, timeout=1.0)
    with pytest.raises(DeviceError, match="failed to run the model"):
        client.infer([b"\x7e\x57" + bytes(488)])
    assert client.infer([bytes(490)]).outputs[0] == stream.scores(bytes(490))


@pytest.mark.parametrize("left_in", ["text", "bulk", "header", "payload", "command"])
def test_a_new_client_finds_the_device_in_any_mode(line, left_in):
    stream = line({"INPUT_BYTES": 490, "ONE_OUTPUT": 1})
    assert stream.read(1 << 12, 1.0)
    load = Frame(Kind.LOAD, 0, 1, 0, bytes(490)).encode()
    if left_in == "command":
        stream.write(b"db 0011")
    elif left_in != "text":
        stream.write(b"bulk%")
        stream.write({"bulk": b"", "header": load[:7], "payload": load[:100]}[left_in])
    client = Client(stream, timeout=0.4, clock=stream.now)
    data = bytes(range(245)) * 2
    assert client.infer([data]).outputs == [scores(data)]
    assert stream.now() < 8.0


def test_close_leaves_text_behind(device):
    stream = device()
    with Client(stream, timeout=1.0) as client:
        client.handshake()
    stream.write(b"name%")
    assert stream.read_until(b"m-ready\r\n").endswith(b"m-name-dut-[edgeq]\r\nm-ready\r\n")


def _talk(stream, *frames: Frame) -> bytes:
    """Sends requests, and gives the bytes of as many answers."""
    for frame in frames:
        stream.write(frame.encode())
    answers, decoder, missing = b"", Decoder(), len(frames)
    for _ in turns():
        if not missing:
            break
        data = stream.read(4096, 0.1)
        answers += data
        decoder.feed(data)
        while decoder.next() is not None:
            missing -= 1
    assert stream.read(4096, 0.02) == b""
    return answers


def _bulk(stream) -> None:
    stream.read_until(b"m-ready\r\n")
    stream.write(b"bulk%")
    assert stream.read_until(b"m-ready\r\n") == b"m-bulk-3\r\nm-ready\r\n"


def test_a_repeated_run_answers_again_and_does_not_run_again(device):
    stream = device()
    _bulk(stream)
    data = bytes(range(245)) * 2
    run = Frame(Kind.RUN, 0, 2)
    first = _talk(stream, Frame(Kind.LOAD, 0, 1, 0, data), run)
    again = _talk(stream, run)
    assert first.endswith(again) and len(again) == 16 + 16 + 4
    read = _talk(stream, Frame(Kind.READ, 0, 3))
    assert read == Frame(Kind.READ | 0x80, Status.OK, 3, 0, stream.scores(data)).encode()
    assert _talk(stream, Frame(Kind.READ, 0, 3)) == read


def test_a_repeated_load_does_not_overwrite(device):
    stream = device()
    _bulk(stream)
    data = bytes(range(245)) * 2
    ok = Frame(Kind.LOAD | 0x80, Status.OK, 1).encode()
    assert _talk(stream, Frame(Kind.LOAD, 0, 1, 0, data)) == ok
    assert _talk(stream, Frame(Kind.LOAD, 0, 1, 0, bytes(490))) == ok
    _talk(stream, Frame(Kind.RUN, 0, 2))
    assert stream.scores(data) in _talk(stream, Frame(Kind.READ, 0, 3))


@pytest.mark.parametrize(
    ("frames", "status"),
    [
        ([Frame(Kind.RUN, 0, 1)], Status.NOT_LOADED),
        ([Frame(Kind.LOAD, 0, 1, 0, bytes(489)), Frame(Kind.RUN, 0, 2)], Status.NOT_LOADED),
        (
            [Frame(Kind.LOAD, 0, 1, 0, bytes(490)), Frame(Kind.RUN, 0, 2), Frame(Kind.RUN, 0, 3)],
            Status.NOT_LOADED,
        ),
        ([Frame(Kind.READ, 0, 1)], Status.NOT_LOADED),
        (
            [
                Frame(Kind.LOAD, 0, 1, 0, bytes(490)),
                Frame(Kind.RUN, 0, 2),
                Frame(Kind.LOAD, 0, 3, 0, bytes(9)),
                Frame(Kind.READ, 0, 4),
            ],
            Status.NOT_LOADED,
        ),
        ([Frame(Kind.LOAD, 0, 1, 0, bytes(491))], Status.BAD_REQUEST),
        ([Frame(Kind.LOAD, 0, 1, 1, bytes(489))], Status.BAD_REQUEST),
        ([Frame(Kind.LOAD, 1, 1, 0, bytes(3))], Status.BAD_REQUEST),
        ([Frame(Kind.DESCRIBE, 2, 1, 1)], Status.BAD_REQUEST),
        ([Frame(Kind.DESCRIBE, 0, 1, 2)], Status.BAD_REQUEST),
        ([Frame(77, 0, 1)], Status.BAD_REQUEST),
        # What does not fit into a frame is not inferred, but run and read.
        ([Frame(Kind.INFER, 0, 1, 0, bytes(490))], Status.BAD_REQUEST),
        ([Frame(Kind.RUN, 0, 0)], Status.OUT_OF_ORDER),
        ([Frame(Kind.INFO, 0, 1), Frame(Kind.RUN, 0, 1)], Status.OUT_OF_ORDER),
        ([Frame(Kind.INFO, 0, 5), Frame(Kind.INFO, 0, 4)], Status.OUT_OF_ORDER),
        ([Frame(Kind.INFO, 0, 0x8000)], Status.OUT_OF_ORDER),
        # One that goes on after a gap; the frame that was lost may have been the start of another input.
        (
            [Frame(Kind.LOAD, 0, 7, 0, bytes(100)), Frame(Kind.LOAD, 0, 9, 100, bytes(390))],
            Status.OUT_OF_ORDER,
        ),
        ([Frame(Kind.LOAD, 0, 7, 0, bytes(490)), Frame(Kind.RUN, 0, 9)], Status.OUT_OF_ORDER),
    ],
)
def test_requests_out_of_place(device, frames, status):
    stream = device()
    _bulk(stream)
    answers = _talk(stream, *frames)
    last, done = frames[-1], frames[-2].number if len(frames) > 1 else 0
    argument = done if status == Status.OUT_OF_ORDER else last.argument
    assert answers.endswith(Frame(last.kind | 0x80, status, last.number, argument).encode())


def inferred(stream, data: bytes, number: int) -> bytes:
    """The answer to INFER of a device with the first output alone, but for count and microseconds."""
    return Frame(Kind.INFER | 0x80, Status.OK, number, 0, bytes(16) + stream.scores(data)).encode()[:12]


def test_inferences_that_wait_in_the_device_are_done_one_after_another(device):
    stream = device(ONE_OUTPUT=1)
    _bulk(stream)
    many = [random.Random(i).randbytes(490) for i in range(8)]
    answers = _talk(stream, *(Frame(Kind.INFER, 0, 11 + 2 * i, 0, data) for i, data in enumerate(many)))
    assert len(answers) == 8 * (16 + 16 + 12 + 4)
    for i, data in enumerate(many):
        assert inferred(stream, data, 11 + 2 * i) in answers and stream.scores(data) in answers


def test_an_inference_asked_for_again_is_answered_unless_its_outputs_may_be_gone(device):
    stream = device(ONE_OUTPUT=1)
    _bulk(stream)
    data = random.Random(5).randbytes(490)
    request = Frame(Kind.INFER, 0, 1, 0, data)
    assert _talk(stream, request) == _talk(stream, request)
    spoilt = bytearray(Frame(Kind.INFER, 0, 2, 0, bytes(490)).encode())
    spoilt[-1] ^= 1
    stream.write(bytes(spoilt))
    assert stream.read(4096, 1.0)[2:4] == b"\xff\x02"
    assert _talk(stream, request) == Frame(Kind.INFER | 0x80, Status.NOT_LOADED, 1).encode()


def test_a_frame_cut_short_is_given_up(device):
    """After a pause, not when the next frame has filled it up."""
    stream = device(ONE_OUTPUT=1)
    _bulk(stream)
    frame = Frame(Kind.INFER, 0, 1, 0, bytes(490))
    stream.write(frame.encode()[:300])
    assert stream.read(4096, 2.0)[2:4] == b"\xff\x02"
    assert inferred(stream, bytes(490), 1) in _talk(stream, frame)


def test_samples_on_their_way_while_the_device_computes(device):
    many = [[random.Random(i).randbytes(1500)] for i in range(200)]
    stream = device(ONE_OUTPUT=1, INPUT_BYTES=1500)
    with Client(stream, timeout=1.0) as client:
        got = dict(client.infer_all(many))
        assert {place: one.outputs for place, one in got.items()} == {
            place: [stream.scores(data)] for place, (data,) in enumerate(many)
        }
        quality = client.quality
    assert (quality.repeats, quality.refusals, quality.resyncs) == (0, 0, 0)
    assert quality.round_trip is not None


def test_a_damaged_frame_gets_a_nak_and_its_repetition_counts(device):
    stream = device()
    _bulk(stream)
    data = bytes(range(245)) * 2
    good = Frame(Kind.LOAD, 0, 1, 0, data).encode()
    for at in (3, 20, len(good) - 1):
        bad = bytearray(good)
        bad[at] ^= 0x10
        stream.write(bytes(bad))
        assert stream.read(4096, 1.0)[2] == 0xFF
        assert stream.read(4096, 0.05) == b""
    assert _talk(stream, Frame(Kind.LOAD, 0, 1, 0, data)) == Frame(Kind.LOAD | 0x80, 0, 1).encode()
    _talk(stream, Frame(Kind.RUN, 0, 2))
    assert stream.scores(data) in _talk(stream, Frame(Kind.READ, 0, 3))


def _count_to(client: Client, number: int) -> None:
    """In two steps: a number that is half of all ahead counts as old."""
    for one in (number // 2, number):
        client._requests._number = one - 1
        client.info()


def test_numbers_wrap(device):
    stream = device(INPUT_BYTES=2)
    client = Client(stream, timeout=1.0)
    client.handshake()
    _count_to(client, 65_500)
    for _ in range(20):  # infer, run, and six reads
        assert client.infer([b"ab"]).outputs[0] == stream.scores(b"ab")
    assert client._requests._number < 1000
    assert client.recoveries == 0


def test_numbers_wrap_while_several_are_on_their_way(device):
    stream = device(ONE_OUTPUT=1, INPUT_BYTES=1500)
    client = Client(stream, timeout=1.0)
    client.handshake()
    _count_to(client, 65_500)
    many = [[random.Random(i).randbytes(1500)] for i in range(40)]
    for place, one in client.infer_all(many):
        assert one.outputs == [stream.scores(many[place][0])]
    assert client.recoveries == 0


class Listening:
    """A stream that knows how much was sent before its answers were read."""

    def __init__(self, stream) -> None:
        self._stream = stream
        self._unread = self.most_unread = 0

    def write(self, data: bytes) -> None:
        self._unread += 1
        self.most_unread = max(self.most_unread, self._unread)
        self._stream.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        found = self._stream.read(n, timeout)
        self._unread = 0 if found else self._unread
        return found

    def close(self) -> None:
        self._stream.close()


def test_answers_to_small_frames_are_read_before_they_fill_what_lies_between(device):
    """Between them are a few hundred bytes that came one by one, or 4 KB: who finds these full waits."""
    rng = random.Random(3)
    clean = device(INPUT_BYTES=4, ONE_OUTPUT=1)
    stream = Listening(clean)
    many = [[rng.randbytes(4)] for _ in range(600)]
    with Client(stream, timeout=1.0) as client:
        got = dict(client.infer_all(many))
    assert {place: one.outputs[0] for place, one in got.items()} == {
        place: clean.scores(data) for place, (data,) in enumerate(many)
    }
    assert 8 < stream.most_unread <= 64
