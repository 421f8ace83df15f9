"""Whether the runtime has each operator, in the form that the model asks for."""

from __future__ import annotations

import numpy as np

from edgeq.base.hints import document
from edgeq.checker.operators import Operand, Support
from edgeq.checker.runtimes import operators_of
from edgeq.checker.view import View
from edgeq.graph.model import ABSENT, ONCE, DType, Graph, Operator

_RUN_TIME_SIZES = ("SHAPE", "STRIDED_SLICE", "PACK", "RANK", "RANGE", "FILL", "GATHER")
_CONTROL_FLOW = ("IF", "WHILE", "CALL")
_COMPILED_FOR = {
    "edgetpu-custom-op": ("the Edge TPU", "the Edge TPU compiler"),
    "ethos-u": ("Arm's Ethos-U", "Vela"),
    "NeutronGraph": ("NXP's Neutron NPU", "NXP's converter"),
    "vsi-npu": ("VeriSilicon's NPU", "VeriSilicon's compiler"),
}
"""Custom operators that hold code for an accelerator: which, and the compiler that makes them."""


def check_support(view: View) -> None:
    """Every operator is in the runtime's table, and its operands and options are as the table says."""
    _report_unsigned_model(view)
    for index, op in view.open_operators():
        support = view.form(op)
        if op.opcode == "CUSTOM" and op.custom_code in view.custom:
            continue  # what it computes, and of what, is known to its maker alone
        if support is None:
            _report_unsupported(view, index, op)
        elif op.version > support.max_version:
            view.report(
                "operator-version",
                f"version {op.version} of {op.opcode} is newer than the newest that edgeq knows "
                f"({support.max_version}), and may compute something else",
                "Convert the model with an older converter or with edgeq convert, or update edgeq.",
                operator=index,
            )
        else:
            _check_form(view, index, op, support)


def missing_operators(graph: Graph, runtime: str) -> tuple[str, ...]:
    """The kinds of operators in a model that a runtime does not have at all, sorted by name."""
    return tuple(sorted({op.custom_code or op.opcode for op in graph.operators} - set(operators_of(runtime))))


def _report_unsigned_model(view: View) -> None:
    """One finding for a model of the older unsigned form, instead of one for each operator."""
    graph = view.graph
    unsigned: list[tuple[int, int]] = []
    for index, op in enumerate(graph.operators):
        types = {info.dtype: t for t, info in view.activations(op)}
        if DType.INT8 in types:
            return
        unknown = op.opcode in view.table and not view.has_form(op)
        if unknown and DType.UINT8 in types and index not in view.settled:
            unsigned.append((index, types[DType.UINT8]))
    if len(unsigned) < 2:
        return
    index, tensor = unsigned[0]
    view.report(
        "unsigned-model",
        f"{view.typed(tensor)} is quantized in the older unsigned form, as in {len(unsigned)} of "
        f"{len(graph.operators)} operators; the {view.runtime} runtime computes in signed INT8",
        _type_remedy(DType.UINT8),
        operator=index,
        tensor=tensor,
    )
    view.settled.update(index for index, _ in unsigned)


def _report_unsupported(view: View, index: int, op: Operator) -> None:
    known = f"What the {view.runtime} runtime has says: edgeq operators --by {view.runtime}"
    if op.opcode == "CUSTOM":
        if op.custom_code in _COMPILED_FOR:
            accelerator, compiler = _COMPILED_FOR[op.custom_code]
            message = f"the model was compiled for {accelerator}, and this operator holds code for it"
            hint = f"Give the int8 model that went into {compiler}."
        else:
            message = "it is a custom operator, whose meaning is only known to the program that made it"
            brought = f"with --tflm-ops HEADER ({document('tflm.md')})"
            if view.runtime == "tflm":
                hint = f"Bring it {brought}, or export the model with builtin operators only. {known}"
            else:
                hint = (
                    "Export the model with builtin operators only, or bring it to TensorFlow Lite Micro "
                    f"{brought}. {known}"
                )
    elif op.opcode == ONCE:
        message = f"{ONCE} sets variables before the first inference, and the {view.runtime} runtime has none"
        hint = "Export the model without state of its own: pass the state in and out as tensors."
    elif op.opcode in _CONTROL_FLOW:
        message = f"{op.opcode} is control flow, which a static plan of memory cannot hold"
        hint = "Unroll loops (Keras: unroll=True) and resolve conditions when exporting the model."
    elif _works_on_sizes(view, op):
        message = f"{op.opcode} computes sizes while the model runs"
        hint = (
            "It comes from a dimension left open, mostly the batch before a Flatten or Reshape: export the "
            "model with a fixed input shape and a batch size of 1, and it disappears."
        )
    else:
        message = f"the {view.runtime} runtime has no {op.opcode}"
        hint = f"Replace it in the model. {known}"
    first = next((t for t in (*op.outputs, *op.inputs) if t != ABSENT), None)
    view.report("unsupported-operator", message, hint, operator=index, tensor=first)


def _works_on_sizes(view: View, op: Operator) -> bool:
    return op.opcode in _RUN_TIME_SIZES and all(
        view.graph[t].dtype in (DType.INT32, DType.INT64) for t in op.outputs
    )


