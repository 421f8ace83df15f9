"""The project as a whole: the same bytes every time, safe names, the manifest, and what goes where."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgeq.backends.aot import Project, generate
from edgeq.base.errors import BoardError, UsageError
from edgeq.boards import load_board
from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor, model_hash, write_model

GOLDEN = Path(__file__).resolve().parents[3] / "golden" / "aot"
EXACT = (
    "README.md",
    "edgeq.json",
    "src/network/edgeq_network.c",
    "src/network/edgeq_network.h",
    "src/network/edgeq_weights.c",
    "src/network/edgeq_weights.h",
)


def tiny_graph() -> Graph:
    """A convolution, a pooling, an addition, a dense layer and a softmax."""
    random = np.random.default_rng(0)

    def channels(scales: list[float]) -> QuantParams:
        return QuantParams(np.array(scales, np.float32), np.zeros(len(scales), np.int64), 0)

    tensors = (
        Tensor("image", (1, 6, 6, 1), DType.INT8, QuantParams.per_tensor(0.0078, -1)),
        Tensor(
            "filter",
            (2, 3, 3, 1),
            DType.INT8,
            channels([0.011, 0.013]),
            random.integers(-127, 128, (2, 3, 3, 1)).astype(np.int8),
        ),
        Tensor(
            "bias",
            (2,),
            DType.INT32,
            channels([0.0078 * 0.011, 0.0078 * 0.013]),
            np.array([300, -200], np.int32),
        ),
        Tensor("features", (1, 6, 6, 2), DType.INT8, QuantParams.per_tensor(0.021, -128)),
        Tensor("pooled", (1, 3, 3, 2), DType.INT8, QuantParams.per_tensor(0.021, -128)),
        Tensor("sum", (1, 3, 3, 2), DType.INT8, QuantParams.per_tensor(0.037, -128)),
        Tensor("shape", (2,), DType.INT32, None, np.array([1, 18], np.int32)),
        Tensor("row", (1, 18), DType.INT8, QuantParams.per_tensor(0.037, -128)),
        Tensor(
            "dense",
            (3, 18),
            DType.INT8,
            QuantParams.per_tensor(0.017, 0),
            random.integers(-127, 128, (3, 18)).astype(np.int8),
        ),
        Tensor("scores", (1, 3), DType.INT8, QuantParams.per_tensor(0.11, 9)),
        Tensor("classes", (1, 3), DType.INT8, QuantParams.per_tensor(1 / 256, -128)),
        Tensor("half", (1, 3, 3, 2), DType.INT8, QuantParams.per_tensor(0.019, 5)),
    )
    window = {"padding": "SAME", "stride_w": 2, "stride_h": 2, "filter_width": 2, "filter_height": 2}
    strides = {"stride_w": 1, "stride_h": 1, "dilation_w_factor": 1, "dilation_h_factor": 1}
    operators = (
        Operator(
            "CONV_2D", (0, 1, 2), (3,), {"padding": "SAME", "fused_activation_function": "RELU", **strides}
        ),
        Operator("MAX_POOL_2D", (3,), (4,), {**window, "fused_activation_function": "NONE"}),
        Operator("QUANTIZE", (4,), (11,)),
        Operator("ADD", (4, 11), (5,), {"fused_activation_function": "NONE"}),
        Operator("RESHAPE", (5, 6), (7,), {"new_shape": (1, 18)}),
        Operator(
            "FULLY_CONNECTED",
            (7, 8, -1),
            (9,),
            {"fused_activation_function": "NONE", "weights_format": "DEFAULT"},
        ),
        Operator("SOFTMAX", (9,), (10,), {"beta": 1.0}),
    )
    return Graph("tiny", tensors, operators, (0,), (10,))


def generated(graph: Graph, board: str = "host") -> Project:
    model = write_model(graph)
    checked: Any = SimpleNamespace(
        model=model, graph=graph, sha256=model_hash(model), runtime="aot", findings=()
    )
    return generate(checked, load_board(board))


def test_golden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte what is kept in tests/golden/aot; EDGEQ_GOLDEN=refresh writes it anew: read the diff."""
    for module in (generate.__module__, Project.__module__):
        monkeypatch.setattr(sys.modules[module], "__version__", "0.0.0")
    files = generated(tiny_graph(), "sim-m4").files
    manifest = json.loads(files["edgeq.json"])
    ours = [path for path in manifest["files"] if not path.startswith("src/network/")]
    manifest["files"] = {path: digest for path, digest in manifest["files"].items() if path not in ours}
    del manifest["seal"]
    found = {path: files[path] for path in EXACT}
    found["edgeq.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    if os.environ.get("EDGEQ_GOLDEN") == "refresh":
        for path, data in found.items():
            target = GOLDEN / path.replace("src/network/", "")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    for path, data in found.items():
        assert data.decode() == (GOLDEN / path.replace("src/network/", "")).read_text(), path


def test_the_same_bytes_every_time() -> None:
    first, second = generated(tiny_graph(), "sim-m4"), generated(tiny_graph(), "sim-m4")
    assert list(first.files) == list(second.files)
    assert first.files == second.files


def test_no_paths_and_no_dates() -> None:
    text = b"\n".join(
        data for path, data in generated(tiny_graph()).files.items() if path != "model.tflite"
    ).decode()
    assert str(Path(__file__).resolve().parents[4]) not in text
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text)


