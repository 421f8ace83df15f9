"""Real TensorFlow, onnx2tf and PyTorch, where environment variables name Pythons that have them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgeq.base.errors import ModelError
from edgeq.converter.sources import FRAMEWORKS, Environments, Loaded, load_source
from edgeq.converter.sources.environments import FrameworkName
from edgeq.graph import read_model
from edgeq.interpreter import run

pytestmark = pytest.mark.slow

KERAS = """
import sys, keras, numpy as np
keras.utils.set_random_seed(0)
m = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, padding="same", activation="relu"),
    keras.layers.BatchNormalization(), keras.layers.Flatten(), keras.layers.Dense(5)])
m.save("m.keras"); m.save("m.h5"); m.export("m_saved")
x = np.random.default_rng(0).normal(size=(3, 8, 8, 3)).astype("float32")
np.savez("truth.npz", x=x, y=np.asarray(m(x)))
"""
ONNX = """
import numpy as np, onnx
from onnx import helper as h, numpy_helper as n, TensorProto as T
from onnx.reference import ReferenceEvaluator
r = np.random.default_rng(0)
c = lambda name, *s: n.from_array(r.normal(0, .3, s).astype("float32"), name)
nodes = [h.make_node("Conv", ["x", "w1", "b1"], ["c"], pads=[1] * 4, kernel_shape=[3, 3]),
    h.make_node("Relu", ["c"], ["r"]), h.make_node("Flatten", ["r"], ["f"], axis=1),
    h.make_node("Gemm", ["f", "w2", "b2"], ["y"], transB=1)]
g = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", T.FLOAT, ["n", 3, 8, 8])],
    [h.make_tensor_value_info("y", T.FLOAT, ["n", 5])],
    [c("w1", 4, 3, 3, 3), c("b1", 4), c("w2", 5, 256), c("b2", 5)])
m = h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
onnx.save(m, "m.onnx")
x = r.normal(size=(3, 3, 8, 8)).astype("float32")
np.savez("truth.npz", x=x, y=ReferenceEvaluator(m).run(None, {"x": x})[0])
"""
TORCH = """
import numpy as np, torch
from torch import nn
def model():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 5))
    return net, torch.zeros(2, 3, 8, 8)
if __name__ == "__main__":
    net, x = model()
    torch.export.save(torch.export.export(net.eval(), (x[:1],)), "m.pt2")
    x = torch.randn(3, 3, 8, 8)
    np.savez("truth.npz", x=x.numpy(), y=net(x).detach().numpy())
"""


SEVERAL = """
import json, keras, numpy as np, tensorflow as tf
names = json.load(open("names.json"))
class Module(tf.Module):
    pass
specs = [tf.TensorSpec([None, 4], name=name) for name in names]
def mixed(*values):
    return {"out_" + name: (i + 2.0) * value + i for i, (name, value) in enumerate(zip(names, values))}
module = Module()
module.f = tf.function(mixed, input_signature=specs)
tf.saved_model.save(module, "function", signatures=module.f)
inputs = [keras.Input((4,), name=name) for name in names]
scaled = [keras.layers.Rescaling(i + 2.0, float(i))(one) for i, one in enumerate(inputs)]
keras.Model(inputs, scaled).export("listed")
keras.Model(dict(zip(names, inputs)), dict(zip(names, scaled))).export("mapped")
"""
SEVERAL_ONNX = """
import json, onnx
from onnx import helper as h, TensorProto as T
names = json.load(open("names.json"))
nodes = [h.make_node("Mul", [name, name], ["out_" + name]) for name in names]
value = lambda name: h.make_tensor_value_info(name, T.FLOAT, [1, 4])
g = h.make_graph(nodes, "g", list(map(value, names)), [value("out_" + name) for name in names])
onnx.save(h.make_model(g, opset_imports=[h.make_opsetid("", 17)], ir_version=8), "several.onnx")
"""


TWO_SIGNATURES = """
import tensorflow as tf
class Module(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([1, 3], tf.float32)])
    def double(self, x):
        return {"y": x * 2.0}
    @tf.function(input_signature=[tf.TensorSpec([1, 3], tf.float32)])
    def square(self, x):
        return {"y": x * x}
