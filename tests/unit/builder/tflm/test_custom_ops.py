"""Custom operators by the user's header: checked, added to the resolver, compiled; no oracle has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scaffold import Net

import edgeq
from edgeq.backends.tflm.custom import read_custom_ops
from edgeq.base.errors import ModelError, UsageError
from edgeq.checker import CheckFailed
from edgeq.graph import Operator, write_model
from edgeq.targets import open_target
from edgeq.targets.link import Client

HEADER = """#include "tensorflow/lite/micro/micro_common.h"
#include "inner/sizes.h"
namespace mine {
TFLMRegistration *Register_TWICE();
}
EDGEQ_TFLM_OP("Twice", mine::Register_TWICE)
  EDGEQ_TFLM_OP( "never.used" , Register_NEVER )
"""
SOURCE = """#include "{name}"
namespace mine {{
static TFLMRegistration registration;
TFLMRegistration *Register_TWICE() {{ return SIZE == 8 ? &registration : nullptr; }}
}}
"""


def model(code: str = "Twice") -> bytes:
    net = Net(2, "custom")
    x = net.input((1, 8), (0.5, 1))
    y = net.op("RESHAPE", (x, net.ints([1, 8])), (1, 8), (0.5, 1), new_shape=(1, 8))
    net.operators[-1] = Operator("CUSTOM", (x,), (y,), custom_code=code, custom_options=b"\x01")
    net.outputs.append(y)
    return write_model(net.graph())


@pytest.fixture
def header(tmp_path: Path) -> Path:
    folder = tmp_path / "ops"
    (folder / "inner").mkdir(parents=True)
    (folder / "ops.h").write_text(HEADER)
    (folder / "ops.cc").write_text("#define EDGEQ_TFLM_OP(name, f)\n" + SOURCE.format(name="ops.h"))
    (folder / "inner" / "sizes.h").write_text("#define SIZE 8\n")
    (folder / "other.txt").write_text("nobody includes it")
    return folder / "ops.h"


def test_the_check_takes_what_the_header_has(header: Path) -> None:
    assert edgeq.check(model(), runtime="tflm", tflm_ops=header).graph.operators[0].custom_code == "Twice"
    for code, ops in (("Twice", None), ("Thrice", header)):
        with pytest.raises(CheckFailed) as refused:
            edgeq.check(model(code), runtime="tflm", tflm_ops=ops)
        (error,) = [one for one in refused.value.findings if one.severity == "error"]
        assert error.opcode == code and error.hint.count("--tflm-ops") == 1
    with pytest.raises(UsageError, match="goes with"):
        edgeq.check(model(), tflm_ops=header)


def test_it_is_built_and_nobody_judges_it(
    header: Path, tree: Path, host_library: bytes, tmp_path: Path
) -> None:
    (tree / "lib").mkdir()
    (tree / "lib" / "libtensorflow-microlite.a").write_bytes(host_library)
    made = edgeq.generate(
        model(), board="host", runtime="tflm", tflm_ops=header, tflm_dir=tree, out=tmp_path / "project"
    )
    runtime = (made.folder / "src/network/edgeq_tflm.cc").read_text()
    assert 'resolver.AddCustom("Twice", mine::Register_TWICE())' in runtime and "NEVER" not in runtime
    assert "MicroMutableOpResolver<1>" in runtime
    assert {f"src/network/{name}" for name in ("ops.h", "ops.cc", "inner/sizes.h")} <= set(made.files)
    assert "src/network/other.txt" not in made.files and made.manifest["golden"] is None
    image = edgeq.build(made.folder, tflm_dir=tree)
    with open_target(image) as target:
        target.flash(image)
        with Client(target.open()) as client:
            client.handshake(image.model_sha256, image.build_hash)
            assert client.infer([bytes(range(8))]).outputs == [bytes(range(8))]
    with pytest.raises(ModelError, match="no interpreter on this machine has the custom operator Twice"):
        edgeq.run(made.folder)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no line"),
        ('EDGEQ_TFLM_OP("a", f)\nEDGEQ_TFLM_OP("b" f)\n', "a wrong one"),
        ('EDGEQ_TFLM_OP("a", f(); evil)\n', "a wrong one"),
        ('EDGEQ_TFLM_OP("a", f)\nEDGEQ_TFLM_OP("a", g)\n', "registers a twice"),
        (None, "cannot be read"),
    ],
)
def test_headers_that_are_none(text: str | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "ops.h"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=told) as refused:
        read_custom_ops(path)
    assert refused.value.hint


def test_nothing_from_outside_the_folder_goes_along(header: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.h").write_text("#define SECRET\n")
    header.write_text('#include "../secret.h"\n#include "/etc/hostname"\n' + HEADER)
    assert sorted(read_custom_ops(header).files) == ["inner/sizes.h", "ops.cc", "ops.h"]
