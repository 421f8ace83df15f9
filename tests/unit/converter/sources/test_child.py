"""The child that runs a framework, with stand-ins for it: what crashes, hangs, or talks nonsense."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import ends, is_written, waits_begin_after

from edgeq.base.errors import ModelError, ToolMissingError
from edgeq.converter.sources import FRAMEWORKS, Environments, load_source, probe
from edgeq.data import load_data
from edgeq.graph import DType, Graph, Operator, Tensor, read_model, write_model


def program(path: Path, text: str) -> str:
    """An executable in the place of a Python; its arguments are WORKER KIND SOURCE FOLDER."""
    path.write_text(text)
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "m.keras"
    path.write_bytes(b"a Keras model")
    return path


def making(folder: Path) -> str:
    """A program that makes ``made.tflite`` of any source."""
    return program(
        folder / "python",
        f'#!/bin/sh\necho chatter\ncp {folder}/made.tflite "$4/model.tflite"\n'
        'echo \'{"tool": "stand-in 1", "notes": ["It was easy."]}\' > "$4/answer.json"\n',
    )


def model() -> bytes:
    tensors = (Tensor("x", (1, 4), DType.FLOAT32), Tensor("y", (1, 4), DType.FLOAT32))
    return write_model(Graph("m", tensors, (Operator("RELU", (0,), (1,)),), (0,), (1,)))


def refused(source: Path, script: str, timeout: float = 30.0) -> ModelError:
    python = program(source.parent / "python", script)
    with pytest.raises(ModelError) as caught:
        load_source(source, Environments(tensorflow=python, timeout=timeout))
    assert caught.value.hint
    return caught.value


def test_what_a_converter_makes_is_read_and_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "made.tflite").write_bytes(model())
    loaded = load_source(source, Environments(tensorflow=making(tmp_path)))
    assert [op.opcode for op in read_model(loaded.model).operators] == ["RELU"]
    assert loaded.graph.name == "m"
    assert loaded.notes == (f"{source} was converted by stand-in 1.", "It was easy.")


@pytest.mark.parametrize(("signature", "frozen"), [((-1, 4), (1, 4)), ((-1, -1), (-1, -1))])
def test_an_open_batch_is_frozen_and_other_open_dimensions_are_not(
    source: Path, tmp_path: Path, signature: tuple[int, ...], frozen: tuple[int, ...]
) -> None:
    graph = read_model(model())
    tensors = tuple(replace(tensor, shape_signature=signature) for tensor in graph.tensors)
    (tmp_path / "made.tflite").write_bytes(write_model(graph.replace(tensors=tensors)))
    loaded = load_source(source, Environments(tensorflow=making(tmp_path)))
    assert read_model(loaded.model).input_tensors[0].shape_signature == frozen


@pytest.mark.parametrize("end", ["kill -SEGV $$", "exit 139"])
def test_a_crash_is_told(source: Path, end: str) -> None:
    error = refused(source, f"#!/bin/sh\necho the last words >&2\n{end}\n")
    assert "crashed (signal SIGSEGV)" in error.message
    assert "the last words" in error.message
    assert "unroll=True" in error.hint


def test_a_hanging_converter_and_what_it_started_are_ended(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = tmp_path / "pid"
    waits_begin_after(lambda: is_written(marker), monkeypatch)
    error = refused(source, f"#!/bin/sh\nsleep 600 &\necho $! > {marker}\nwait\n", timeout=0.5)
    assert "stopped after 0.5 s" in error.message
    assert ends(int(marker.read_text())), "the grandchild lives on"


@pytest.mark.parametrize("answer", ["", "not JSON", "[1]", '{"tool": "x"'])
def test_no_answer_is_told(source: Path, answer: str) -> None:
    error = refused(source, f"#!/bin/sh\nprintf '%s' '{answer}' > \"$4/answer.json\"\nexit 3\n")
    assert "without an answer (exit code 3)" in error.message


def test_a_model_that_is_garbage_is_refused(source: Path) -> None:
    script = '#!/bin/sh\necho garbage, not a flatbuffer > "$4/model.tflite"\necho \'{}\' > "$4/answer.json"\n'
    assert "TFL3" in refused(source, script).message


def test_an_answer_without_a_model_is_told(source: Path) -> None:
    assert "made no model" in refused(source, "#!/bin/sh\necho '{}' > \"$4/answer.json\"\n").message


def test_a_python_that_is_not_there_is_told_with_the_command(source: Path) -> None:
    with pytest.raises(ToolMissingError) as caught:
        load_source(source, Environments(tensorflow="/nowhere/python"))
    assert "pip install 'tensorflow>=2.16'" in caught.value.hint
    assert "EDGEQ_TF_PYTHON=" in caught.value.hint


def test_a_source_that_does_not_exist_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        load_source(tmp_path / "m.onnx", Environments(onnx="/nowhere/python"))


def with_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **packages: str) -> None:
    """Stand-ins for packages, in front of whatever this Python has."""
    for name, text in packages.items():
        (tmp_path / "stubs" / name).mkdir(parents=True)
        (tmp_path / "stubs" / name / "__init__.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stubs"))


HERE = Environments(sys.executable, sys.executable, sys.executable)


def test_the_worker_says_which_package_is_missing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = 'raise ModuleNotFoundError("No module named tensorflow", name="tensorflow")'
    with_packages(tmp_path, monkeypatch, tensorflow=missing)
    with pytest.raises(ToolMissingError, match="has no package tensorflow"):
        load_source(source, HERE)


TORCH = """
class Tensor:
    def __init__(self, *shape): self.shape = shape
    def dim(self): return len(self.shape)
    def __getitem__(self, _): return Tensor(1, *self.shape[1:])
