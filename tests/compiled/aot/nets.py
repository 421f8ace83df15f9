"""Small networks put together operator by operator, for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor
from edgeq.graph.quantization import LIMITS
from edgeq.interpreter import sample_shape


class Net:
    """Collects tensors and operators; every quantization not given is drawn from ``seed``.

    Args:
        dtype: of activations of which none is given.
    """

    def __init__(self, seed: int = 0, name: str = "net", dtype: DType = DType.INT8) -> None:
        self.dtype = dtype
        self.random = np.random.default_rng(seed)
        self.name = name
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []

    def tensor(
        self,
        shape: Sequence[int],
        quant: tuple[float, int] | None = None,
        *,
        data: np.ndarray | None = None,
        dtype: DType | None = None,
        name: str = "",
    ) -> int:
        if dtype is None and self.dtype not in LIMITS:
            quant = None
        dtype = dtype or self.dtype
        if quant is None and dtype in (DType.INT8, DType.UINT8, DType.INT16):
            quant = self.quant(dtype)
        if quant is not None and dtype is DType.INT16:
            quant = quant[0], 0
        params = None if quant is None else QuantParams.per_tensor(*quant)
        index = len(self.tensors)
        self.tensors.append(Tensor(name or f"t{index}", tuple(map(int, shape)), dtype, params, data))
        return index

    def quant(self, dtype: DType = DType.INT8) -> tuple[float, int]:
        scale = float(np.float32(np.exp(self.random.uniform(np.log(0.004), np.log(0.3)))))
        low, high = (0, 256) if dtype == DType.UINT8 else (-128, 128)
        return scale, int(self.random.integers(low, high))

    def input(self, shape: Sequence[int], quant: tuple[float, int] | None = None, **more: object) -> int:
        index = self.tensor(shape, quant, **more)  # type: ignore[arg-type]
        self.inputs.append(index)
        return index

    def constant(self, shape: Sequence[int], quant: tuple[float, int] | None = None) -> int:
        return self.tensor(shape, quant, data=drawn(self.random, shape, self.dtype))

    def ints(self, values: object) -> int:
        data = np.array(values, np.int32)
        return self.tensor(data.shape, data=data, dtype=DType.INT32)

    def op(
        self,
        opcode: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        quant: tuple[float, int] | None = None,
        *,
        dtype: DType | None = None,
        output: bool = False,
        **options: int | float | str | bool | tuple[int, ...],
    ) -> int:
        index = self.tensor(shape, quant, dtype=dtype)
        self.operators.append(Operator(opcode, tuple(inputs), (index,), options))
        if output:
            self.outputs.append(index)
        return index

    def parts(
        self,
        opcode: str,
        inputs: Sequence[int],
        shapes: Sequence[Sequence[int]],
        quant: tuple[float, int] | None = None,
        *,
        output: bool = False,
        **options: int | float | str | bool | tuple[int, ...],
    ) -> tuple[int, ...]:
        """An operator with several outputs."""
        made = tuple(self.tensor(shape, quant) for shape in shapes)
        self.operators.append(Operator(opcode, tuple(inputs), made, options))
        if output:
            self.outputs += made
        return made

    def same_quant(self, tensor: int) -> tuple[float, int]:
        quant = self.tensors[tensor].quant
        assert quant is not None
        return quant.scale, quant.zero_point

    def graph(self) -> Graph:
        return Graph(
            self.name, tuple(self.tensors), tuple(self.operators), tuple(self.inputs), tuple(self.outputs)
        )

    def samples(self, n: int, seed: int = 1) -> list[np.ndarray]:
        random = np.random.default_rng(seed)
        arrays = []
        for index in self.inputs:
            tensor = self.tensors[index]
            arrays.append(drawn(random, (n, *sample_shape(tensor.shape)), tensor.dtype))
        return arrays


def drawn(random: np.random.Generator, shape: Sequence[int], dtype: DType) -> np.ndarray:
    """Values over all of a type, real ones of every size."""
    if dtype.is_float:
        return (random.normal(size=tuple(shape)) * np.exp(random.uniform(-5, 9, tuple(shape)))).astype(
            np.float32
        )
    if dtype is DType.BOOL:
        return random.integers(0, 2, tuple(shape)).astype(np.bool_)
    limits = np.iinfo(dtype.numpy)
    return random.integers(limits.min, limits.max, tuple(shape), dtype=dtype.numpy, endpoint=True)


def pooled(size: int, window: int, stride: int, padding: str) -> int:
    """The output size of a pooling."""
    return -(-size // stride) if padding == "SAME" else (size - window) // stride + 1


def activations(random: np.random.Generator) -> str:
    return str(random.choice(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"]))


FIXED = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0), "SOFTMAX": (1 / 256, -128)}


N = TypeVar("N", bound=Net)


def filled(net: N, *makes: Callable[[N], object]) -> N:
    """The network with what each of them adds."""
    for make in makes:
        make(net)
    return net
