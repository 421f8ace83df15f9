"""The network as TFLM's templates see it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgeq.backends.project import text
from edgeq.backends.project.tensors import TensorInfo, tensor_info
from edgeq.backends.tflm.custom import NONE, CustomOps
from edgeq.backends.tflm.operators import SUPPORT, Addition, addition
from edgeq.base.errors import ModelError
from edgeq.builder.tflm import Kernels, Needs
from edgeq.graph import DType, Graph
from edgeq.graph.variables import handles, state_bytes

if TYPE_CHECKING:
    from edgeq.checker import Checked

_COLUMNS = 18


@dataclass(frozen=True)
class Network:
    """Everything that the templates print."""

    name: str
    sha256: str
    model_bytes: int
    model: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    additions: tuple[Addition, ...]
    variables: int
    state_bytes: int
    headers: tuple[str, ...]
    custom_header: str = ""


def needs_of(checked: Checked, kernels: Kernels | None, custom: CustomOps = NONE) -> Needs:
    """What a TFLM library must have for a model.

    Args:
        custom: what the user brings.

    Raises:
        ModelError: an operator that the scaffold does not know.
    """
    additions = _additions(checked.graph, custom)
    return Needs(
        adds=tuple(added.method for added in additions),
        registrations=tuple(added.registration for added in additions if added.registration),
        kernels=kernels,
    )


def describe(graph: Graph, model: bytes, sha256: str, custom: CustomOps = NONE) -> Network:
    """Puts the model into words.

    Args:
        custom: what the user brings.

    Raises:
        ModelError: an operator that the scaffold does not know, or an input or output that is not quantized
            to 8 bits.
    """
    additions = _additions(graph, custom)
    return Network(
        name=text.safe(graph.name) or "model",
        sha256=sha256,
        model_bytes=len(model),
        model=hexadecimal(model),
        inputs=tuple(tensor_info(graph, tensor, i, "input") for i, tensor in enumerate(graph.inputs)),
        outputs=tuple(tensor_info(graph, tensor, i, "output") for i, tensor in enumerate(graph.outputs)),
        additions=additions,
        variables=len(set(handles(graph.operators).values())),
        state_bytes=state_bytes(graph),
        headers=tuple(sorted({added.header for added in additions if added.header})),
        custom_header=custom.header if any(added.custom for added in additions) else "",
    )


def _additions(graph: Graph, custom: CustomOps) -> tuple[Addition, ...]:
    used: dict[str, set[DType]] = defaultdict(set)
    brought: dict[str, Addition] = {}
    for op in graph.operators:
        if op.opcode == "CUSTOM" and op.custom_code in custom.registrations:
            how = custom.registrations[op.custom_code]
            brought[op.custom_code] = Addition(op.custom_code, "AddCustom", custom=how)
            continue
        forms = SUPPORT.get(op.opcode)
        if forms is None:
            raise ModelError(f"the tflm runtime has no {op.opcode}", "edgeq check says what it has")
        used[op.opcode] |= {graph[forms[0].main(op)].dtype} if op.inputs else set()
    builtin = (addition(opcode, types) for opcode, types in sorted(used.items()))
    return (*builtin, *(brought[name] for name in sorted(brought)))


def hexadecimal(data: bytes) -> str:
    """Bytes as the lines of a C initializer."""
    digits = [f"0x{byte:02x}," for byte in data]
    return "\n".join(
        "    " + " ".join(digits[start : start + _COLUMNS]) for start in range(0, len(digits), _COLUMNS)
    )
