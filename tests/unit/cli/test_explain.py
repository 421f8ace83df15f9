"""edgeq generate --explain: what each layer could have had, and what the counts say of its estimates."""

from __future__ import annotations

from pathlib import Path

import pytest

import edgeq as api
from edgeq.backends.project.choices import Alternative, Choice

from .conftest import Edgeq
from .models import int8_dense, int8_wide

NEAR = 1.25
"""By which factor a layer may be off its estimate: that of tests/compiled/mac/test_kernels.py."""


def test_every_layer_has_the_kernels_of_the_core(edgeq: Edgeq, folder: Path) -> None:
    (folder / "q.tflite").write_bytes(int8_dense())
    (folder / "wide.tflite").write_bytes(int8_wide())
    shown = edgeq("generate", "wide.tflite", "-b", "sim-m4", "-o", "m4", "--explain")
    assert shown.code == 0, shown.err
    assert "* fully_connected_dsp_s8" in shown.out and "(+" in shown.out
    told = edgeq("generate", "q.tflite", "-b", "sim-m3", "-o", "m3", "--explain", "--json").json
    (dense,) = (choice for choice in told["choices"] if choice["title"].startswith("FULLY_CONNECTED"))
    chosen, *others = dense["alternatives"]
    assert chosen["chosen"] and not any(one["chosen"] for one in others)
    assert all("dsp" not in one["kernel"] for one in dense["alternatives"])
    assert dense["next_best"] == others[0]["instructions"] - chosen["instructions"] > 0
    assert all(one["flash"] > 0 for one in dense["alternatives"])
    kernels = [choice["alternatives"][0]["kernel"] for choice in told["choices"]]
    made = api.generate("q.tflite", board="sim-m3", out="again", explain=True)
    assert [step["kernel"] for step in made.manifest["steps"]] == kernels
    assert "choices" not in edgeq("generate", "q.tflite", "-b", "sim-m3", "-o", "plain", "--json").json
    assert (folder / "plain" / "edgeq.json").read_bytes() == (folder / "m3" / "edgeq.json").read_bytes()


@pytest.mark.parametrize("arguments", [("--format", "carray"), ("-b", "sim-m4", "--runtime", "tflm")])
def test_where_nothing_is_chosen_it_is_refused(
    edgeq: Edgeq, folder: Path, arguments: tuple[str, ...]
) -> None:
    (folder / "q.tflite").write_bytes(int8_dense())
    result = edgeq("generate", "q.tflite", *arguments, "--explain")
    assert result.code == 2 and "--explain" in result.err


def test_without_another_there_is_no_next_best() -> None:
    alone = Alternative("k", None, 0, 0, 0, chosen=True)
    assert Choice("a", "A", (alone,)).next_best is None


@pytest.mark.slow
@pytest.mark.parametrize("board", ["sim-m0", "sim-m3", "sim-m4"])
def test_estimates_of_whole_models_against_counts(board: str, shared: Path, tmp_path: Path) -> None:
    """Of each layer that had a choice, within what the model of cost claims, and of all together closer."""
    for name in ("kws", "ic"):
        model = shared / "models" / "mlperf_tiny" / f"{name}_int8.tflite"
        made = api.generate(model, board=board, out=tmp_path / name, explain=True)
        api.build(made.folder, toolchain="zig")
        counted = {layer.name: layer.instructions for layer in api.profile(made.folder).layers}
        estimated = {
            choice.name: choice.alternatives[0].instructions
            for choice in made.choices
            if choice.alternatives[0].instructions is not None
        }
        assert len(estimated) > 5
        far = {
            layer: (guess, counted[layer])
            for layer, guess in estimated.items()
            if not 1 / NEAR < guess / counted[layer] < NEAR
        }
        assert not far
        whole = sum(estimated.values()) / sum(counted[layer] for layer in estimated)
        assert 0.9 < whole < 1.1, name
