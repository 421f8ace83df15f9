"""A model as a C array: compiled, and read back by a program."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "compiled" / "aot"))
from nets import Net

from edgeq.backends import carray
from edgeq.backends.project.text import identifier
from edgeq.base.errors import ModelError
from edgeq.checker import Checked, check
from edgeq.data import Dataset, dequantize, quantize_input
from edgeq.graph import DType, model_hash, write_model
from edgeq.interpreter import oracle_name, run

STRICT = ("-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", "-O1")

PROGRAM = r"""
#include <stdio.h>
#include <stdint.h>
#include "two_ins_model.h"

#define COUNT(array) (sizeof (array) / sizeof (array)[0])

int main(void)
{
    static const int shape[TWO_INS_INPUT_1_RANK] = TWO_INS_INPUT_1_SHAPE;
    static const float reals[] = {-1e9f, -1.0f, -0.26f, 0.0f, 0.1f, 0.25f, 0.75f, 3.5f, 1e9f};
    printf("%d\n", (int)((uintptr_t)two_ins_model % 16u));
    for (unsigned i = 0; i < TWO_INS_MODEL_BYTES; i++) {
        printf("%02x", (unsigned)two_ins_model[i]);
    }
    printf("\n%s\n", TWO_INS_MODEL_SHA256);
    for (unsigned i = 0; i < COUNT(shape); i++) {
        printf("%d ", shape[i]);
    }
    printf("\n%s %s %s\n", TWO_INS_INPUT_0_TYPE, TWO_INS_INPUT_1_NAME, TWO_INS_OUTPUT_0_TYPE);
    printf("%.9g %d\n", (double)TWO_INS_INPUT_1_SCALE, TWO_INS_INPUT_1_ZERO_POINT);
    for (unsigned i = 0; i < COUNT(reals); i++) {
        printf("%d ", two_ins_input_1_quantize(reals[i]));
    }
    printf("\n");
    for (int i = -128; i < 128; i++) {
        printf("%.9g ", (double)two_ins_output_0_dequantize((int8_t)i));
    }
    printf("\n");
    for (unsigned i = 0; i < COUNT(two_ins_golden_input_0); i++) {
        printf("%d ", two_ins_golden_input_0[i]);
    }
    for (unsigned i = 0; i < COUNT(two_ins_golden_input_1); i++) {
        printf("%d ", two_ins_golden_input_1[i]);
    }
    printf("\n");
    for (unsigned i = 0; i < COUNT(two_ins_golden_output_0); i++) {
        printf("%d ", two_ins_golden_output_0[i]);
    }
    return 0;
}
"""


def two_inputs() -> Net:
    net = Net(4, "Two-ins")
    a = net.input((1, 3, 5), (0.04, -7), name='a"*/')
    b = net.input((1, 3, 5), (0.5, 3), name="b")
    net.op("ADD", (a, b), (1, 3, 5), (0.6, 1), output=True, fused_activation_function="NONE")
    return net


def checked(net: Net, runtime: str = "aot") -> Checked:
    return check(write_model(net.graph()), name=net.name, runtime=runtime)


@pytest.mark.parametrize("language", ["c", "cc"])
def test_compiled_and_read_back(language: Literal["c", "cc"], tmp_path: Path) -> None:
    compiler, standard = ("gcc", "-std=c11") if language == "c" else ("g++", "-std=c++11")
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    model = checked(two_inputs())
    golden = carray.golden(model)
    folder = tmp_path / "array"
    carray.generate(model, language=language, golden=golden).write(folder)
    (folder / f"main.{language}").write_text(PROGRAM)
    sources = [f"two_ins_model.{language}", f"main.{language}"]
    subprocess.run([compiler, standard, *STRICT, *sources, "-o", "main"], cwd=folder, check=True, timeout=120)
    done = subprocess.run([str(folder / "main")], capture_output=True, text=True, check=True, timeout=20)
    lines = done.stdout.splitlines()
    assert lines[0] == "0"
    assert bytes.fromhex(lines[1]) == model.model
    assert lines[2] == model_hash(model.model)
    assert lines[3].split() == ["1", "3", "5"]
    assert lines[4] == "int8 b int8"
    assert lines[5] == "0.5 3"
    tensor, output = model.graph.input_tensors[1], model.graph.output_tensors[0]
    reals = np.array([-1e9, -1.0, -0.26, 0.0, 0.1, 0.26, 0.74, 3.5, 1e9], np.float32)
    found = [int(v) for v in lines[6].split()]
    assert found[5:7] == [4, 5]  # a tie goes away from zero, and numpy's to the even: compared apart
    wanted = quantize_input(reals, tensor).tolist()
    assert found[:5] + found[7:] == wanted[:5] + wanted[7:]
    everything = np.arange(-128, 128, dtype=np.int8)
    assert np.array_equal(np.array(lines[7].split(), np.float32), dequantize(everything, output))
    inputs = np.array(lines[8].split(), np.int8).reshape(2, 1, 3, 5)
    assert np.array_equal(np.array(lines[9].split(), np.int8), run(model.model, list(inputs))[0].reshape(-1))


def test_the_golden_inference_is_the_oracles_of_the_runtime() -> None:
    model = checked(two_inputs())
    assert carray.golden(model).oracle == oracle_name()
    files = carray.generate(model, golden=carray.golden(model)).files
    assert f"One inference by {oracle_name()}".encode() in files["two_ins_model.h"]


def test_tflms_oracle_for_tflm() -> None:
    pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    assert carray.golden(checked(two_inputs(), "tflm")).oracle.startswith("tflite-micro")


def test_a_golden_inference_of_given_data() -> None:
    model = checked(two_inputs())
    x = np.full((2, 3, 5), 5, np.int8)
    golden = carray.golden(model, Dataset((x, x), None, "test", ()))
    assert golden.arrays[0].text.split() == ["5,"] * 15


def test_the_same_bytes_every_time() -> None:
    first, second = (
        carray.generate(model, golden=carray.golden(model)).files
        for model in (checked(two_inputs()), checked(two_inputs()))
    )
    assert first == second


def test_without_a_golden_inference_and_of_hostile_names() -> None:
    files = carray.generate(checked(two_inputs())).files
    assert set(files) == {"two_ins_model.c", "two_ins_model.h", "edgeq.json"}
    for data in files.values():
        assert b"golden_" not in data
        assert b'a"' not in data
        assert b"a_*/" not in data


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kws_int8", "kws_int8"),
        ("My Model-2.1", "my_model_2_1"),
        ("3d", "model_3d"),
        ("", "model"),
        ("é世", "model"),
        ("__x__", "x"),
        ("a" * 99, "a" * 40),
        ("int", "int"),
    ],
)
def test_names_of_models_as_c_names(name: str, wanted: str) -> None:
    assert identifier(name) == wanted  # never alone: int_model, int_model.h


def test_unsigned_inputs() -> None:
    net = Net(5, "u")
    x = net.input((1, 4), (0.5, 128), dtype=DType.UINT8)
    y = net.op("QUANTIZE", (x,), (1, 4), (0.5, 0))
    net.op("RELU", (y,), (1, 4), (0.5, 0), output=True)
    header = carray.generate(checked(net)).files["u_model.h"].decode()
    assert "static inline uint8_t u_input_0_quantize(float real)" in header
    assert '#define U_INPUT_0_TYPE "uint8"' in header


def test_float_models_are_refused_by_the_check() -> None:
    from edgeq.checker import CheckFailed

    net = Net(6, "f")
    x = net.input((1, 4), dtype=DType.FLOAT32)
    net.op("RELU", (x,), (1, 4), dtype=DType.FLOAT32, output=True)
    with pytest.raises((CheckFailed, ModelError)):
        carray.generate(checked(net))