def test_names_of_a_hostile_model() -> None:
    graph = tiny_graph()
    evil = '*/ #error "x"\n`|??/\\'
    tensors = tuple(replace(tensor, name=evil + tensor.name) for tensor in graph.tensors)
    files = generated(graph.replace(name=evil, tensors=tensors)).files
    for path, data in files.items():
        if path.startswith("src/network/") or path == "README.md":
            assert b"#error" not in data
            assert b"`|" not in data
            assert b"??/" not in data
    plain = generated(graph).files["src/network/edgeq_network.c"]
    assert files["src/network/edgeq_network.c"].count(b"\n") == plain.count(b"\n")


def test_the_manifest_tells_all() -> None:
    project = generated(tiny_graph(), "sim-m4")
    manifest = json.loads(project.files["edgeq.json"])
    assert manifest == project.manifest
    assert (manifest["schema_version"], manifest["stage"], manifest["runtime"]) == (1, "generate", "aot")
    assert manifest["model"]["sha256"] == hashlib.sha256(project.files["model.tflite"]).hexdigest()
    assert manifest["board"] == "sim-m4"
    assert manifest["inputs"][0]["shape"] == [1, 6, 6, 1]
    assert set(manifest["memory"]) == {"arena", "scratch", "live_peak", "state", "weights"}
    assert manifest["macs"] == 6 * 6 * 2 * 9 + 3 * 18
    assert set(manifest["files"]) == set(project.files) - {"edgeq.json"}
    for path, digest in manifest["files"].items():
        assert hashlib.sha256(project.files[path]).hexdigest() == digest
    assert set(manifest["sources"]) == {path for path in project.files if path.endswith(".c")}
    assert manifest["include_dirs"] == ["src/common", "src/kernels", "src/network"]


def test_only_the_kernels_that_it_calls_and_their_headers() -> None:
    project = generated(tiny_graph())
    kernels = {Path(path).name for path in project.files if path.startswith("src/kernels/")}
    assert "edgeq_max_pool_plain_s8.c" in kernels
    assert not [name for name in kernels if name.startswith("edgeq_average_pool") or "_dsp" in name]
    here = {Path(path).name for path in project.files}
    for path, data in project.files.items():
        if path.startswith(("src/kernels/", "src/network/")):
            for header in re.findall(r'#include "([^"]+)"', data.decode()):
                assert header in here, (path, header)


def test_a_host_has_no_bare_metal_and_a_board_has() -> None:
    host, board = generated(tiny_graph(), "host").files, generated(tiny_graph(), "sim-m4").files
    for path in ("linker.ld", "src/common/edgeq_startup.c", "src/common/edgeq_fault.c"):
        assert path in board
        assert path not in host
    assert b"{{" not in board["linker.ld"]
    assert not [path for path in board if path.endswith(".j2")]


def test_an_unknown_port() -> None:
    board = load_board("host").model_copy(update={"port": "nowhere"})
    model = write_model(tiny_graph())
    checked: Any = SimpleNamespace(model=model, graph=tiny_graph(), sha256=model_hash(model))
    with pytest.raises(BoardError, match="nowhere"):
        generate(checked, board)


def test_writing(tmp_path: Path) -> None:
    project = generated(tiny_graph())
    folder = tmp_path / "project"
    project.write(folder)
    written = {
        str(p.relative_to(folder).as_posix()): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }
    assert written == dict(project.files)
    project.write(folder)
    (folder / "src" / "mine.c").write_text("int mine;")
    with pytest.raises(UsageError, match=r"src/mine\.c"):
        project.write(folder)
    project.write(folder, force=True)
    assert (folder / "src" / "mine.c").read_text() == "int mine;"
