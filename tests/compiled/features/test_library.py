"""C for other build systems: of raw samples come the integers that Python feeds."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import numpy as np
import pytest
from mac_host import compiler
from pipelines import samples
from raw_model import ENDS, heard
from test_features import pointer

from edgeq.backends.aot.library import generate_library
from edgeq.backends.project.budget import Budget
from edgeq.backends.project.forms import FORMS
from edgeq.boards import load_board
from edgeq.checker import Checked, check
from edgeq.data import quantize_input
from edgeq.graph import write_model


def _checked() -> Checked:
    return check(write_model(heard()), name="heard")


def test_inputs_are_made_of_raw_samples(tmp_path: Path) -> None:
    command = compiler()
    if command is None:
        pytest.skip("no C compiler (gcc, cc, clang or the ziglang package)")
    checked = _checked()
    project = generate_library(checked, load_board("host"), FORMS["library"], Budget())
    project.write(tmp_path / "l")
    sources = [str(tmp_path / "l" / path) for path in project.manifest["sources"]]
    kernels = {path.removeprefix("src/heard_") for path in project.manifest["sources"]}
    assert {"scale_s16.c", "scale_u16.c", "limits_s16.c", "bytes.c"} <= kernels
    flags = ["-shared", "-fPIC", "-O1", "-std=c99", "-Wall", "-Wextra", "-Werror"]
    folders = [f"-I{tmp_path / 'l' / name}" for name in ("include", "src")]
    (tmp_path / "inputs.c").write_text(
        '#include "heard_features.h"\n#include "heard_network.h"\n'
        + "".join(f"void *input_{i}(void) {{ return heard_input_{i}(); }}\n" for i in range(len(ENDS)))
    )
    sources.append(str(tmp_path / "inputs.c"))
    library = tmp_path / "heard.so"
    subprocess.run([*command, *flags, *folders, "-o", str(library), *sources], check=True, timeout=300)
    built = ctypes.CDLL(str(library))
    assert built.heard_init() == 0
    for index, tensor in enumerate(checked.graph.input_tensors):
        step = tensor.preprocessing
        assert step is not None
        raw = samples(step, 100, index)
        expected = quantize_input(step.real(raw), tensor).reshape(100, -1)
        assert len(np.unique(expected)) > 1
        place = getattr(built, f"input_{index}")
        place.restype = ctypes.c_void_p
        for sample, right in zip(raw, expected, strict=True):
            getattr(built, f"heard_features_{index}")(pointer(sample), ctypes.c_void_p(place()))
            got = np.frombuffer(ctypes.string_at(place(), right.size), right.dtype)
            assert np.array_equal(got, right)


@pytest.mark.parametrize("form", list(FORMS))
def test_every_form_has_them(form: str) -> None:
    project = generate_library(
        check(write_model(heard()), name="heard"), load_board("host"), FORMS[form], Budget()
    )
    assert f"{FORMS[form].public}/heard_features.h" in project.files
    readme = project.files["README.md"].decode()
    assert "heard_features_1(raw_1, heard_input_1());" in readme and "_push(samples, n)" in readme
    assert not any(b"edgeq_" in data for path, data in project.files.items() if path.endswith((".c", ".h")))
    if form == "arduino":
        sketch = next(data for path, data in project.files.items() if path.endswith(".ino")).decode()
        assert "static int16_t raw_0[HEARD_FEATURES_0_RAW_ELEMENTS];" in sketch
