"""From a compiled model to a CMake project that the coralmicro SDK builds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from edgeq import __version__
from edgeq.backends.project import firmware, text
from edgeq.backends.project.project import Project, with_manifest
from edgeq.backends.project.tensors import TensorInfo, tensor_info
from edgeq.backends.tflm.operators import method_of
from edgeq.base.errors import BuildError, ModelError, UsageError
from edgeq.base.resources import data_dir
from edgeq.boards import BOARD_FILE, Board, board_toml
from edgeq.checker.operators import EIGHT_BITS
from edgeq.edgetpu.compiler import CUSTOM_OP
from edgeq.graph import Graph, Operator, model_hash

RUNTIME = "edgetpu"
MODEL_FILE = "model_edgetpu.tflite"

_TEMPLATES = "coral_micro"
_MAIN = "src/common/main.c"
_LARGEST_ARENA = 40 << 20
_ROOM, _STEP, _PER_TENSOR = 64 << 10, 64 << 10, 256

_OPERATORS = (
    "ADD ARG_MAX AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEQUANTIZE EXPAND_DIMS "
    "FULLY_CONNECTED HARD_SWISH LEAKY_RELU LOGISTIC MAXIMUM MAX_POOL_2D MEAN MINIMUM MUL PACK PAD PADV2 "
    "PRELU QUANTIZE RELU RELU6 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR SLICE SOFTMAX SPLIT SQUEEZE "
    "STRIDED_SLICE TANH TRANSPOSE TRANSPOSE_CONV UNPACK"
)
"""Operators of the SDK's resolver, which is of an older TensorFlow Lite Micro."""
_CUSTOM_ADDITIONS = {"TFLite_Detection_PostProcess": "AddDetectionPostprocess"}


@dataclass(frozen=True)
class Added:
    """One operator of the resolver: its name and the method that adds it."""

    opcode: str
    method: str


@dataclass(frozen=True)
class Network:
    """Everything that the templates print."""

    name: str
    target: str
    sha256: str
    model_file: str
    model_bytes: int
    arena: int
    arena_told: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    additions: tuple[Added, ...]


def generate(model: bytes, graph: Graph, board: Board) -> Project:
    """Puts a compiled model into a project for the SDK.

    The same model always gives the same files.

    Args:
        model: what the Edge TPU compiler made.
        graph: read from it, with what is known of its inputs' preprocessing.
        board: the Dev Board Micro.

    Raises:
        UsageError: the model is not compiled.
        ModelError: an operator on the CPU that the SDK's interpreter lacks, or an input or output that is not
            quantized to 8 bits.
        BuildError: its activations do not fit the board's memory.
    """
    network = describe(model, graph)
    build_hash = hashlib.sha256(f"{__version__} {network.sha256}".encode()).hexdigest()[:16]
    variables: dict[str, Any] = {
        "network": network,
        "board": board,
        "version": __version__,
        "runtime": RUNTIME,
        "build_hash": build_hash,
    }
    folder = data_dir("firmware_templates") / _TEMPLATES
    files: dict[str, bytes] = {MODEL_FILE: model, BOARD_FILE: board_toml(board)}
    files |= {path: data for path, data in firmware.for_board(board, variables).items() if path != _MAIN}
    files["src/app/edgeq_app.cc"] = firmware.render(folder / "edgeq_app.cc.j2", variables)
    files["src/network/edgeq_network.h"] = firmware.render(folder / "edgeq_network.h.j2", variables)
    variables["sources"] = sorted(path for path in files if path.endswith((".c", ".cc")))
    variables["folders"] = sorted({path.rpartition("/")[0] for path in files if path.endswith(".h")})
    files["CMakeLists.txt"] = firmware.render(folder / "CMakeLists.txt.j2", variables)
    files["README.md"] = firmware.render(folder / "README.md.j2", variables)
    files, manifest = with_manifest(
        files,
        network,
        {"runtime": RUNTIME, "board": board.id},
        build_hash=build_hash,
        memory={"arena": network.arena, "weights": network.model_bytes},
        macs=None,
        operators=[added.opcode for added in network.additions],
    )
    return Project(files=files, manifest=manifest, model=model, board=board.id)


def describe(model: bytes, graph: Graph) -> Network:
    """Puts the compiled model into words. Raises as :func:`generate`."""
    if not any(op.custom_code == CUSTOM_OP for op in graph.operators):
        raise UsageError(
            f"{graph.name} is not compiled for the Edge TPU",
            "compile it first: edgeq compile MODEL, and give the file X_edgetpu.tflite",
        )
    for tensor in (*graph.inputs, *graph.outputs):
        if graph[tensor].dtype not in EIGHT_BITS:
            raise ModelError(
                f"{text.safe(graph[tensor].name)} is {graph[tensor].dtype.value}, not quantized to 8 bits",
                "compile a model with int8 or uint8 inputs and outputs (edgeq convert)",
            )
    left = sorted({_called(op) for op in graph.operators if op.custom_code != CUSTOM_OP})
    arena, told = _arena(graph)
    name = text.safe(graph.name) or "model"
    return Network(
        name=name,
        target="edgeq_" + (re.sub(r"\W", "_", name, flags=re.ASCII)[:40] or "model"),
        sha256=model_hash(model),
        model_file=MODEL_FILE,
        model_bytes=len(model),
        arena=arena,
        arena_told=told,
        inputs=tuple(tensor_info(graph, tensor, i, "input") for i, tensor in enumerate(graph.inputs)),
        outputs=tuple(tensor_info(graph, tensor, i, "output") for i, tensor in enumerate(graph.outputs)),
        additions=tuple(Added(text.safe(opcode), _method(opcode)) for opcode in left),
    )


def _called(op: Operator) -> str:
    return op.custom_code or op.opcode


def _method(opcode: str) -> str:
    method = method_of(opcode) if opcode in _OPERATORS.split() else _CUSTOM_ADDITIONS.get(opcode)
    if method is None:
        raise ModelError(
            f"the compiler left {text.safe(opcode)} on the CPU, and the SDK's interpreter has no such one",
            "end the model before it, and do that step in your own code; "
            "edgeq check --target edgetpu shows what keeps it off the Edge TPU",
        )
    return method


def _arena(graph: Graph) -> tuple[int, str]:
    """Bytes that are enough: every activation has a place of its own, and the interpreter its bookkeeping."""
    held = {tensor for op in graph.operators for tensor in (*op.inputs, *op.outputs) if tensor >= 0}
    live = [graph[tensor] for tensor in held if not graph[tensor].is_constant]
    activations = sum(-(-tensor.elements * max(tensor.dtype.bits, 8) // 8 // 16) * 16 + 16 for tensor in live)
    needed = activations + _PER_TENSOR * len(graph.tensors) + _ROOM
    size = -(-needed // _STEP) * _STEP
    if size > _LARGEST_ARENA:
        raise BuildError(
            f"{graph.name} may need {size:,} bytes for activations, more than the {_LARGEST_ARENA:,} that "
            "there are for them in the board's SDRAM",
            "take a smaller input",
        )
    told = f"{activations} bytes of activations, as if none shared its place, and the interpreter's own"
    return size, told
