"""Small networks put together operator by operator, for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgeq.graph import DType, Graph, Operator, QuantParams, Tensor


class Net:
    """Collects tensors and operators; every quantization not given is drawn from ``seed``."""

    def __init__(self, seed: int = 0, name: str = "net") -> None:
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
        dtype: DType = DType.INT8,
        name: str = "",
    ) -> int:
        if quant is None and dtype in (DType.INT8, DType.UINT8):
            quant = self.quant(dtype)
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
        data = self.random.integers(-128, 128, tuple(shape)).astype(np.int8)
        return self.tensor(shape, quant, data=data)

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
        dtype: DType = DType.INT8,
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
            limits = np.iinfo(tensor.dtype.numpy)
            x = random.integers(limits.min, limits.max + 1, (n, *tensor.shape[1:]))
            arrays.append(x.astype(tensor.dtype.numpy))
        return arrays


def pooled(size: int, window: int, stride: int, padding: str) -> int:
    """The output size of a pooling."""
    return -(-size // stride) if padding == "SAME" else (size - window) // stride + 1


def activations(random: np.random.Generator) -> str:
    return str(random.choice(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"]))


FIXED = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0), "SOFTMAX": (1 / 256, -128)}
