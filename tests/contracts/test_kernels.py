"""Passes, the planner, and the kernels' files: one thing a file, and no choice of a core but in Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from edgeq.backends.aot import sources
from edgeq.backends.aot.families import FAMILIES
from edgeq.backends.aot.passes import PASSES

AOT = "backends/aot/"
KERNELS = [path.name for path in sources.folder().glob("*.c")]
FORMS = ("signed", "exact", "half", "double", "real")
CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b(.*)$", re.MULTILINE)
GUARD = re.compile(r"\A(?:/\*.*?\*/\s*)?#ifndef (\w+_H)\n#define \1\n", re.DOTALL)
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
ARITHMETIC = {
    "edgeq_arith.h": ["defined(__clang__)", "defined(EDGEQ_SHORT_MULTIPLY)"],
    "edgeq_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_pack_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_winograd_inputs_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_winograd_outputs_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_winograd_products_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_spread_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_octets_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_sixes_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_segments_v7m.h": ["__ARM_ARCH_ISA_THUMB == 2"],
    "edgeq_pairs_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_winograd_inputs_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_winograd_outputs_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_pair_rows_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_sums_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_halfwords_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_quads_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_gather_rows_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_winograd_products_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_depthwise_rows_dsp.h": ["defined(__ARM_FEATURE_DSP)"],
    "edgeq_eights_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
    "edgeq_pack_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
    "edgeq_plane_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
    "edgeq_words_row_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
    "edgeq_sixteen_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
    "edgeq_winograd_products_v6m.h": ["__ARM_ARCH_ISA_THUMB == 1"],
}
"""The files with conditions: how loops are kept short; products where a core has none of two words; what the
instructions and the assembly mean, for a machine that has them not."""


PROTOTYPE = re.compile(r"^void edgeq_\w+\([^;{}]*;", re.MULTILINE)


def test_a_kernel_stays_a_call() -> None:
    """A compiler that sees the whole program would put it into its caller, and a profile find no layers."""
    found = [told for text in sources.interface_of(KERNELS).declarations for told in PROTOTYPE.findall(text)]
    assert len(found) >= len(KERNELS) > 100
    assert not [told for told in found if not told.endswith(" __attribute__((noinline));")]


def functions(tree: ast.Module) -> list[str]:
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]


def test_every_pass_is_one_file_in_one_tuple(modules: Mapping[str, ast.Module]) -> None:
    files = {
        path: tree
        for path, tree in modules.items()
        if path.startswith(f"{AOT}passes/") and not path.endswith("__init__.py")
    }
    assert {path: functions(tree) for path, tree in files.items()} == {
        path: [Path(path).stem] for path in files
    }
    assert sorted(one.__name__ for one in PASSES) == sorted(Path(path).stem for path in files)
    assert all(one.__module__.endswith(f".{one.__name__}") for one in PASSES)


def test_the_planner_knows_no_operator(modules: Mapping[str, ast.Module]) -> None:
    """Neither a name (test_operators.py holds that) nor a module that knows one."""
    planner = ("plan", "placement", "overlap", "segment")
    imported = {
        node.module
        for name in planner
        for node in ast.walk(modules[f"{AOT}{name}.py"])
        if isinstance(node, ast.ImportFrom)
    }
    ours = {module for module in imported if module and module.startswith("edgeq")}
    own = {f"edgeq.backends.aot.{name}" for name in planner[1:]}
    assert ours == {"edgeq.backends.aot.step", "edgeq.graph.model", *own}


def conditions(text: str) -> list[str]:
    """The conditions of the preprocessor in a file, but for the guard of a header."""
    guard = GUARD.match(text)
    return [found.strip() for found in CONDITION.findall(text[guard.end() :] if guard else text)]


def test_no_kernel_holds_two_bodies() -> None:
    found = {path.name: conditions(path.read_text()) for path in sources.folder().iterdir()}
    told = {name: those for name, those in found.items() if those}
    assert set(told) == set(ARITHMETIC)
    for name, allowed in ARITHMETIC.items():
        assert len(told[name]) == len(allowed)
        assert all(what in condition for what, condition in zip(allowed, told[name], strict=True))


@pytest.mark.parametrize(
    "line", ["#if EDGEQ_DSP", "  # ifdef __ARM_FEATURE_MVE", "#elif defined(__ARM_ARCH)"]
)
def test_a_condition_is_seen(line: str) -> None:
    guard = "/* what */\n#ifndef EDGEQ_X_H\n#define EDGEQ_X_H\n"
    assert conditions(guard + "#endif\n") == []
    assert len(conditions(f"{guard}{line}\n#endif\n#endif\n")) == 1


def reached(name: str) -> Iterator[str]:
    """The kernels' headers that a file includes, directly or not."""
    for header in INCLUDE.findall((sources.folder() / name).read_text()):
        if (sources.folder() / header).is_file():
            yield header
            yield from reached(header)


def family_of(name: str) -> str:
    """The family that a kernel's file is named by; of none it runs on any core."""
    named = [family.name for family in FAMILIES if f"_{family.name}" in name]
    assert len(named) <= 1, name
    return named[0] if named else "plain"


def test_a_familys_kernels_take_nothing_of_another() -> None:
    """The instructions of a family stand in edgeq_<family>.h; plain kernels include those of none."""
    instructions = {f"edgeq_{family.name}.h" for family in FAMILIES}
    for path in sources.folder().glob("*.c"):
        own = family_of(path.name)
        headers = set(reached(path.name))
        assert headers & instructions <= {f"edgeq_{own}.h"}, path.name
        assert {family_of(h) for h in headers if f"_{own}" not in h} <= {"plain", own}, path.name


def stem_of(name: str) -> str:
    """``edgeq_depthwise_3x3_dsp_s8_signed.c`` is one of the kernels ``edgeq_depthwise_3x3``."""
    words = name.removesuffix(".c").split("_")
    return "_".join(w for w in words if w not in (*FORMS, "s8", "s16", *(family.name for family in FAMILIES)))


def test_every_kernel_belongs_to_an_operator(modules: Mapping[str, ast.Module]) -> None:
    told = {
        str(node.value)
        .removesuffix(".c")
        .removesuffix("_")
        .removesuffix("_s8")
        .removesuffix("_s16")
        .removeprefix("edgeq_")
        for path, tree in modules.items()
        if path.startswith(f"{AOT}ops/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    kernels = {stem_of(path.name).removeprefix("edgeq_") for path in sources.folder().glob("*.c")}
    known = {name.replace("_rounded", "").replace("_constant", "") for name in told}
    assert {kernel for kernel in kernels if kernel.replace("_rounded", "") not in known} == set()
