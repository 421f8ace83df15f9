"""Preprocessing in a project: its C gives every input's integer as Python feeds it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "compiled" / "aot"))
from nets import Net

from edgeq.backends import carray
from edgeq.backends.aot import generate
from edgeq.boards import load_board
from edgeq.checker import Checked, check
from edgeq.data import quantize_input
from edgeq.features import ImageForm, Preprocessing
from edgeq.features.preprocessing import real_values
from edgeq.graph import DType, write_model

STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror")
INPUTS = 8
LOW, HIGH = -1000, 1001


def with_random_preprocessing(seed: int) -> Checked:
    """Inputs of random scales, types, means and deviations; each goes through a RELU."""
    net, random = Net(seed, "raw"), np.random.default_rng(seed)
    for _ in range(INPUTS):
        if random.integers(2):
            x = net.input((1, 4))
            net.op("RELU", (x,), (1, 4), net.same_quant(x), output=True)
        else:
            scale = net.quant()[0]
            x = net.input((1, 4), (scale, int(random.integers(256))), dtype=DType.UINT8)
            zero = net.same_quant(x)[1] - 128
            net.op("QUANTIZE", (x,), (1, 4), (scale, zero), output=True)
    usual = [(0.0, 255.0), (127.5, 127.5), (128.0, -128.0), (0.0, 1.0)]
    drawn = [(float(random.normal(0, 200)), float(np.exp(random.uniform(-3, 8)))) for _ in range(INPUTS)]
    steps = tuple(Preprocessing(*pair) for pair in (usual + drawn)[:INPUTS])
    return check(write_model(net.graph().preprocessed(steps)), name="raw")


@pytest.mark.parametrize(("compiler", "seed"), [("gcc", 1), ("zig", 2)])
def test_every_raw_value_is_what_python_feeds(compiler: str, seed: int, tmp_path: Path) -> None:
    call = [compiler] if compiler == "gcc" else [sys.executable, "-m", "ziglang", "cc"]
    if shutil.which(call[0]) is None:
        pytest.skip(f"needs {compiler}")
    checked = with_random_preprocessing(seed)
    generate(checked, load_board("host")).write(tmp_path / "p")
    calls = "\n".join(f'printf("%d ", edgeq_input_{i}_preprocess((float)raw));' for i in range(INPUTS))
    (tmp_path / "main.c").write_text(
        '#include <stdio.h>\n#include "edgeq_network.h"\nint8_t edgeq_arena[EDGEQ_ARENA_BYTES];\n'
        f"int main(void) {{ for (int raw = {LOW}; raw < {HIGH}; raw++) {{ {calls} }} return 0; }}"
    )
    include = f"-I{tmp_path / 'p' / 'src' / 'network'}"
    subprocess.run([*call, *STRICT, "-O2", include, "main.c", "-o", "main"], cwd=tmp_path, check=True)
    done = subprocess.run([str(tmp_path / "main")], capture_output=True, text=True, check=True, timeout=20)
    found = np.array(done.stdout.split(), np.int64).reshape(-1, INPUTS)
    raw = np.arange(LOW, HIGH)
    for position, tensor in enumerate(checked.graph.input_tensors):
        step = tensor.preprocessing
        assert step is not None
        wanted = quantize_input(real_values(raw, step.mean, step.std), tensor)
        assert np.array_equal(found[:, position], wanted), step


def test_images_are_told_everywhere() -> None:
    net = Net(4, "seen")
    x = net.input((1, 3, 5, 3), (1 / 255, -128))
    net.op("RELU", (x,), (1, 3, 5, 3), (1 / 255, -128), output=True)
    graph = net.graph().preprocessed((Preprocessing(0.0, 255.0, ImageForm(5, 3, "RGB")),))
    checked = check(write_model(graph), name="seen")
    made = generate(checked, load_board("sim-m4"))
    header = made.files["src/network/edgeq_network.h"].decode()
    for line in ("MEAN 0.0f", "STD 255.0f", "WIDTH 5", "HEIGHT 3", 'COLOUR "RGB"'):
        assert f"#define EDGEQ_INPUT_0_{line}\n" in header
    readme = made.files["README.md"].decode()
    assert "| input 0 | (pixel - 0.0) / 255.0, in float32 | RGB 5x3 |" in readme
    assert "edgeq_input_0_preprocess(sample_0[i])" in readme
    raw = {"kind": "image", "width": 5, "height": 3, "colour": "RGB", "resize": "bilinear"}
    told = [{"mean": 0.0, "std": 255.0, "raw": raw, "stages": []}]
    assert made.manifest["preprocessing"] == told
    array = carray.generate(checked)
    assert "#define SEEN_INPUT_0_STD 255.0f" in array.files["seen_model.h"].decode()
    assert array.manifest["preprocessing"] == made.manifest["preprocessing"]


def test_without_it_there_is_nothing() -> None:
    net = Net(4, "plain")
    net.op("RELU", (net.input((1, 4)),), (1, 4), net.same_quant(0), output=True)
    checked = check(write_model(net.graph()), name="plain")
    for made in (generate(checked, load_board("sim-m4")), carray.generate(checked)):
        assert "preprocessing" not in made.manifest
        assert not any(b"preprocess" in data or b"_MEAN" in data for data in made.files.values())


def test_one_input_may_have_steps_and_another_none() -> None:
    net = Net(1, "raw")
    a, b = net.input((1, 4)), net.input((1, 4))
    net.op("ADD", (a, b), (1, 4), output=True, fused_activation_function="NONE")
    graph = net.graph().preprocessed((None, Preprocessing(127.5, 127.5)))
    readme = generate(check(write_model(graph), name="raw"), load_board("sim-m4")).files["README.md"].decode()
    assert "| input 1 | (raw - 127.5) / 127.5, in float32 | none |" in readme
