"""The child: one source made a float .tflite, by whichever Python has the framework. It imports no edgeq.

Called as ``python worker.py KIND SOURCE FOLDER SIGNATURE``; leaves ``model.tflite`` and ``answer.json`` in
FOLDER. What the frameworks print does not matter. The answer has the source's own names of inputs and
outputs, in its order: converters name and order them anew.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Refused(Exception):
    """What the user can do something about."""


class Ends:
    """The source's inputs and outputs in its order, as far as it has one.

    Attributes:
        signature: which of a SavedModel's is asked for; empty for the usual one.
        inputs, outputs: of each its name, and what the converter may have made of that; empty where nothing
            is known but the converter's own names.
    """

    def __init__(self) -> None:
        self.signature = ""
        self.inputs: list[tuple[str, list[str]]] = []
        self.outputs: list[tuple[str, list[str]]] = []


def keras(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """A .keras or .h5 file."""
    import tensorflow as tf

    given = model = _keras_model(source, tf)
    try:
        model = _one_sample(given, tf)
    except Refused:
        raise
    except Exception as error:  # a model of a kind that cannot be called anew keeps its batch
        notes.append(f"The batch could not be fixed in Keras ({_line(error)}); edgeq freezes it.")
    (folder / "model.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    ends.inputs = [(one.name, [made.name]) for one, made in zip(given.inputs, model.inputs, strict=True)]
    if isinstance(model.output, dict):
        ends.outputs = [(str(key), [str(key)]) for key in given.output]
    else:
        ends.outputs = [
            (name, [f"output_{i}", made])
            for i, (name, made) in enumerate(zip(_outputs(given), _outputs(model), strict=True))
        ]
    return _versions("tensorflow", "tf_keras" if "tf_keras" in sys.modules else "keras")


def _outputs(model: Any) -> list[str]:
    """Names of outputs; a Sequential of Keras 3.15 has none but its tensor's."""
    return getattr(model, "output_names", None) or [one.name for one in model.outputs]


def _keras_model(source: str, tf: Any) -> Any:
    try:
        return tf.keras.models.load_model(source, compile=False)
    except Exception as error:
        try:
            import tf_keras
        except ImportError:
            raise Refused(
                f"Keras cannot load it: {_line(error)}\n"
                "a model of Keras 2 may need the package tf_keras there; layers of your own have to be "
                "registered, so save such a model with model.export(FOLDER) and give the folder"
            ) from None
        return tf_keras.models.load_model(source, compile=False)


def _one_sample(model: Any, tf: Any) -> Any:
    """The same model with a batch of 1, so that no shape is computed while it runs."""
    home = (
        sys.modules[type(model).__module__.split(".")[0]] if "keras" in type(model).__module__ else tf.keras
    )
    inputs = [
        home.Input(batch_shape=(1, *_free(one.shape)), dtype=one.dtype, name=one.name) for one in model.inputs
    ]
    return home.Model(inputs, model(inputs if len(inputs) > 1 else inputs[0]))


def _free(shape: Iterable[int | None]) -> tuple[int, ...]:
    sizes = tuple(shape)
    rest = tuple(size for size in sizes[1:] if size is not None)
    if len(rest) < len(sizes) - 1:
        raise Refused(f"an input has the shape {sizes}, of which more than the batch is open")
    return rest


