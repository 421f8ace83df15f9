"""The project for the Dev Board Micro: what is in it, and that it compiles against the SDK's interface."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgeq.backends.coral_micro.generate import generate
from edgeq.base.errors import ModelError, UsageError
from edgeq.boards import load_board
from edgeq.edgetpu.compiler import CUSTOM_OP
from edgeq.features import Preprocessing
from edgeq.graph import (
    DType,
    Graph,
    Operator,
    Tensor,
    load_model,
    read_model,
    write_model,
)

from .conftest import Edgeq, StandIn, net

SDK = Path(__file__).with_name("micro_sdk")
BOARD = load_board("coral-micro")


def split(last: str = "SOFTMAX", custom: str = "") -> Graph:
    """A model of which all but the last operator is compiled."""
    graph = net()
    compiled = Operator("CUSTOM", (0,), (8,), custom_code=CUSTOM_OP, custom_options=b"package")
    end = Operator(last, (8,), (9,), {"beta": 1.0} if last == "SOFTMAX" else {}, custom_code=custom)
    return graph.replace(operators=(compiled, end), name='evil "*/ \\ name')


def test_what_is_in_it() -> None:
    model = write_model(split())
    project = generate(model, split(), BOARD)
    files = project.files
    app = files["src/app/edgeq_app.cc"].decode()
    assert files["model_edgetpu.tflite"] == model
    assert "MicroMutableOpResolver<2>" in app
    assert app.count("resolver.Add") == 2 and "AddSoftmax()" in app and "AddCustom(" in app
    assert 'kModelPath[] = "/model_edgetpu.tflite"' in app and f"kModelBytes = {len(model)};" in app
    assert "STATIC_TENSOR_ARENA_IN_SDRAM(arena" in app and "void app_main(void *parameters)" in app
    cmake = files["CMakeLists.txt"].decode()
    for path in files:
        if path.endswith((".c", ".cc")):
            assert f"    {path}\n" in cmake
    assert re.search(r"add_executable_m7\(edgeq_\w+\n", cmake)
    assert "DATA\n    model_edgetpu.tflite\n" in cmake and "libs_base-m7_freertos" in cmake
    assert "src/common/main.c" not in files and "src/common/edgeq_startup.c" not in files
    readme = files["README.md"].decode()
    assert "flashtool.py --build_dir out --elf_path out/edgeq_" in readme and "SOFTMAX" in readme
    manifest = project.manifest
    assert manifest["operators"] == ["SOFTMAX"] and manifest["board"] == "coral-micro"
    assert manifest["memory"]["arena"] % 65536 == 0


def test_the_same_files_every_time() -> None:
    model = write_model(split())
    assert generate(model, split(), BOARD).files == generate(model, split(), BOARD).files


@pytest.mark.parametrize(
    ("graph", "error", "words"),
    [
        (net(), UsageError, "not compiled"),
        (split("GATHER_ND"), ModelError, "GATHER_ND on the CPU"),
        (split("CUSTOM", "MyDecoder"), ModelError, "MyDecoder on the CPU"),
    ],
)
def test_what_it_refuses(graph: Graph, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        generate(b"", graph, BOARD)


def test_float_outputs_are_refused() -> None:
    graph = split()
    tensors = (*graph.tensors[:9], Tensor("out", (1, 5), DType.FLOAT32))
    with pytest.raises(ModelError, match="not quantized to 8 bits"):
        generate(b"", graph.replace(tensors=tensors), BOARD)


def test_a_model_too_large_for_its_memory() -> None:
    graph = split()
    tensors = (*graph.tensors[:8], Tensor("big", (1, 6000, 6000, 2), DType.INT8), graph.tensors[9])
    with pytest.raises(Exception, match="activations"):
        generate(b"", graph.replace(tensors=tensors), BOARD)


def test_real_compiled_models(shared: Path) -> None:
    model, graph = load_model(shared / "models/edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite")
    project = generate(model, graph, BOARD)
    assert "MicroMutableOpResolver<1>" in project.files["src/app/edgeq_app.cc"].decode()
    assert project.manifest["operators"] == []


@pytest.mark.parametrize("dtype", [DType.INT8, DType.UINT8])
def test_it_compiles_against_the_sdks_interface(tmp_path: Path, dtype: DType) -> None:
    """The SDK's headers stand in, with the signatures that this project uses."""
    c, cxx = shutil.which("gcc"), shutil.which("g++")
    if c is None or cxx is None:
        pytest.skip("no gcc and g++ to compile with")
    graph = split().replace(tensors=tuple(
        Tensor(t.name, t.shape, dtype if t.dtype is DType.INT8 else t.dtype, t.quant,
               None if t.data is None else t.data.astype(np.int64).astype(dtype.numpy)
               if t.dtype is DType.INT8 else t.data)
        for t in split().tensors
    ))  # fmt: skip
    generate(write_model(graph), graph, BOARD).write(tmp_path / "p")
    manifest = json.loads((tmp_path / "p" / "edgeq.json").read_text())
    folders = [f"-I{tmp_path / 'p' / folder}" for folder in manifest["include_dirs"]]
    assert any(source.endswith(".cc") for source in manifest["sources"])
    objects = []
    for number, source in enumerate(manifest["sources"]):
        language = [c, "-std=gnu99"] if source.endswith(".c") else [cxx, "-std=c++17", f"-I{SDK}"]
        objects.append(str(tmp_path / f"{number}.o"))
        command = [*language, "-Wall", "-Wextra", "-Werror", '-DEDGEQ_BUILD_HASH="0"', *folders, "-c"]
        command += [str(tmp_path / "p" / source), "-o", objects[-1]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    partial = ["-r", "-nostdlib", "-o", str(tmp_path / "all.o")]
    subprocess.run([cxx, *objects, *partial], check=True, timeout=60)
    told = subprocess.run(
        ["nm", "-u", str(tmp_path / "all.o")], capture_output=True, text=True, check=True, timeout=60
    )
    assert "edgeq_" not in told.stdout  # nothing of ours is missing


def test_by_the_command_line(standin: StandIn, folder: Path, edgeq: Edgeq, model: bytes) -> None:
    (folder / "net.tflite").write_bytes(model)
    assert edgeq("compile", "net.tflite").code == 0
    result = edgeq("generate", "net-edgetpu/net_edgetpu.tflite", "--board", "coral-micro", "--json")
    assert result.code == 0, result.err
    assert (folder / result.json["project"] / "CMakeLists.txt").is_file()
    assert edgeq("generate", "net.tflite", "--board", "coral-micro", "--out", "x").code == 2
    refused = edgeq("deploy", "net.tflite", "--board", "coral-micro")
    assert refused.code == 2 and "its SDK" in refused.err
    built = edgeq("build", result.json["project"])
    assert built.code == 2 and "SDK" in built.err
    assert read_model(model).operators


def test_what_raw_inputs_undergo_is_known_although_the_compiler_drops_it(
    standin: StandIn, folder: Path, edgeq: Edgeq, model: bytes
) -> None:
    graph = read_model(model)
    (folder / "net.tflite").write_bytes(write_model(graph.preprocessed((Preprocessing(3.0, 7.0),))))
    assert edgeq("compile", "net.tflite").code == 0
    compiled = folder / "net-edgetpu/net_edgetpu.tflite"
    assert read_model(compiled.read_bytes()).preprocessing == (None,)
    assert edgeq("generate", compiled, "--board", "coral-micro", "--out", "p").code == 0
    assert "#define EDGEQ_INPUT_0_MEAN 3.0f" in (folder / "p/src/network/edgeq_network.h").read_text()
    assert "(raw - 3.0) / 7.0" in (folder / "p/README.md").read_text()
