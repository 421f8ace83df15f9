# ruff: noqa: T201
"""Behaves as documents say that ``edgetpu_compiler`` does, faults included; EDGETPU_STANDIN names one.

It maps the operators before the first that is not in ``MAPS``, and writes what the compiler would write.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from edgeq.edgetpu.parts import cut
from edgeq.graph import Graph, Operator, read_model, write_model

MAPS = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "RESHAPE", "MAX_POOL_2D", "SOFTMAX", "QUANTIZE"}
VERSION = "Edge TPU Compiler version 16.0.384591198"
PLAIN = b"PLAIN-MODEL:"
SUPPORTED = "Operation is otherwise supported, but not mapped due to some unspecified limitation"


def main() -> int:
    mode = os.environ.get("EDGETPU_STANDIN", "")
    if mode == "wrapper":
        print("edgetpu_compiler: 12: exec: edgetpu_compiler_bin/edgetpu_compiler: not found", file=sys.stderr)
        return 127
    if mode == "other":
        print("usage: something else entirely")
        return 0
    if mode == "deaf":
        time.sleep(600)
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="store_true")
    parser.add_argument("-s", action="store_true")
    parser.add_argument("-d", action="store_true")
    parser.add_argument("-a", action="store_true")
    parser.add_argument("-i", default="")
    parser.add_argument("-o", default=".")
    parser.add_argument("-m", type=int, default=14)
    parser.add_argument("-n", type=int)
    parser.add_argument("-t", type=int, default=180)
    parser.add_argument("models", nargs="*")
    args = parser.parse_args()
    print(VERSION, flush=True)
    if args.version:
        return 0
    with Path(os.environ.get("EDGETPU_STANDIN_CALLS", os.devnull)).open("a") as calls:
        print(*sys.argv[1:], file=calls)
    print(f"Started a compilation timeout timer of {args.t} seconds.", flush=True)
    code = failing(mode, args)
    return compiled(args, mode) if code is None else code


def failing(mode: str, args: argparse.Namespace) -> int | None:
    """Every way to fail; None where this mode does not."""
    name = Path(args.models[0]).name
    if mode == "hang":
        time.sleep(600)
    if mode == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if mode == "segments-do-nothing" and args.n:
        return 1
    if mode == "passing" and len(Path(os.environ["EDGETPU_STANDIN_CALLS"]).read_text().splitlines()) < 2:
        print("Internal compiler error. Aborting!")
        return 1
    if mode.startswith("chokes-on:"):
        if args.a and mode.endswith(",-a helps"):
            return None
        mode = mode.removesuffix(",-a helps")
        graph = read_model(Path(args.models[0]).read_bytes())
        opcodes = [op.opcode for op in graph.operators[: delegated(graph, args)]]
        wanted = mode.partition(":")[2].split("+")
        if all(one in opcodes for one in wanted):
            print("Internal compiler error. Aborting!")
            return 1
    texts = {
        "internal": "Internal compiler error. Aborting!",
        "not-quantized": f"Invalid model: {name}\nModel not quantized",
        "large": "Compilation failed due to large activation tensors in model.",
        "unexplained": "Compilation child process completed within timeout period.\nCompilation failed!",
        "silent": "",
    }
    if mode in texts:
        print(texts[mode])
        return 0  # the exit code is not to be trusted
    return None


def compiled(args: argparse.Namespace, mode: str) -> int:
    word = "Model" if len(args.models) == 1 else "Models"
    print(f"\n{word} compiled successfully in 312 ms.\n")
    for model in args.models:
        path = Path(model)
        graph = read_model(path.read_bytes(), path.stem)
        graph = graph.preprocessed((None,) * len(graph.inputs))  # the real one drops metadata
        count = args.n or 1
        files = [f"{path.stem}_edgetpu"] if not args.n else [
            f"{path.stem}_segment_{i}_of_{count}_edgetpu" for i in range(count)
        ]  # fmt: skip
        bounds = [len(graph.operators) * i // count for i in range(count + 1)]
        for number, file in enumerate(files):
            piece = graph if count == 1 else cut(graph, bounds[number], bounds[number + 1] - 1)
            mapped = 0 if mode == "maps-nothing" else min(leading(piece), delegated(piece, args))
            data = write_model(with_custom(piece, mapped))
            if mode == "half-written":
                data = data[: len(data) // 2]
            if mode != "writes-nothing":
                (Path(args.o) / f"{file}.tflite").write_bytes(data)
            summary(piece, mapped, path, file, Path(args.o))
    return 1 if mode == "success-with-exit-1" else 0


def delegated(graph: Graph, args: argparse.Namespace) -> int:
    """How many operators lie before the tensors at which -i ends the mapped part."""
    names = {name for name in args.i.split(",") if name}
    places = [i for i, op in enumerate(graph.operators) if any(graph[t].name in names for t in op.outputs)]
    assert len(places) == len(names), args.i
    return max(places) + 1 if names else len(graph.operators)


def leading(graph: Graph) -> int:
    return next((i for i, op in enumerate(graph.operators) if op.opcode not in MAPS), len(graph.operators))


def with_custom(graph: Graph, mapped: int) -> Graph:
    if not mapped:
        return graph
    inside, after = graph.operators[:mapped], graph.operators[mapped:]
    made = {t for op in inside for t in op.outputs}
    used = {t for op in after for t in op.inputs} | set(graph.outputs)
    outputs = tuple(t for op in inside for t in op.outputs if t in used)
    taken = {t for op in inside for t in op.inputs if t >= 0 and t not in made}
    inputs = tuple(t for t in sorted(taken) if not graph[t].is_constant)
    plain = write_model(graph)  # the stand-in for the delegate runs this
    package = b"stand-in" + PLAIN + len(plain).to_bytes(8, "little") + plain
    custom = Operator("CUSTOM", inputs, outputs, custom_code="edgetpu-custom-op", custom_options=package)
    return graph.replace(operators=(custom, *after))


def summary(graph: Graph, mapped: int, path: Path, file: str, out: Path) -> None:
    print(f"Input model: {path}\nInput size: {path.stat().st_size / 1024:.2f}KiB")
    print(f"Output model: {file}.tflite\nOutput size: {path.stat().st_size / 1024 + 4:.2f}KiB")
    print("On-chip memory used for caching model parameters: 12.50KiB")
    print("On-chip memory remaining for caching model parameters: 7.68MiB")
    print("Off-chip memory used for streaming uncached model parameters: 0.00B")
    print(f"Number of Edge TPU subgraphs: {int(mapped > 0)}")
    print(f"Total number of operations: {len(graph.operators)}\nOperation log: {file}.log")
    rows = Counter(
        (op.opcode, "Mapped to Edge TPU" if i < mapped else SUPPORTED) for i, op in enumerate(graph.operators)
    )
    table = f"{'Operator':<31}{'Count':<11}Status\n\n"
    table += "".join(f"{name:<31}{count:<11}{status}\n" for (name, status), count in rows.items())
    (out / f"{file}.log").write_text(table)
    print(f"See the operation log file for individual operation details.\n\n{table}")
    print("Compilation child process completed within timeout period.\nCompilation succeeded!")


if __name__ == "__main__":
    sys.exit(main())
