"""Which operators TensorFlow Lite Micro has, and for which types: asked of its interpreter (tflite-micro).

    python benchmarks/tflm_operators.py [--write]

Every operator of benchmarks/one_operator.py is run in every type. A type counts where TFLM's result stands
for what LiteRT computes in float32 from the same numbers (of whole numbers: in the same integers), to within
two and a half steps: some kernels read bytes as another type, or forget a zero point, and nothing tells.
``--write`` puts the table into edgeq/backends/tflm/operators.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from one_operator import CONVERSIONS, RAW, SKETCHES
from sketch import QUANTIZED, Sketch

from edgeq.graph import DType, Graph, write_model
from edgeq.interpreter.adaptor import Adaptor, Resolver, oracle_name
from edgeq.interpreter.tflm import TflmAdaptor, tflm_name

TYPES = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.BOOL, DType.FLOAT32)
TABLE = Path(__file__).resolve().parent.parent / "edgeq" / "backends" / "tflm" / "operators.json"
_PATIENCE = 20
_STEPS = 2.5
_INEXACT = 0.002
_NEWEST = 24
"""More than any operator's version."""
_LITERT: tuple[Resolver, ...] = ("reference", "optimized")

Outputs = list[npt.NDArray[Any]]


def in_child(function: Callable[[], Any]) -> Any:
    """What a function returns, computed in a process of its own; None where it raises or crashes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.alarm(_PATIENCE)
        try:
            result = pickle.dumps(function())
        except BaseException:
            os._exit(1)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(result)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read()
    os.waitpid(child, 0)
    return pickle.loads(found) if found else None  # noqa: S301  # this very program wrote it, in the child


def outputs_of(adaptor: Any, samples: Sequence[npt.NDArray[Any]]) -> Outputs:
    """The outputs for one sample."""
    adaptor.invoke(samples)
    found: Outputs = adaptor.outputs()
    return found


def reference(graph: Graph, samples: Sequence[npt.NDArray[Any]]) -> Outputs | None:
    """LiteRT's outputs, of its reference kernels or where those lack the operator of its others."""
    for resolver in _LITERT:
        found: Outputs | None = in_child(partial(_answers, write_model(graph), resolver, samples))
        if found is not None:
            return found
    return None


def _answers(model: bytes, resolver: Resolver, samples: Sequence[npt.NDArray[Any]]) -> Outputs:
    return outputs_of(Adaptor(model, resolver), samples)


def computes(opcode: str, source: DType, result: DType) -> bool:
    """Whether TFLM computes an operator from tensors of a type to one of another."""
    raw = opcode in RAW
    sketch = Sketch(source, result, raw=raw)
    graph = SKETCHES[opcode][1](sketch)
    found: Outputs | None = in_child(lambda: outputs_of(TflmAdaptor(write_model(graph)), sketch.samples))
    if found is None:
        return False
    real = not raw and bool({source, result} & set(QUANTIZED))
    twin = Sketch(source, result, twin=real, raw=raw)
    other = SKETCHES[opcode][1](twin)
    wanted = twin.samples if opcode in CONVERSIONS else reference(other, twin.samples)
    return wanted is not None and all(
        _close(graph, index, a, b, source) for index, a, b in zip(graph.outputs, found, wanted, strict=True)
    )


def _close(
    graph: Graph, index: int, found: npt.NDArray[Any], wanted: npt.NDArray[Any], source: DType
) -> bool:
    tensor = graph[index]
    a, b = (values.reshape(-1).astype(np.float64) for values in (found, np.asarray(wanted)))
    allowed = 0.001 * (1 + np.abs(b).max(initial=0)) if tensor.dtype.is_float else 0.0
    if tensor.quant is not None:
        limits, scale, zero = np.iinfo(tensor.dtype.numpy), tensor.quant.scale, tensor.quant.zero_point
        a = (a - zero) * scale
        b = np.clip(b, (limits.min - zero) * scale, (limits.max - zero) * scale)
        allowed = max(_STEPS * scale, _INEXACT if source is DType.INT16 else 0.0)
    return a.shape == b.shape and bool(np.all(np.abs(a - b) <= allowed))


def types(opcode: str) -> list[list[str]]:
    """The types in which TFLM computes an operator: of its input, and of its output."""
    outcomes = {
        "same": lambda t: (t,),
        "truth": lambda t: (DType.BOOL,),
        "index": lambda t: (DType.INT32, DType.INT64),
        "any": lambda t: TYPES,
    }
    return [
        [source.value, result.value]
        for source in TYPES
        for result in outcomes[SKETCHES[opcode][0]](source)
        if computes(opcode, source, result)
    ]


def version(opcode: str) -> int:
    """The newest version that LiteRT knows; TFLM looks at none."""
    module = importlib.import_module("ai_edge_litert.interpreter")

    def newest() -> int:
        found = 1
        graph = SKETCHES[opcode][1](Sketch(DType.FLOAT32))
        for number in range(1, _NEWEST):
            op = replace(graph.operators[0], version=number)
            model = write_model(graph.replace(operators=(op,)))
            kind = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
            try:
                module.Interpreter(model_content=model, experimental_op_resolver_type=kind)
            except ValueError as error:
                if "find op" in str(error):
                    continue
            found = number
        return found

    return int(in_child(newest) or 1)


def main(arguments: Sequence[str]) -> None:
    """Asks, prints, and writes where that is wanted."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write the table that edgeq reads")
    asked = parser.parse_args(arguments)
    operators: dict[str, Any] = {}
    for opcode in sorted(SKETCHES):
        found = types(opcode)
        print(
            f"{opcode}: {', '.join(a if a == b else f'{a} to {b}' for a, b in found) or 'none'}", flush=True
        )
        if found:
            operators[opcode] = {"version": version(opcode), "types": found}
    if asked.write:
        made = {
            "made_by": "benchmarks/tflm_operators.py",
            "asked": tflm_name(),
            "held_against": oracle_name(),
            "operators": operators,
        }
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in operators.items())
        head = json.dumps({k: v for k, v in made.items() if k != "operators"})[:-1]
        TABLE.write_text(f'{head}, "operators": {{\n{lines}\n}}}}\n')


if __name__ == "__main__":
    main(sys.argv[1:])
