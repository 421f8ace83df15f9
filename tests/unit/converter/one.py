"""A float net for operators of every kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgeq.graph import DType, Operator, OptionValue, Tensor

from .nets import Net


class One(Net):
    """A net whose operators may have several outputs, of any type."""

    def many(
        self,
        opcode: str,
        inputs: Sequence[int],
        shapes: Sequence[Sequence[int]],
        dtypes: Sequence[DType] = (),
        version: int = 1,
        **options: OptionValue,
    ) -> list[int]:
        kinds = dtypes or [DType.FLOAT32] * len(shapes)
        outputs = [self.tensor(shape, dtype) for shape, dtype in zip(shapes, kinds, strict=True)]
        self.operators.append(Operator(opcode, tuple(inputs), tuple(outputs), options, version))
        return outputs

    def typed_input(self, dtype: DType, *shape: int) -> int:
        self.inputs.append(self.tensor(shape, dtype))
        return self.inputs[-1]

    def table(self, rows: Sequence[Sequence[int]]) -> int:
        data = np.array(rows, np.int32)
        return self.tensor(data.shape, DType.INT32, data)

    def scalar(self, value: int) -> int:
        data = np.array(value, np.int32)
        return self.tensor((), DType.INT32, data)

    def variable(self, *shape: int) -> int:
        self.tensors.append(Tensor(f"t{len(self.tensors)}", shape, DType.FLOAT32, is_variable=True))
        return len(self.tensors) - 1
