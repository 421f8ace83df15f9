"""The graph as rules see it: who makes and reads a tensor, how messages name it, and what has failed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from edgeq.checker.findings import Finding, Severity
from edgeq.checker.operators import Forms, Support, form_of
from edgeq.graph.model import ABSENT, DType, Graph, Operator, Tensor


class View:
    """A graph with its producers and consumers.

    Args:
        graph: the graph.
        table: the runtime's operators.
        runtime: the runtime's name, for messages.
        custom: the custom operators that the user brings to it.

    Attributes:
        inputs, outputs: the model's, as sets.
        producer: the operator that writes a tensor, by the tensor's index.
        consumers: the operators that read a tensor, by its index.
        settled: operators about which an error has been said; later rules leave them alone.
        blamed: tensors that an error is about; the operators that share them need not repeat it.
        findings: everything said so far.
    """

    def __init__(
        self, graph: Graph, table: Mapping[str, Forms], runtime: str, custom: Collection[str] = ()
    ) -> None:
        self.graph = graph
        self.table = table
        self.runtime = runtime
        self.custom = frozenset(custom)
        self.inputs = frozenset(graph.inputs)
        self.outputs = frozenset(graph.outputs)
        self.producer = {t: i for i, op in enumerate(graph.operators) for t in op.outputs}
        self.consumers: dict[int, list[int]] = defaultdict(list)
        for i, op in enumerate(graph.operators):
            for t in op.inputs:
                if t != ABSENT:
                    self.consumers[t].append(i)
        self.settled: set[int] = set()
        self.blamed: set[int] = set()
        self.findings: list[Finding] = []

    def open_operators(self) -> list[tuple[int, Operator]]:
        """The operators about which nothing bad has been said yet."""
        return [(i, op) for i, op in enumerate(self.graph.operators) if i not in self.settled]

    def form(self, op: Operator) -> Support | None:
        """The form in which the runtime takes an operator, or the nearest; None where it has none at all."""
        forms = self.table.get(op.opcode)
        return None if forms is None else forms[form_of(forms, self.graph, op)]

    def taken(self) -> list[tuple[int, Operator, Support]]:
        """The operators about which nothing bad has been said yet, with their forms."""
        found = ((i, op, self.form(op)) for i, op in self.open_operators())
        return [(i, op, form) for i, op, form in found if form is not None]

    def has_form(self, op: Operator) -> bool:
        """Whether the runtime takes an operator with tensors of these types."""
        form = self.form(op)
        return form is not None and bool(op.inputs) and not form.misfits(self.graph, op)

    def report(
        self,
        rule: str,
        message: str,
        hint: str,
        *,
        operator: int | None = None,
        tensor: int | None = None,
        severity: Severity = "error",
    ) -> None:
        """Say something; an error about an operator settles it.

        Args:
            operator: the operator's index; its name is put before the message.
            tensor: the index of the tensor that the finding is about.
        """
        if operator is not None and severity == "error":
            self.settled.add(operator)
            if tensor is not None:
                self.blamed.add(tensor)
        op = self.graph.operators[operator] if operator is not None else None
        self.findings.append(
            Finding(
                rule=rule,
                severity=severity,
                operator=operator,
                opcode=(op.custom_code or op.opcode) if op else "",
                tensor=self.graph[tensor].name if tensor is not None else "",
                dtype=self.graph[tensor].dtype.value if tensor is not None else "",
                message=f"{self.graph.describe(operator)}: {message}" if operator is not None else message,
                hint=hint,
            )
        )

    def named(self, tensor: int) -> str:
        """A tensor in a message: ``tensor 3 'conv/Relu'``."""
        return f"tensor {tensor} {self.graph[tensor].label!r}"

    def typed(self, tensor: int) -> str:
        """A tensor in a message, with its type and shape."""
        info = self.graph[tensor]
        return f"{self.named(tensor)} ({info.dtype.value} {list(info.shape)})"

    def maker(self, tensor: int) -> str:
        """Who makes a tensor, in words."""
        if tensor in self.producer:
            return self.graph.describe(self.producer[tensor])
        if tensor in self.inputs:
            return "the model's input"
        return "a constant" if self.graph[tensor].is_constant else "a variable"

    def operands(self, op: Operator) -> list[tuple[int, Tensor]]:
        """The inputs that are given, and the outputs: what the operator works on."""
        return [(t, self.graph[t]) for t in (*op.inputs, *op.outputs) if t != ABSENT]

    def activations(self, op: Operator) -> list[tuple[int, Tensor]]:
        """The inputs that are given and not constant, and the outputs."""
        return [(t, tensor) for t, tensor in self.operands(op) if not tensor.is_constant]

    def is_float(self, operator: int) -> bool:
        """Whether an operator reads or writes a tensor of a floating-point type."""
        return any(tensor.dtype.is_float for _, tensor in self.operands(self.graph.operators[operator]))


QUANTIZED = frozenset({DType.INT4, DType.INT8, DType.UINT8, DType.INT16})
"""The types of quantized activations and weights."""
