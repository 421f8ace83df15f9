"""Firmware with parts of the link left out, and under another name and baud rate."""

from __future__ import annotations

from pathlib import Path

import pytest

import edgeq
from edgeq.base.errors import DeviceError, UsageError
from edgeq.boards import load_board
from edgeq.builder import build
from edgeq.targets import open_target
from edgeq.targets.link import Client, TextLink, Wire

pytest.importorskip("unicorn")
pytest.importorskip("ziglang")


@pytest.fixture(scope="module")
def model(examples: Path) -> bytes:
    digits = examples / "digits"
    return edgeq.convert(digits / "digits_float.tflite", digits / "calibration.npz").model


def test_text_alone_answers_commands_and_tells_edgeq_so(model: bytes, tmp_path: Path) -> None:
    made = edgeq.generate(
        model, board="sim-m0", out=tmp_path / "p", link="text", runner_name="kws01", golden=False
    )
    assert "src/common/edgeq_bulk.c" not in made.files
    image = build(made.folder, warnings_are_errors=True)
    with open_target(image) as target:
        target.flash(image)
        stream = target.open()
        text = TextLink(Wire(stream))
        assert text.find() == "edgeq"
        assert text.command("profile")[1] == "m-model-[kws01]"
        assert text.command("bulk") == ["e-[unknown command; help% lists them]"]
        text.load(bytes(64))
        assert len(text.infer().results) == 10
        with pytest.raises(DeviceError, match="speaks text alone") as error:
            Client(stream).handshake()
        assert "--link full" in error.value.hint


def test_without_a_link_it_starts_replays_and_is_smaller(model: bytes, tmp_path: Path) -> None:
    sizes = {}
    for link in ("full", "none"):
        made = edgeq.generate(model, board="sim-m0", out=tmp_path / link, link=link)
        image = build(made.folder, warnings_are_errors=True)
        sizes[link] = image.sizes.code
        with open_target(image) as target:
            target.flash(image)
            stream = target.open()
            said = b""
            while not said.endswith(b"m-ready\r\n"):
                part = stream.read(4096, 10.0)
                assert part, said
                said += part
        assert b"m-[golden vector exact]" in said
    assert sizes["none"] < min(10_200, sizes["full"] - 4700)


def test_a_name_that_is_none_and_a_baud_rate(model: bytes, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no name of a model"):
        edgeq.generate(model, board="sim-m4", out=tmp_path / "a", runner_name="two words")
    edgeq.generate(model, board="nucleo_l4r5zi", out=tmp_path / "b", baud=921_600)
    assert load_board(str(tmp_path / "b" / "board.toml")).console.baud == 921_600
