"""Small models after what users reported of compiler 16 and its forerunners: each is answered as they met it.

github.com/google-coral/edgetpu has the issue of each number, google-coral/libedgetpu that of lib71.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.edgetpu import Prediction, predict
from edgeq.graph import load_model

REFUSED = {
    "i439_768x1024": "large activation tensors",
    "i453_overflow": "Model failed in Tflite interpreter",
    "i598_lstm_1280": "Compilation failed!",
    "i631_conv_v6": "Didn't find op for builtin opcode 'CONV_2D' version '6'",
    "i845_tconv_v4": "Didn't find op for builtin opcode 'TRANSPOSE_CONV' version '4'",
    "i879_quantize_v3": "Didn't find op for builtin opcode 'QUANTIZE' version '3'",
    "i95_fullhd": "large activation tensors",
    "lib71_exp_v2": "Didn't find op for builtin opcode 'EXP' version '2'",
}
LEFT = {
    "i176_512x512x151": {0: "resize-size"},
    "i272_hardswish": {0: "not-supported"},
    "i27_fc_2d": {0: "one-vector"},
    "i433_transpose_nchw": {0: "transpose-size"},
    "i597_up_conv_resize_leaky": {0: "resize-size", 2: "resize-size", 3: "not-supported"},
}
"""What stays on the CPU, and by which rule."""
WHOLE = ("i598_lstm_100", "yamnet_split1")
OPEN = ("i206_nearest", "i309_concat_60x152x90", "i597b_prelu_512", "i64_tconv_k1_s2", "i707_add_broadcast")
"""No rule is against these. Compilers 14 and 15 failed on some, now and then or always; what 16 does is not
known."""


def answer(shared: Path, name: str) -> Prediction:
    path = shared / "cases" / "coral" / f"{name}.tflite"
    if not path.is_file():
        pytest.skip(f"no {path}")
    data, graph = load_model(path)
    return predict(graph, data)


@pytest.mark.parametrize("name", REFUSED)
def test_the_whole_model_is_refused(shared: Path, name: str) -> None:
    found = answer(shared, name)
    assert found.failure is not None
    assert REFUSED[name] in found.failure.status
    assert not any(found.mapped)


@pytest.mark.parametrize("name", LEFT)
def test_operators_stay_on_the_cpu(shared: Path, name: str) -> None:
    found = answer(shared, name)
    assert found.failure is None
    assert {one.index: one.rule for one in found.operators if not one.mapped} == LEFT[name]


@pytest.mark.parametrize("name", [*WHOLE, *OPEN])
def test_the_whole_model_maps(shared: Path, name: str) -> None:
    found = answer(shared, name)
    assert found.failure is None
    assert all(found.mapped)


def test_no_case_is_left_out(shared: Path) -> None:
    folder = shared / "cases" / "coral"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    assert {path.stem for path in folder.glob("*.tflite")} == {*REFUSED, *LEFT, *WHOLE, *OPEN}
