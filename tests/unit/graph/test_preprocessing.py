"""What raw inputs undergo, in a model's file: written, read again, and not believed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from graph_samples import small_model

from edgeq.base.errors import ModelError
from edgeq.features import ImageForm, Preprocessing
from edgeq.features.preprocessing import METADATA, Steps, read_steps, steps_text, together
from edgeq.graph import read_model, write_model

GOOD: dict[str, Any] = {"mean": 1.0, "std": 2.0, "raw": None, "stages": []}
IMAGE: dict[str, Any] = {"kind": "image", "width": 2, "height": 3, "colour": "RGB", "resize": "bilinear"}


def random_steps(random: np.random.Generator, inputs: int) -> Steps:
    def one() -> Preprocessing | None:
        if random.integers(3) == 0:
            return None
        sizes = random.integers(1, 1000, 2).tolist()
        form = ImageForm(*sizes, random.choice(["grey", "RGB", "RGBA"])) if random.integers(2) else None
        return Preprocessing(float(random.normal()), float(random.uniform(1e-6, 1e6)), form)

    return tuple(one() for _ in range(inputs))


@pytest.mark.parametrize("seed", range(20))
def test_it_goes_through_a_file(seed: int) -> None:
    graph = small_model()
    steps = random_steps(np.random.default_rng(seed), len(graph.inputs))
    model = write_model(graph.preprocessed(steps))
    again = read_model(model)
    assert again.preprocessing == steps
    assert write_model(again) == model
    assert (METADATA.encode() in model) == any(steps)


def test_a_model_without_it_has_none() -> None:
    graph = small_model()
    assert read_model(write_model(graph)).preprocessing == (None,) * len(graph.inputs)
    assert write_model(graph.preprocessed((None,) * len(graph.inputs))) == write_model(graph)


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        [1],
        [GOOD, GOOD],
        [GOOD | {"std": 0}],
        [GOOD | {"std": 1e-60}],
        [GOOD | {"mean": 1e300}],
        [GOOD | {"mean": "0"}],
        [GOOD | {"mean": True}],
        [GOOD | {"std": float("nan")}],
        [GOOD | {"more": 1}],
        [GOOD | {"raw": {}}],
        [GOOD | {"raw": IMAGE | {"width": 0}}],
        [GOOD | {"raw": IMAGE | {"height": 2.5}}],
        [GOOD | {"raw": IMAGE | {"colour": '"); system("'}}],
        [GOOD | {"raw": IMAGE | {"colour": ["RGB"]}}],
        [GOOD | {"raw": IMAGE | {"resize": "cubic"}}],
    ],
)
def test_what_is_none_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_steps(json.dumps(told).encode(), 1)


def test_a_damaged_one_is_told() -> None:
    graph = small_model()
    model = write_model(graph.preprocessed((Preprocessing(1, 2), *([None] * (len(graph.inputs) - 1)))))
    broken = model.replace(b'"mean"', b'"mEan"')
    assert broken != model
    with pytest.raises(ModelError, match=METADATA):
        read_model(broken)
    with pytest.raises(ModelError, match=METADATA):
        read_model(model.replace(b'"mean"', b"\xff\xff\xff\xff\xff\xff"))


def test_of_two_data_sets() -> None:
    form = ImageForm(2, 3, "grey")
    plain, other, image = Preprocessing(1, 2), Preprocessing(0, 2), Preprocessing(1, 2, form)
    assert together((plain, None, None), (image, other, None)) == (image, other, None)
    assert together((plain,), (other,)) == (plain,)
    assert together((other,), (image,)) == (other,)
    assert steps_text((None, None)) == b""