def saved_model(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """A SavedModel folder, by its serving signature."""
    import tensorflow as tf

    loaded = tf.saved_model.load(source)
    signatures = dict(loaded.signatures)
    if not signatures:
        raise Refused("the SavedModel has no signature; save it with model.export(FOLDER)")
    name = ends.signature or ("serving_default" if "serving_default" in signatures else sorted(signatures)[0])
    if name not in signatures:
        raise Refused(f"it has no signature {name}; there are: {', '.join(sorted(signatures))}")
    if len(signatures) > 1:
        notes.append(f"Of {len(signatures)} signatures, {name} is taken.")
    run, given = signatures[name], signatures[name].structured_input_signature[1]
    fixed = {}
    for key, spec in given.items():
        if spec.shape.rank is None:
            raise Refused(f"its input {key} has a shape of unknown rank")
        fixed[key] = tf.TensorSpec([1, *_free(spec.shape)] if spec.shape.rank else [], spec.dtype, name=key)
    concrete = tf.function(lambda **values: run(**values)).get_concrete_function(**fixed)  # noqa: PLW0108  # a signature by itself keeps its open batch
    model = tf.lite.TFLiteConverter.from_concrete_functions([concrete], loaded).convert()
    (folder / "model.tflite").write_bytes(model)
    ends.inputs = [(key, [key]) for key in _arguments(loaded, set(given), tf)]
    return _versions("tensorflow")


def _arguments(loaded: Any, names: set[str], tf: Any) -> tuple[str, ...]:
    """A signature's inputs in the order of the function that it was made from; none where that has no order.

    The signature itself takes them by name. The function is known by its arguments' names; of a mapping there
    is no order, and where several functions have other ones, either may be meant.
    """
    orders = set()
    for name in dir(loaded):
        for function in getattr(getattr(loaded, name, None), "concrete_functions", ()):
            arguments, others = function.structured_input_signature
            specs = [one for one in tf.nest.flatten(arguments) if isinstance(one, tf.TensorSpec)]
            order = tuple(spec.name for spec in specs)
            if not others and not _maps(arguments) and len(order) == len(names) and set(order) == names:
                orders.add(order)
    return orders.pop() if len(orders) == 1 else ()


def _maps(arguments: Any) -> bool:
    """Whether a mapping is among nested arguments."""
    if isinstance(arguments, dict):
        return True
    return isinstance(arguments, (list, tuple)) and any(map(_maps, arguments))


def onnx(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """An .onnx file."""
    import os

    import numpy as np
    import onnx2tf

    work = folder / "onnx"
    work.mkdir()
    os.chdir(work)
    # onnx2tf runs a model on images that it fetches unless they lie in the working folder
    images = np.random.default_rng(0).random((20, 128, 128, 3), dtype=np.float32)
    np.save("calibration_image_sample_data_20x128x128x3_float32.npy", images)
    onnx2tf.convert(
        input_onnx_file_path=source, output_folder_path=str(work / "out"), batch_size=1, non_verbose=True
    )
    made = sorted((work / "out").glob("*_float32.tflite"))
    if not made:
        raise Refused("onnx2tf wrote no float32 model")
    made[0].rename(folder / "model.tflite")
    with contextlib.suppress(Exception):  # names are worth having, and no reason to fail
        graph = importlib.import_module("onnx").load(source, load_external_data=False).graph
        constants = {one.name for one in graph.initializer}
        ends.inputs = [(one.name, [one.name]) for one in graph.input if one.name not in constants]
        ends.outputs = [(one.name, [one.name]) for one in graph.output]
    return _versions("onnx2tf", "onnx")


def torch_module(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """A function of the user's that returns (module, example input)."""
    module_name, _, function = source.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        made = getattr(importlib.import_module(module_name), function)()
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        raise Refused(f"there is no module {module_name} in {Path.cwd()}") from None
    if not isinstance(made, tuple) or len(made) != 2 or not hasattr(made[0], "eval"):
        raise Refused(f"{source} has to return (module, example input), it returned {type(made).__name__}")
    module, example = made
    module.eval()
    names: list[str] = []
    with contextlib.suppress(TypeError, ValueError, AttributeError):  # not every forward can be asked
        parameters = inspect.signature(module.forward).parameters.values()
        names = [
            one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)
        ]
    return _torch(module, example, folder, notes, ends, names=names)


def torch_export(source: str, folder: Path, notes: list[str], ends: Ends) -> str:
    """A program that torch.export.save wrote."""
    import torch

    program = torch.export.load(source)
    if not program.example_inputs:
        raise Refused("the exported program has no example inputs; export it with torch.export.export")
    values, named = program.example_inputs
    if named:
        raise Refused(f"the exported program takes named inputs ({', '.join(named)}); export it without")
    names = [str(name) for name in program.graph_signature.user_inputs]
    return _torch(program.module(), tuple(values), folder, notes, ends, names=names, fixed=True)


def _torch(
    module: Any,
    example: Any,
    folder: Path,
    notes: list[str],
    ends: Ends,
    *,
    names: list[str],
    fixed: bool = False,
) -> str:
    """Convert a module; ``names`` are those of its arguments, where they are known."""
    import torch

    try:
        import litert_torch
    except ImportError:
        import ai_edge_torch as litert_torch  # its name before 0.6

    inputs = tuple(example) if isinstance(example, (tuple, list)) else (example,)
    if not all(isinstance(one, torch.Tensor) for one in inputs):
        raise Refused("the example input has to be a tensor, or a tuple of tensors")
    batches = {one.shape[0] for one in inputs if one.dim()}
    if len(batches) == 1 and batches != {1}:
        if fixed:
            raise Refused(
                f"it was exported with a batch of {batches.pop()}; export it with an example of one sample"
            )
        inputs = tuple(one[:1] for one in inputs)
        notes.append(f"The example had a batch of {batches.pop()}; the model takes one sample.")
    litert_torch.convert(module, inputs).export(str(folder / "model.tflite"))
    known = dict(enumerate(names))
    ends.inputs = [(known.get(i, f"args_{i}"), [f"args_{i}"]) for i in range(len(inputs))]
    return _versions("litert-torch", "ai-edge-torch", "torch")


def _versions(*names: str) -> str:
    from importlib import metadata

    told = []
    for name in names:
        with contextlib.suppress(metadata.PackageNotFoundError):
            told.append(f"{name} {metadata.version(name)}")
    return ", ".join(told)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:400]}"


KINDS = {one.__name__: one for one in (keras, saved_model, onnx, torch_module, torch_export)}
PACKAGES = ("tensorflow", "keras", "tf_keras", "onnx2tf", "onnx", "torch", "litert_torch", "ai_edge_torch")


def main(kind: str, source: str, folder: Path, signature: str = "") -> None:
    """Convert, and say how it went."""
    notes: list[str] = []
    ends = Ends()
    ends.signature = signature
    answer: dict[str, object]
    try:
        tool = KINDS[kind](source, folder, notes, ends)
        answer = {"tool": tool, "notes": notes, "inputs": ends.inputs, "outputs": ends.outputs}
    except Refused as error:
        answer = {"error": str(error)}
    except ModuleNotFoundError as error:
        name = (error.name or "").split(".")[0]
        answer = {"missing": name} if name in PACKAGES else {"error": _line(error)}
    except (Exception, SystemExit) as error:  # whatever a framework raises is an answer
        answer = {"error": _line(error)}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [place for place in sys.path if place != here]
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4])