def _check_form(view: View, index: int, op: Operator, support: Support) -> None:
    operands = support.operands
    fewest = sum(not operand.optional for operand in operands)
    results = "one output" if support.parts is None else "outputs"
    if (
        not fewest <= len(op.inputs) == len(support.roles(op))
        or not op.inputs
        or not (op.outputs if support.parts else len(op.outputs) == 1)
    ):
        view.report(
            "operand-count",
            f"it has {len(op.inputs)} inputs and {len(op.outputs)} outputs, where {op.opcode} takes "
            f"{' and '.join(operand.name for operand in operands)} and gives {results}",
            "The model file is not as a converter writes it: convert it again.",
            operator=index,
        )
        return
    for operand, tensor in support.roles(op):
        _check_operand(view, index, operand, tensor, support.types_of(view.graph, op, operand))
        if index in view.settled:
            return
    for place in range(len(op.outputs)):
        _check_output(view, index, op, support, place)
    _check_options(view, index, op, support)


def _check_operand(view: View, index: int, operand: Operand, tensor: int, dtypes: frozenset[DType]) -> None:
    if tensor == ABSENT:
        if not operand.optional:
            view.report(
                "operand-missing",
                f"its {operand.name} is left out",
                "The model file is not as a converter writes it: convert it again.",
                operator=index,
            )
        return
    info = view.graph[tensor]
    if tensor in view.blamed and not info.is_constant:
        view.settled.add(index)
    elif info.dtype not in dtypes:
        allowed = " or ".join(sorted(dtype.value for dtype in dtypes))
        view.report(
            "operand-type",
            f"its {operand.name} {view.typed(tensor)} is not {allowed}{_type_cause(info.dtype)}",
            _type_remedy(info.dtype),
            operator=index,
            tensor=tensor,
        )
    elif operand.role == "parameter" and info.elements > operand.most:
        view.report(
            "operand-size",
            f"its {operand.name} {view.typed(tensor)} has {info.elements} values; no operator takes so many",
            "The model file is not as a converter writes it: convert it again.",
            operator=index,
            tensor=tensor,
        )
    elif operand.role == "state" and not info.is_variable:
        view.report(
            "variable",
            f"its {operand.name} {view.typed(tensor)} is {view.maker(tensor)}, and no variable that is kept "
            "between inferences",
            "The model file is not as a converter writes it: convert it again.",
            operator=index,
            tensor=tensor,
        )
    elif info.is_variable and operand.role != "state":
        view.report(
            "variable",
            f"its {operand.name} {view.typed(tensor)} keeps its value between inferences",
            f"{view.graph.operators[index].opcode} takes none there: pass the state in and out as tensors.",
            operator=index,
            tensor=tensor,
        )
    elif operand.constant and not info.is_constant:
        view.report(
            "operand-not-constant",
            f"its {operand.name} {view.typed(tensor)} is computed by {view.maker(tensor)} while the model "
            "runs, but has to be a constant in the file",
            "Export the model with fixed shapes, and with weights as constants.",
            operator=index,
            tensor=tensor,
        )


def _check_output(view: View, index: int, op: Operator, support: Support, place: int) -> None:
    output = op.outputs[place]
    dtype = view.graph[output].dtype
    dtypes = support.types_of(view.graph, op, None, place)
    if dtype not in dtypes:
        allowed = " or ".join(sorted(d.value for d in dtypes))
        view.report(
            "output-operand-type",
            f"its output {view.typed(output)} is not {allowed}{_type_cause(dtype)}",
            _type_remedy(dtype),
            operator=index,
            tensor=output,
        )


def _type_cause(dtype: DType) -> str:
    if dtype is DType.UINT8:
        return ": it is quantized in the older unsigned form"
    if dtype is DType.INT16:
        return ": the model has 16-bit activations"
    if dtype is DType.INT4:
        return ": the model has 4-bit weights"
    return ""


def _type_remedy(dtype: DType) -> str:
    if dtype is DType.UINT8:
        return "Make a signed int8 model of the float original with edgeq convert."
    return "Make an int8 model of the float original with edgeq convert."


def _check_options(view: View, index: int, op: Operator, support: Support) -> None:
    if op.unread_options:
        view.report(
            "unknown-options",
            f"it carries options that edgeq does not read ({op.unread_options})",
            "Convert the model with an older converter, or with edgeq convert.",
            operator=index,
        )
        return
    activation = str(op.options.get("fused_activation_function", "NONE"))
    if activation not in support.activations:
        view.report(
            "fused-activation",
            f"its fused activation {activation} is not one of {', '.join(sorted(support.activations))}",
            "Use the activation as an operator of its own, or another one.",
            operator=index,
        )
    for name in support.positive:
        value = op.options.get(name, 1)
        if not isinstance(value, int) or not 1 <= value <= np.iinfo(np.int16).max:
            view.report(
                "option",
                f"its option {name} is {value}",
                "The model file is not as a converter writes it: convert it again.",
                operator=index,
            )
    for name, required in support.fixed:
        value = op.options.get(name, required)
        if value != required:
            view.report(
                "option",
                f"its option {name} is {value}; only {required} is supported",
                "Convert the model again without this option.",
                operator=index,
            )
    main = support.main(op)
    shape = view.graph[main].shape
    if support.longest is not None and shape and shape[-1] > support.longest:
        view.report(
            "length",
            f"its input {view.typed(main)} has {shape[-1]} values on its last axis, more than the "
            f"{support.longest} that its sum can hold",
            f"Leave {op.opcode} out of the model, and apply it on the host.",
            operator=index,
            tensor=main,
        )
    rank = len(shape)
    low, high = support.ranks
    if not low <= rank <= high:
        wanted = f"{low}" if low == high else f"{low} to {high}"
        view.report(
            "rank",
            f"its input {view.typed(main)} has {rank} dimensions, where the {view.runtime} runtime "
            f"takes {wanted}",
            "Reshape the tensor before this operator.",
            operator=index,
            tensor=main,
        )