module = Module()
tf.saved_model.save(module, "two", signatures={"double": module.double, "square": module.square})
open("two.tflite", "wb").write(tf.lite.TFLiteConverter.from_saved_model("two").convert())
"""


def made(name: FrameworkName, program: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the real framework make models and truth in the working folder; skip where it is not named."""
    variable = FRAMEWORKS[name].variable
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python with {name}")
    monkeypatch.chdir(folder)
    (folder / "net.py").write_text(program)
    done = subprocess.run([python, "net.py"], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def equal(loaded: Loaded) -> None:
    """The .tflite gives what the framework gave, one sample at a time, channels last."""
    (shape,) = (tensor.shape for tensor in loaded.graph.input_tensors)
    assert shape == (1, 8, 8, 3)
    assert "TRANSPOSE" not in [op.opcode for op in loaded.graph.operators]
    truth = np.load("truth.npz")
    x = truth["x"] if truth["x"].shape[-1] == 3 else np.moveaxis(truth["x"], 1, -1)
    (y,) = run(loaded.model, [x])
    np.testing.assert_allclose(y, truth["y"], rtol=1e-3, atol=1e-4)
    assert read_model(loaded.model).input_tensors[0].shape_signature[0] == 1


def test_keras_and_saved_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("tensorflow", KERAS, tmp_path, monkeypatch)
    for name in ("m.keras", "m.h5", "m_saved"):
        equal(load_source(Path(name), Environments.from_environ()))


def test_signatures_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("tensorflow", TWO_SIGNATURES, tmp_path, monkeypatch)
    x = np.array([[1.5, -2.0, 3.0]], np.float32)
    for source in (Path("two"), Path("two.tflite")):
        for name, truth in (("double", 2 * x), ("square", x * x)):
            loaded = load_source(source, Environments.from_environ(), signature=name)
            np.testing.assert_array_equal(run(loaded.model, [x])[0], truth)
        with pytest.raises(ModelError, match="no signature") as refused:
            load_source(source, Environments.from_environ(), signature="cube")
        assert "double, square" in refused.value.message + refused.value.hint


def test_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("onnx", ONNX, tmp_path, monkeypatch)
    equal(load_source(Path("m.onnx"), Environments.from_environ()))


def test_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made("torch", TORCH, tmp_path, monkeypatch)
    for name in ("net:model", "m.pt2"):
        equal(load_source(Path(name), Environments.from_environ()))


def random_names(seed: int, folder: Path) -> list[str]:
    """Names whose order is no alphabetical one, in ``names.json``."""
    random = np.random.default_rng(seed)
    names = [f"{random.choice(list('zyxmba'))}{position}" for position in range(int(random.integers(2, 5)))]
    random.shuffle(names)
    (folder / "names.json").write_text(json.dumps(names))
    return names


@pytest.mark.parametrize("seed", range(2))
def test_names_and_order_of_saved_models(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = random_names(seed, tmp_path)
    made("tensorflow", SEVERAL, tmp_path, monkeypatch)
    x = [np.full((1, 4), position + 1, np.float32) for position in range(len(names))]
    for source in ("function", "listed", "mapped"):
        loaded = load_source(Path(source), Environments.from_environ())
        found = [tensor.alias for tensor in loaded.graph.input_tensors]
        if source == "mapped":
            assert sorted(found) == sorted(names) and not loaded.graph.is_in_source_order
        else:
            assert found == names and loaded.graph.is_in_source_order, source
        outputs = [tensor.alias for tensor in loaded.graph.output_tensors]
        answers = run(loaded.model, [x[names.index(name)] for name in found])
        for output, answer in zip(outputs, answers, strict=True):
            position = (
                int(output.removeprefix("output_"))
                if source == "listed"
                else names.index(output.removeprefix("out_"))
            )
            assert np.allclose(answer, (position + 2) * (position + 1) + position), (source, output)


@pytest.mark.parametrize("seed", range(2))
def test_names_and_order_of_onnx(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = random_names(seed, tmp_path)
    made("onnx", SEVERAL_ONNX, tmp_path, monkeypatch)
    loaded = load_source(Path("several.onnx"), Environments.from_environ())
    assert [tensor.alias for tensor in loaded.graph.input_tensors] == names
    assert [tensor.alias for tensor in loaded.graph.output_tensors] == [f"out_{name}" for name in names]
    assert loaded.graph.is_in_source_order
    answers = run(loaded.model, [np.full((1, 4), i + 1, np.float32) for i in range(len(names))])
    assert [float(answer[0, 0]) for answer in answers] == [(i + 1) ** 2 for i in range(len(names))]
