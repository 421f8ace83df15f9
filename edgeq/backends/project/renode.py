"""A project's ``renode/``: the machine, the script that starts it, and a test for renode-test."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from edgeq.backends.project import firmware
from edgeq.backends.project.oracle import Array, Inference, inferences
from edgeq.base.errors import ToolMissingError
from edgeq.base.resources import data_dir
from edgeq.boards import Board
from edgeq.boards.port import port_of
from edgeq.boards.simulators.renode import Renode
from edgeq.graph import QuantParams
from edgeq.graph.quantization import LIMITS
from edgeq.graph.variables import keeps_state

if TYPE_CHECKING:
    from edgeq.checker import Checked
    from edgeq.graph import Tensor

_FOLDER = Renode.key()
_VECTORS = 2
_COMMAND = 32
"""Bytes of an input that one ``db`` carries."""


def renode_files(checked: Checked, board: Board, variables: Mapping[str, Any]) -> dict[str, bytes]:
    """The files by path; none for a board that Renode does not run.

    Raises:
        ModelError: the oracle refuses the model.
    """
    table = Renode.of(board)
    if table is None:
        return {}
    try:
        found = inferences(checked, _VECTORS)
        oracle = found[0].oracle
    except ToolMissingError:  # a project can be made without the interpreter; its test then asks for less
        found, oracle = [], ""
    changes: dict[str, dict[str, str]] = {}
    for item in table.attributes:
        name, _, value = item.partition("=")
        device, _, attribute = name.partition(".")
        changes.setdefault(device, {})[attribute] = value
    own = table.platform is None
    uart = port_of(board).uarts.get(board.console.uart or "", {})
    values = {
        **variables,
        "board": board,
        "oracle": oracle,
        "cpu_type": board.core.renode,
        "console": table.uart_parameters | changes.pop(table.uart, {}) if own else {},
        "console_irq": uart.get("irq"),
        "changes": changes,
    }
    templates = data_dir("firmware_templates") / _FOLDER
    files = {
        f"{_FOLDER}/{name}": firmware.render(templates / f"{name}.j2", values)
        for name in ("board.resc", "board.repl", "test.robot")
    }
    told = conversation(checked.graph.output_tensors[0], found, stateful=keeps_state(checked.graph))
    files[f"{_FOLDER}/golden.txt"] = told
    return files


def conversation(output: Tensor, found: Sequence[Inference], *, stateful: bool = False) -> bytes:
    """What is said to the firmware (``> ``) and has to come back (``< ``), in the text of docs/link.md."""
    # A name that no benchmark has: the input is the model's own bytes, and the results are the whole output.
    lines = ["> model edgeq%", "< m-model-[edgeq]", "< m-ready"]
    for one in found:
        data = b"".join(np.ascontiguousarray(array).tobytes() for array in one.inputs)
        lines += ["> reset%", "< m-reset-done", "< m-ready"] if stateful else []
        lines += [f"> db load {len(data)}%", f"< m-[Expecting {len(data)} bytes]", "< m-ready"]
        for at in range(0, len(data), _COMMAND):
            lines += [f"> db {data[at : at + _COMMAND].hex()}%"]
            lines += ["< m-load-done"] * (at + _COMMAND >= len(data))
            lines += ["< m-ready"]
        lines += ["> infer 1 0%", f"< m-results-[{results(output, one.outputs[0])}]", "< m-ready"]
    return ("\n".join(lines) + "\n").encode()


def results(tensor: Tensor, values: Array) -> str:
    """A first output as the firmware prints it: real values to three decimals, half away from zero."""
    numbers = values.reshape(-1).tolist()
    if tensor.dtype.is_float:
        return ",".join(_milli(Fraction(number)) for number in numbers)
    if tensor.dtype not in LIMITS:
        return ",".join(str(int(number)) for number in numbers)
    quant = tensor.quant or QuantParams.per_tensor(1.0, 0)
    scale, zero = quant.scale, quant.zero_point
    # The scale is float32 on the device; its product with an integer is exact there and here.
    exact = Fraction(struct.unpack("<f", struct.pack("<f", scale))[0])
    return ",".join(_milli(exact * (int(number) - zero)) for number in numbers)


def _milli(value: Fraction) -> str:
    milli = int(abs(value) * 1000 + Fraction(1, 2))
    return f"{'-' if value < 0 and milli else ''}{milli // 1000}.{milli % 1000:03}"