"""
LITERT_TORCH = """
import shutil, torch
class Edge:
    def export(self, path): shutil.copy("made.tflite", path)
def convert(module, inputs):
    assert module.evaluating and [one.shape for one in inputs] == [(1, 4)]
    print("much")
    return Edge()
"""
NET = """
import torch
class Module:
    evaluating = False
    def eval(self):
        self.evaluating = True
        return self
def model(): return Module(), torch.Tensor(8, 4)
def wrong(): return 7
def broken(): raise RuntimeError("weights are lost")
"""


@pytest.fixture
def torch_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with_packages(tmp_path, monkeypatch, torch=TORCH, litert_torch=LITERT_TORCH)
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "made.tflite").write_bytes(model())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_function_of_the_working_folder_gives_module_and_example(torch_here: Path) -> None:
    loaded = load_source(Path("net:model"), HERE)
    assert loaded.graph.name == "net"
    assert "batch of 8; the model takes one sample" in loaded.notes[1]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("net:wrong", r"has to return \(module, example input\), it returned int"),
        ("net:broken", "RuntimeError: weights are lost"),
        ("net:absent", "has no attribute 'absent'"),
        ("nothere:model", "there is no module nothere"),
    ],
)
def test_faults_of_the_users_function_are_told(torch_here: Path, spec: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        load_source(Path(spec), HERE)


def test_a_probe_starts_no_framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_packages(tmp_path, monkeypatch, tensorflow="raise SystemExit('imported')")
    assert probe(FRAMEWORKS["tensorflow"], HERE).works
    absent = probe(replace(FRAMEWORKS["torch"], modules=("edgeq_has_no_such_module",)), HERE)
    assert (absent.works, "no edgeq_has_no_such_module" in absent.found) == (False, True)
    assert not probe(FRAMEWORKS["onnx"], Environments(onnx="/bin/true")).works
    for version, works in (("1.29.24", False), ("2.6.9", True), ("", False)):
        answer = f'[["onnx2tf", true, "{version}"], ["tensorflow", false, ""], ["onnx", true, "1.20"]]'
        python = tmp_path / "python"
        python.write_text(f"#!/bin/sh\necho '{answer}'\n")
        python.chmod(0o755)
        found = probe(FRAMEWORKS["onnx"], Environments(onnx=str(python)))
        assert found.works == works, "from version 2 on onnx2tf needs no TensorFlow"
        assert ("tensorflow" in found.found) == (not works)
    assert not probe(FRAMEWORKS["onnx"], Environments(onnx="/nowhere/python")).works


def test_environment_variables_name_the_pythons() -> None:
    found = Environments.from_environ({"EDGEQ_TF_PYTHON": "/a/python", "EDGEQ_TORCH_PYTHON": ""})
    assert found.python("tensorflow") == "/a/python"
    assert found.python("torch") == found.python("onnx") == sys.executable


def test_images_with_their_channels_first_are_turned(tmp_path: Path) -> None:
    import numpy as np

    x = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    np.save(tmp_path / "x.npy", x)
    data = load_data(str(tmp_path / "x.npy"), [Tensor("x", (1, 4, 5, 3), DType.FLOAT32)])
    np.testing.assert_array_equal(data.x[0], np.moveaxis(x, 1, -1))
    assert "channels first" in data.notes[0]
