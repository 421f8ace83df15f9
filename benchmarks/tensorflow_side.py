"""TensorFlow's own converter on a float .tflite model: the other side of convert.py and accuracy.py.

    PYTHONPATH=. PYTHON-WITH-TENSORFLOW benchmarks/tensorflow_side.py MODEL X.npy OUT [X.npy OUT ...]

TFLiteConverter takes no .tflite file, so the model is built anew as a TensorFlow function, operator by
operator, and converted to full int8, inputs and outputs too, once for each file of representative samples.
With --expect Y.npy nothing is converted: the function is run on the samples and compared with the outputs Y
that the .tflite gave in LiteRT. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BEGUN = time.perf_counter()

import numpy as np  # noqa: E402  # what comes before is timed
import tensorflow as tf  # noqa: E402  # as above

from edgeq.graph import ABSENT, Graph, Operator, load_model  # noqa: E402  # as above

IMPORTED = time.perf_counter()
_FUSED: dict[str, Callable[[Any], Any]] = {"NONE": lambda x: x, "RELU": tf.nn.relu, "RELU6": tf.nn.relu6}


def function(graph: Graph) -> Any:
    """A concrete function of one sample that computes what the graph does.

    Raises:
        SystemExit: an operator that is not here.
    """

    def call(*given: Any) -> list[Any]:
        known = dict(zip(graph.inputs, given, strict=True))
        for op in graph.operators:
            rows = [_value(graph, known, index) for index in op.inputs if index != ABSENT]
            known[op.outputs[0]] = _operator(graph, op, rows)
        return [known[index] for index in graph.outputs]

    signature = [
        tf.TensorSpec(tensor.shape, tf.float32, f"x{i}") for i, tensor in enumerate(graph.input_tensors)
    ]
    return tf.function(call).get_concrete_function(*signature)


def _value(graph: Graph, known: dict[int, Any], index: int) -> Any:
    return known[index] if index in known else tf.constant(graph[index].data)


def _operator(graph: Graph, op: Operator, inputs: list[Any]) -> Any:
    options = op.options
    x, *rest = inputs
    strides = [1, options.get("stride_h", 1), options.get("stride_w", 1), 1]
    padding = options.get("padding")
    if op.opcode == "CONV_2D":
        made = tf.nn.conv2d(x, tf.transpose(rest[0], (1, 2, 3, 0)), strides, padding)
    elif op.opcode == "DEPTHWISE_CONV_2D":
        height, width = graph[op.inputs[1]].shape[1:3]
        kernel = tf.reshape(rest[0], (height, width, x.shape[-1], -1))
        made = tf.nn.depthwise_conv2d(x, kernel, strides, padding)
    elif op.opcode == "FULLY_CONNECTED":
        made = tf.matmul(x, rest[0], transpose_b=True)
    elif op.opcode in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        pool = tf.nn.avg_pool2d if op.opcode == "AVERAGE_POOL_2D" else tf.nn.max_pool2d
        made = pool(x, (options["filter_height"], options["filter_width"]), strides, padding)
    elif op.opcode == "CONCATENATION":
        made = tf.concat(inputs, options["axis"])
    elif op.opcode == "RESHAPE":
        made = tf.reshape(x, graph[op.outputs[0]].shape)
    elif op.opcode in ("ADD", "MUL"):
        made = x + rest[0] if op.opcode == "ADD" else x * rest[0]
    elif op.opcode in ("LOGISTIC", "SOFTMAX"):
        return tf.sigmoid(x) if op.opcode == "LOGISTIC" else tf.nn.softmax(x)
    else:
        sys.exit(f"no {op.opcode} in benchmarks/tensorflow_side.py")
    if op.opcode in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED") and len(rest) > 1:
        made = tf.nn.bias_add(made, rest[1])
    return _FUSED[str(options.get("fused_activation_function", "NONE"))](made)


def quantized(made: Any, samples: Any) -> bytes:
    """Full int8 by TensorFlow, strict: nothing but int8 operators."""

    def representative() -> Iterator[list[Any]]:
        for sample in samples:
            yield [sample[None]]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([made], made)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = representative
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def main() -> None:
    """Convert, or compare; one JSON object on stdout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("files", type=Path, nargs="+", metavar="X.npy OUT")
    parser.add_argument("--expect", type=Path, metavar="Y.npy")
    arguments = parser.parse_args()
    _, graph = load_model(arguments.model)
    made = function(graph)
    told: dict[str, Any] = {"tool": f"tensorflow {tf.__version__}", "import_s": IMPORTED - BEGUN}
    if arguments.expect is not None:
        samples, wanted = np.load(arguments.files[0]), np.load(arguments.expect)
        found = np.concatenate([made(tf.constant(sample[None]))[0].numpy() for sample in samples])
        told["off_by"] = float(np.abs(found - wanted).max() / np.abs(wanted).max())
    else:
        told["convert_s"] = []
        for source, out in zip(arguments.files[::2], arguments.files[1::2], strict=True):
            samples = np.load(source)
            begun = time.perf_counter()
            model = quantized(made, samples)
            told["convert_s"].append(time.perf_counter() - begun)
            out.write_bytes(model)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
