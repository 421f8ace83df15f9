"""What a compiled model is made of, for ``edgeq inspect``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from edgeq.edgetpu.package import CUSTOM_OPERATOR, Package, read_packages
from edgeq.graph import Graph


def inspect_compiled(graph: Graph) -> dict[str, Any]:
    """The packages of a compiled model, sizes in bytes, and the operators that stayed on the CPU.

    Raises:
        ModelError: if a package is damaged.
    """
    left = [(i, op) for i, op in enumerate(graph.operators) if op.custom_code != CUSTOM_OPERATOR]
    return {
        "packages": [_package(package) for package in read_packages(graph)],
        "cpu_operators": [{"index": i, "opcode": op.custom_code or op.opcode} for i, op in left],
    }


def _package(package: Package) -> dict[str, Any]:
    return {
        "operator": package.operator,
        "bytes": package.size,
        "compiler": package.compiler,
        "min_runtime_version": package.min_runtime_version,
        "model_identifier": package.model_identifier,
        "parameter_bytes_cached": package.parameter_bytes_cached,
        "parameter_bytes_streamed": package.parameter_bytes_streamed,
        "instruction_bytes": package.instruction_bytes,
        "cycles": package.cycles,
        "executables": [asdict(executable) for executable in package.executables],
    }
