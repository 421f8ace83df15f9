"""The check that every model passes before a backend sees it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from edgeq.checker.findings import CheckFailed, Finding
from edgeq.checker.floats import check_floats
from edgeq.checker.quantization import check_quantization
from edgeq.checker.runtimes import operators_of
from edgeq.checker.shapes import check_shapes
from edgeq.checker.softmax import check_softmax
from edgeq.checker.structure import check_interface, check_static_shapes, check_structure
from edgeq.checker.support import check_support
from edgeq.checker.variables import check_variables
from edgeq.checker.view import View
from edgeq.features.preprocessing import Steps
from edgeq.graph import Graph, Reading, model_hash, read_file, read_model, write_model
from edgeq.graph.ends import keeps_ends, without_float_ends
from edgeq.graph.size_inputs import without_size_inputs

_PASSED: Final = object()
_ANEW = ": it was written anew, values unchanged"


class Checked:
    """A model that passed the check: what backends take. Only :func:`check` makes one.

    Attributes:
        model: the file's bytes.
        graph: the graph read from them.
        sha256: the hash of the file, in hex.
        runtime: the runtime it was checked for.
        findings: warnings and remarks; no errors.
    """

    __slots__ = ("findings", "graph", "model", "runtime", "sha256")

    model: bytes
    graph: Graph
    sha256: str
    runtime: str
    findings: tuple[Finding, ...]

    def __init__(
        self, token: object, model: bytes, graph: Graph, runtime: str, findings: tuple[Finding, ...]
    ) -> None:
        if token is not _PASSED:
            raise TypeError("a Checked model is made by edgeq.checker.check alone")
        for name, value in (
            ("model", model),
            ("graph", graph),
            ("sha256", model_hash(model)),
            ("runtime", runtime),
            ("findings", findings),
        ):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Checked model cannot be changed ({name})")

    def __repr__(self) -> str:
        return f"Checked({self.graph.name!r}, runtime={self.runtime!r}, sha256={self.sha256[:12]}…)"


def examine(graph: Graph, *, runtime: str = "aot", custom: Collection[str] = ()) -> tuple[Finding, ...]:
    """Everything there is to say about a model, errors first, then in the model's order.

    A model is judged by what runs of it: without the operators that only compute sizes, and if it is real at
    its ends only, and does not say that these are meant, by what is between (``edgeq.graph.ends``). Projects
    are made of that; remarks say so.

    Args:
        graph: the model.
        runtime: the runtime that shall run it.
        custom: the custom operators that the user brings to it.

    Raises:
        UsageError: for a runtime that edgeq does not have; never because of the model.
    """
    running, remarks = _running(graph)
    return (*_findings(running, runtime, custom), *remarks)


def _running(graph: Graph) -> tuple[Graph, tuple[Finding, ...]]:
    """What runs of a model, and remarks on what does not; the graph itself where all of it does."""
    remarks: list[Finding] = []
    from edgeq.interpreter.sizes import resolved

    graph, notes = without_size_inputs(graph)
    remarks += [_remark("size-inputs", note) for note in notes]
    found = resolved(graph)
    if found is not None:
        graph = found
        remarks.append(
            _remark(
                "sizes",
                "sizes that follow from the inputs' were computed, and what only computes them left out",
            )
        )
    ends = None if keeps_ends(graph) else without_float_ends(graph)
    if ends is not None:
        graph = ends.graph
        hint = "To have it so in a file: edgeq convert MODEL.tflite; to keep them: add --io float."
        remarks.append(_remark("float-ends", ends.note, hint))
    return graph, tuple(remarks)


def _remark(rule: str, message: str, hint: str = "") -> Finding:
    return Finding(rule, "info", None, "", "", "", message, hint)


def _untidy(read: Reading) -> tuple[Finding, ...]:
    """What about a file that can run is not fit for a device, so that it is written anew; none if nothing."""
    found: list[Finding] = []
    if not read.is_aligned:
        found.append(
            _remark("alignment", f"parts of the file lie where not every processor can read them{_ANEW}")
        )
    found += [_remark("control-flow", f"{told}{_ANEW}") for told in read.folded]
    unused = read.unused_subgraphs
    if unused:
        found.append(_remark("unused-subgraphs", f"nothing runs {unused} of the file's subgraphs{_ANEW}"))
    return tuple(found)


def _findings(graph: Graph, runtime: str, custom: Collection[str]) -> tuple[Finding, ...]:
    view = View(graph, operators_of(runtime), runtime, custom)
    for rule in (
        check_floats,
        check_structure,
        check_interface,
        check_static_shapes,
        check_variables,
        check_support,
        check_shapes,
        check_quantization,
        check_softmax,
    ):
        rule(view)
    order = {"error": 0, "warning": 1, "info": 2}
    last = len(graph.operators)
    return tuple(
        sorted(view.findings, key=lambda f: (order[f.severity], last if f.operator is None else f.operator))
    )


def check(
    model: bytes,
    *,
    name: str,
    runtime: str = "aot",
    preprocessing: Steps = (),
    custom: Collection[str] = (),
) -> Checked:
    """Read a model and check it; one that is real at its ends only loses what converts there,
    but where ``edgeq.graph.ends`` has it stay.

    Args:
        model: the bytes of a .tflite file.
        name: how messages call it.
        runtime: the runtime that shall run it.
        preprocessing: what raw values of its inputs undergo, where the file does not tell it.
        custom: the custom operators that the user brings to the runtime.

    Raises:
        ModelError: if it is not a valid .tflite file.
        CheckFailed: if the runtime cannot run it as strict int8; all findings are in its ``findings``.
        UsageError: for a runtime that edgeq does not have.
    """
    read = read_file(model, name)
    graph = read.graph
    running, remarks = _running(graph)
    findings = (*_findings(running, runtime, custom), *remarks)
    if any(finding.severity == "error" for finding in findings):
        raise CheckFailed(name, findings)
    if running is not graph:
        model = write_model(running)
        graph = read_model(model, name)
    elif untidy := _untidy(read):
        model = write_model(graph)
        graph = read_model(model, name)
        findings = (*findings, *untidy)
    if any(preprocessing):
        graph = graph.preprocessed(preprocessing)
    return Checked(_PASSED, bytes(model), graph, runtime, findings)
