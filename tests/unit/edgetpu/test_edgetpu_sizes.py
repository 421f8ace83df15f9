"""Shapes at another size of the input image, and the largest size at which nothing is too large."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgeq.edgetpu import predict
from edgeq.edgetpu.sizes import SmallerInput, at_size, largest_input
from edgeq.graph import ABSENT, Graph, Operator, OptionValue, Tensor, load_model, shapes, write_model

from .edgetpu_models import activation, bias, numbers, weights


class Net:
    """A model that grows operator by operator."""

    def __init__(self, *shape: int) -> None:
        self.tensors: list[Tensor] = [activation("image", *shape)]
        self.operators: list[Operator] = []

    def add(
        self,
        opcode: str,
        given: tuple[int | Tensor, ...],
        shape: tuple[int, ...],
        options: dict[str, OptionValue] | None = None,
        version: int = 1,
    ) -> int:
        """The index of what the new operator makes."""
        inputs = tuple(self._place(one) for one in given)
        self.tensors.append(activation(f"t{len(self.tensors)}", *shape))
        self.operators.append(Operator(opcode, inputs, (len(self.tensors) - 1,), options or {}, version))
        return len(self.tensors) - 1

    def _place(self, one: int | Tensor) -> int:
        if not isinstance(one, Tensor):
            return one
        self.tensors.append(one)
        return len(self.tensors) - 1

    def graph(self) -> Graph:
        return Graph("net", tuple(self.tensors), tuple(self.operators), (0,), (len(self.tensors) - 1,))


def window(stride: int, padding: str, size: int = 0) -> dict[str, OptionValue]:
    options: dict[str, OptionValue] = {"padding": padding, "stride_h": stride, "stride_w": stride}
    kernel = ("filter_height", "filter_width") if size else ("dilation_h_factor", "dilation_w_factor")
    return options | dict.fromkeys(kernel, size or 1)


def branches() -> Graph:
    net = Net(1, 64, 64, 3)
    first = net.add(
        "CONV_2D", (0, weights("w", 8, 3, 3, 3), bias("wb", 8)), (1, 32, 32, 8), window(2, "SAME"), 3
    )
    pads = Tensor(
        "p", (4, 2), numbers("n", 0).dtype, None, np.array([[0, 0], [1, 2], [1, 2], [0, 0]], np.int32)
    )
    padded = net.add("PAD", (first, pads), (1, 35, 35, 8))
    options = window(1, "VALID") | {"depth_multiplier": 1}
    second = net.add(
        "DEPTHWISE_CONV_2D", (padded, weights("d", 1, 4, 4, 8), bias("db", 8)), (1, 32, 32, 8), options, 3
    )
    total = net.add("ADD", (first, second), (1, 32, 32, 8))
    joined = net.add("CONCATENATION", (total, second), (1, 32, 32, 16), {"axis": 3})
    pooled = net.add("MAX_POOL_2D", (joined,), (1, 15, 15, 16), window(2, "VALID", 3))
    net.add("MEAN", (pooled, numbers("axes", 1, 2)), (1, 1, 1, 16), {"keep_dims": True})
    return net.graph()


@pytest.mark.parametrize(("height", "width"), [(64, 64), (40, 56), (33, 47), (128, 96)])
def test_the_interpreter_finds_the_same_shapes(height: int, width: int) -> None:
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    graph = branches()
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_content=write_model(graph), experimental_op_resolver_type=plain)
    interpreter.resize_tensor_input(0, [1, height, width, 3])
    interpreter.allocate_tensors()
    real = {one["name"]: tuple(int(n) for n in one["shape"]) for one in interpreter.get_tensor_details()}
    made = at_size(graph, height, width)
    for tensor in made.tensors:
        assert tensor.shape == real[tensor.name], tensor.name


def test_what_constants_say_goes_along() -> None:
    """A resize to the size of a skip connection, a pooling over all, a flattened head with its anchors."""
    net = Net(1, 513, 513, 3)
    small = net.add("CONV_2D", (0, weights("w", 8, 3, 3, 3), ABSENT), (1, 33, 33, 8), window(16, "SAME"), 3)
    pooled = net.add("AVERAGE_POOL_2D", (small,), (1, 1, 1, 8), window(33, "VALID", 33))
    wide = net.add("RESIZE_BILINEAR", (pooled, numbers("s", 33, 33)), (1, 33, 33, 8))
    joined = net.add("CONCATENATION", (small, wide), (1, 33, 33, 16), {"axis": 3})
    flat = net.add("RESHAPE", (joined, numbers("r", 1, 1089, 16)), (1, 1089, 16))
    anchors = activation("anchors", 1, 1089, 1)
    anchored = net.add(
        "MUL",
        (flat, Tensor("a", (1, 1089, 1), anchors.dtype, anchors.quant, np.ones((1, 1089, 1), np.int8))),
        (1, 1089, 16),
    )
    net.add("TRANSPOSE", (anchored, numbers("t", 0, 2, 1)), (1, 16, 1089))
    graph = net.graph()
    made = at_size(graph, 257, 257)
    found = [made[tensor].shape for op in made.operators for tensor in op.outputs]
    whole = [(1, 17, 17, 8), (1, 1, 1, 8), (1, 17, 17, 8), (1, 17, 17, 16)]
    assert found == [*whole, (1, 289, 16), (1, 289, 16), (1, 16, 289)]
    assert made.operators[1].options["filter_height"] == 17
    same = at_size(graph, 513, 513)
    assert [tensor.shape for tensor in same.tensors] == [tensor.shape for tensor in graph.tensors]


def upsampled(side: int, depth: int = 8) -> Graph:
    net = Net(1, side, side, depth)
    size = numbers("s", 2 * side, 2 * side)
    net.add("RESIZE_NEAREST_NEIGHBOR", (0, size), (1, 2 * side, 2 * side, depth))
    return net.graph()


def test_the_largest_size_is_found() -> None:
    """Input and output may have 3 MiB together, 40 bytes for each of 280x280: 256 is the step below."""
    graph = upsampled(512)
    found = largest_input(graph, predict(graph))
    assert found == SmallerInput(256, 256, 1, 1)
    assert predict(upsampled(256)).mapped == (True,)
    assert predict(upsampled(288)).mapped == (False,)


def test_a_size_that_the_compiler_refuses() -> None:
    net = Net(1, 1024, 2048, 3)
    net.add("CONV_2D", (0, weights("w", 16, 3, 3, 3), ABSENT), (1, 1024, 2048, 16), window(1, "SAME"), 3)
    graph = net.graph()
    assert predict(graph).failure is not None
    found = largest_input(graph, predict(graph))
    assert found is not None and (found.height, found.width) == (512, 1024)
    assert 512 * 1024 * 16 == 8 * 2**20


def test_where_no_size_is_named() -> None:
    """All maps; a dense layer ties the model to its image; what is left out is not so for its size."""
    assert largest_input(branches(), predict(branches())) is None
    net = Net(1, 512, 512, 8)
    up = net.add("RESIZE_NEAREST_NEIGHBOR", (0, numbers("s", 1024, 1024)), (1, 1024, 1024, 8))
    flat = net.add("RESHAPE", (up, numbers("r", 1, 8388608)), (1, 8388608))
    net.add("FULLY_CONNECTED", (flat, weights("d", 1, 8388608), ABSENT), (1, 1))
    assert largest_input(net.graph(), predict(net.graph())) is None
    swish = Net(1, 64, 64, 8)
    swish.add("HARD_SWISH", (0,), (1, 64, 64, 8))
    assert largest_input(swish.graph(), predict(swish.graph())) is None


def test_models_keep_their_shapes_at_their_own_size(shared: Path) -> None:
    folder = shared / "models" / "edgetpu"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    for path in sorted(folder.glob("*_quant*.tflite")):
        if path.stem.endswith("_edgetpu"):
            continue
        _, graph = load_model(path)
        _, height, width, _ = graph.input_tensors[0].shape
        same = at_size(graph, height, width)
        assert [tensor.shape for tensor in same.tensors] == [tensor.shape for tensor in graph.tensors]
    _, graph = load_model(folder / "mobilenet_v2_1.0_224_quant.tflite")
    assert at_size(graph, 160, 96)[graph.outputs[0]].shape == (1, 1001)
    with pytest.raises(shapes.Contradiction):
        at_size(load_model(folder / "split_concat.tflite")[1], 16, 16)


def test_the_command_says_it(shared: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import json

    from edgeq.cli import main

    path = shared / "cases" / "coral" / "i597_up_conv_resize_leaky.tflite"
    if not path.is_file():
        pytest.skip(f"no {path}")
    assert main(["check", str(path), "--target", "edgetpu"]) == 0
    assert "try 320x320: 3 of 4 operators map then" in capfd.readouterr().out
    main(["check", str(path), "--target", "edgetpu", "--json"])
    told = json.loads(capfd.readouterr().out)["largest_input"]
    assert told == {"height": 320, "width": 320, "mapped": 3, "total": 4}
