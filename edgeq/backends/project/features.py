"""Preprocessing as files of C: tables and calls of the pipelines of a network's inputs, and their kernels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from edgeq import __version__
from edgeq.backends.project import firmware, text
from edgeq.backends.project.interfaces import interface_of, with_headers
from edgeq.base.errors import ModelError
from edgeq.base.resources import data_dir
from edgeq.data.dataset import quantize_input
from edgeq.features.preprocessing import Preprocessing, real_values
from edgeq.features.program import Call, Program, program, row_form
from edgeq.features.quantize import domain, quantizing
from edgeq.graph.model import DType

if TYPE_CHECKING:
    from edgeq.backends.project.budget import Budget
    from edgeq.graph import Graph, Tensor

_C_TYPES = {"uint8": "uint8_t", "int16": "int16_t", "uint16": "uint16_t", "uint64": "uint64_t"}
_TABLES = {**_C_TYPES, "int32": "int32_t", "int8": "int8_t"}
_BYTES = (DType.INT8, DType.UINT8)


@dataclass(frozen=True, eq=False)
class Computed:
    """An input that the device computes of raw samples.

    Attributes:
        index: of the network's input.
        program: the calls, the last of which gives the input's integers.
        dtype: the input's, numpy's name; None where the program ends in features as they are.
    """

    index: int
    program: Program
    dtype: str | None


def computed(graph: Graph) -> tuple[Computed, ...]:
    """The inputs of a graph that the device can compute.

    Raises:
        ModelError: a pipeline of stages gives what an input cannot be made of.
    """
    found = []
    for index, tensor in enumerate(graph.input_tensors):
        step = tensor.preprocessing
        if step is not None and step.stages:
            found.append(Computed(index, _of_input(step, tensor), tensor.dtype.numpy.name))
    return tuple(found)


def _of_input(step: Preprocessing, tensor: Tensor) -> Program:
    made = step.forms[-1]
    if tensor.dtype not in _BYTES or tensor.quant is None:
        raise ModelError(
            f"input '{tensor.name}' is {tensor.dtype.value}, and features become int8 or uint8",
            "convert the model with --io int8, or without --preprocessing",
        )
    if made.elements != tensor.elements:
        raise ModelError(
            f"input '{tensor.name}' takes {list(tensor.shape)}, its preprocessing gives {list(made.shape)}",
            "let the stages give as many values as the input takes",
        )
    try:
        values = domain(made)
    except ValueError as error:
        raise ModelError(f"input '{tensor.name}': {error}", "see `edgeq features --help`") from error
    answers = quantize_input(real_values(values, step.mean, step.std), tensor)
    return program(step, quantizing(row_form(step), answers))


@dataclass(frozen=True, eq=False)
class ProjectFeatures:
    """What firmware has of them.

    Attributes:
        described: for the templates.
        files: by path in a project.
        facts: for the manifest.
        ram, flash: bytes of raw samples and of what the stages need, and of tables.
    """

    described: list[dict[str, Any]]
    files: dict[str, bytes]
    facts: dict[str, object]
    ram: int
    flash: int

    def leave(self, budget: Budget) -> Budget:
        """What is left to a network beside them."""
        return replace(
            budget,
            reserve_ram=budget.reserve_ram + self.ram,
            reserve_flash=budget.reserve_flash + self.flash,
        )


FEATURES = "features"
"""The key of :attr:`ProjectFeatures.facts` in a manifest."""


def project_features(graph: Graph) -> ProjectFeatures:
    """The features that a project's firmware computes of raw samples. Raises as :func:`computed`."""
    made = computed(graph)
    files = {f"src/features/{name}": data for name, data in feature_files(made, graph.name).items()}
    told = [{"input": one.index, "ram": one.program.ram, "flash": one.program.flash} for one in made]
    raw = sum(one.program.raw.elements * one.program.raw.numpy.itemsize for one in made)
    return ProjectFeatures(
        [described(one) for one in made],
        files,
        {FEATURES: told} if told else {},
        raw + sum(one.program.ram for one in made),
        sum(one.program.flash for one in made),
    )


