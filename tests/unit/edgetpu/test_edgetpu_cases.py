"""Small models after what users reported of compiler 16 and its forerunners: each is answered as they met it.

github.com/google-coral/edgetpu has the issue of each number, google-coral/libedgetpu that of lib71.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.edgetpu import Prediction, predict
from edgeq.graph import Tensor, load_model

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
    "i597b_prelu_512": {0: "prelu-size"},
    "i597_up_conv_resize_leaky": {0: "resize-size", 2: "resize-size", 3: "not-supported"},
}
"""What stays on the CPU, and by which rule."""
WHOLE = ("i598_lstm_100", "yamnet_split1")
REPORTED = {
    "i206_nearest": "issue 206, compiler 14",
    "i309_concat_60x152x90": "issue 309, compiler 15",
    "i64_tconv_k1_s2": "issue 64, compiler 13",
    "i707_add_broadcast": "issue 707, compiler 16",
}
"""No rule is known against these, and a compiler failed on them: what is said is that."""


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


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_model_maps(shared: Path, name: str) -> None:
    found = answer(shared, name)
    assert found.failure is None
    assert all(found.mapped)
    assert found.warnings == ()


@pytest.mark.parametrize("name", REPORTED)
def test_what_a_compiler_failed_on_is_told(shared: Path, name: str) -> None:
    found = answer(shared, name)
    assert found.failure is None
    assert all(found.mapped)
    (warning,) = found.warnings
    assert REPORTED[name] in warning and "If it does: " in warning


def test_forms_that_only_look_like_those() -> None:
    """A kernel as wide as the stride, a vector that is multiplied, equal factors, depths of four."""
    from .edgetpu_models import activation, numbers, single

    def pair(*shapes: tuple[int, ...]) -> list[Tensor]:
        return [activation(f"in{i}", *shape) for i, shape in enumerate(shapes)]

    whole, vector = (1, 32, 32, 16), (1, 1, 1, 16)
    for graph in (
        single("MUL", pair(whole, vector), [activation("out", *whole)]),
        single("ADD", pair(whole, whole), [activation("out", *whole)]),
        single(
            "CONCATENATION", pair((1, 60, 152, 60), (1, 60, 152, 32)), [activation("out", 1, 60, 152, 92)]
        ),
        single("CONCATENATION", pair((1, 60, 60, 60), (1, 60, 60, 30)), [activation("out", 1, 60, 60, 90)]),
        single(
            "RESIZE_NEAREST_NEIGHBOR",
            [*pair(whole), numbers("size", 64, 64)],
            [activation("out", 1, 64, 64, 16)],
        ),
    ):
        assert all(predict(graph).mapped) and predict(graph).warnings == ()


def test_no_case_is_left_out(shared: Path) -> None:
    folder = shared / "cases" / "coral"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    assert {path.stem for path in folder.glob("*.tflite")} == {*REFUSED, *LEFT, *WHOLE, *REPORTED}
