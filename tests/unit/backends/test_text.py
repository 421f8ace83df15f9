from __future__ import annotations

import struct

import numpy as np
import pytest

from edgeq.backends.project import text


@pytest.mark.parametrize(
    "name",
    [
        "a*/ int x; /*",
        'quote"; system("x")',
        "line\nbreak\r\n#define X",
        "back\\slash\\",
        "what??/ a trigraph??=",
        "`code` | <script>alert(1)</script>",
        "naïve ☃",
        "\x00\x07\x1b[2J",
        "x" * 5000,
        "",
    ],
)
def test_names_are_plain_wherever_they_stand(name: str) -> None:
    plain = text.safe(name)
    assert plain.isascii()
    assert plain.isprintable() or plain == ""
    assert not set(plain) & set('"\\*?`|<\n')
    assert len(plain) <= 96


def test_usual_names_stay_as_they_are() -> None:
    for name in (
        "serving_default_input:0",
        "model/conv2d/BiasAdd;model/conv2d/Conv2D",
        "StatefulPartitionedCall:0",
    ):
        assert text.safe(name) == name


@pytest.mark.parametrize("value", [0, -1, 127, -128, 2**31 - 1, -(2**31), 2**31, 2**32 - 1])
def test_integers_are_c_literals_of_their_value(value: int) -> None:
    literal = text.integer(value)
    if literal == "INT32_MIN":
        assert value == -(2**31)
    else:
        assert int(literal.removesuffix("u")) == value
        assert literal.endswith("u") == (value > 2**31 - 1)


def test_reals_read_back_as_the_same_float() -> None:
    random = np.random.default_rng(0)
    for bits in random.integers(0, 0x7F800000, 2000):
        value = struct.unpack("f", struct.pack("I", int(bits)))[0]
        literal = text.real(value)
        assert literal.endswith("f")
        assert "." in literal or "e" in literal
        assert np.float32(literal[:-1]) == np.float32(value)


def test_values_in_lines_of_bounded_width() -> None:
    array = np.random.default_rng(0).integers(-(2**31), 2**31, 500).astype(np.int32)
    lines = text.values(array).split("\n")
    assert max(map(len, lines)) <= 110
    words = " ".join(lines).replace("INT32_MIN", str(-(2**31))).split(",")
    assert [int(word) for word in words if word.strip()] == array.tolist()


def test_every_constant_of_a_model_has_a_section_of_its_own() -> None:
    for align, name in ((16, "op00_x"), (4, "op00_t")):
        said = text.attributes(align, name)
        assert f"aligned({align})" in said
        assert f'".rodata.edgeq_weights.{name}"' in said