def feature_files(made: Sequence[Computed], name: str) -> dict[str, bytes]:
    """``edgeq_features.c``, its header and the kernels, by their names; none where nothing is computed."""
    if not made:
        return {}
    kernels = {call.kernel.function for one in made for call in one.program.calls}
    folder = data_dir("firmware_templates") / "features"
    sources = sorted(f"{kernel}.c" for kernel in kernels)
    variables = {
        "name": text.safe(name),
        "version": __version__,
        "interface": interface_of(folder, sources),
        "features": [described(one) for one in made],
    }
    own = {
        f"edgeq_features.{kind}": firmware.render(folder / f"edgeq_features.{kind}.j2", variables)
        for kind in ("c", "h")
    }
    return own | with_headers(folder, sources)


def check_files(step: Preprocessing) -> dict[str, bytes]:
    """A program of this machine that makes features of raw samples, by the names of its files."""
    made = (Computed(0, program(step), None),)
    common = data_dir("firmware_templates") / "common"
    template = data_dir("firmware_templates") / "features" / "check.c.j2"
    return {
        **feature_files(made, "raw samples"),
        "edgeq_mem.h": (common / "edgeq_mem.h").read_bytes(),
        "check.c": firmware.render(template, {"version": __version__, "one": described(made[0])}),
    }


def described(one: Computed) -> dict[str, Any]:
    """As templates see it."""
    plan, index = one.program, one.index
    frames = plan.frames
    sizes = {f"buffer_{index}_{i}": size for i, size in enumerate(plan.buffers)}
    sizes |= {f"scratch_{index}": plan.scratch, f"state_{index}": plan.state}
    last = plan.calls[-1].made.dtype
    return {
        "index": index,
        "told": text.safe(str(plan.preprocessing)),
        "raw_elements": plan.raw.elements,
        "raw_shape": plan.raw.shape,
        "raw_type": _C_TYPES[plan.raw.dtype],
        "raw_kind": f"EDGEQ_TYPE_{plan.raw.dtype.upper()}",
        "ctype": _C_TYPES[last] if one.dtype is None else f"{one.dtype}_t",
        "ram": plan.ram,
        "flash": plan.flash,
        "frames": frames is not None,
        "size": 0 if frames is None else frames.size,
        "hop": 0 if frames is None else frames.hop,
        "count": plan.count,
        "row": plan.row,
        "buffers": [{"name": name, "words": size // 8} for name, size in sizes.items() if size],
        "state": f"state_{index}" if plan.state else "",
        "calls": list(_calls(one)),
    }


def _calls(one: Computed) -> Iterable[dict[str, Any]]:
    state = 0
    for at, call in enumerate(one.program.calls):
        name = f"stage_{one.index}_{at}"
        kernel = call.kernel
        names = {table: f"{name}_{table}" for table in kernel.tables}
        more = f", (uint8_t *)scratch_{one.index}" if kernel.scratch else ""
        if kernel.state:
            more += f", (uint8_t *)state_{one.index} + {state}"
            state += -(-kernel.state // 8) * 8
        yield {
            "told": text.safe(call.stage),
            "kernel": kernel.function,
            "name": name,
            "fields": [(key, text.literal(value, names)) for key, value in kernel.fields.items()],
            "tables": [
                {
                    "ctype": _TABLES[table.dtype.name],
                    "name": names[key],
                    "count": table.size,
                    "text": text.values(table),
                }
                for key, table in kernel.tables.items()
            ],
            "rows": call.rows,
            "given": call.given,
            "made": call.made,
            "given_row": call.given_row,
            "made_row": call.made_row,
            "source": _place(one, call, call.source),
            "target": _place(one, call, call.target),
            "more": more,
        }


def _place(one: Computed, call: Call, number: int) -> str:
    """The C expression of where a call reads or writes."""
    if number < 0:
        return "raw"
    if number == 2:  # the input, whose bytes kernels write whatever their sign is
        return "input" if one.dtype is None else "(uint8_t *)input"
    form = call.given if number == call.source else call.made
    return f"({_C_TYPES[form.dtype]} *)buffer_{one.index}_{number}"
