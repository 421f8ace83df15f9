"""What the Edge TPU compiler says, as typed values: its summary, its table of operators, its failures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

MAPPED = "Mapped to Edge TPU"

_CONVERT_AGAIN = "make a strict int8 model of the float original with edgeq convert"
_SEE_CHECK = "edgeq check --target edgetpu shows each operator's reason"

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        MAPPED: "runs on the Edge TPU",
        "More than one subgraph is not supported": "an operator before it stays on the CPU, and the compiler "
        "makes one Edge TPU part only",
        "Operation is otherwise supported, but not mapped due to some unspecified limitation": "the operator "
        "is supported, but not of this size or with these options",
        "Operation is working on an unsupported data type": "it takes or gives something that is not 8-bit "
        "quantized",
        "Operation not supported": "the Edge TPU has no such operator",
        "Operation version not supported": "the operator's version is newer than the frozen compiler knows",
        "Tensor has unsupported rank (up to 3 innermost dimensions mapped)": "a tensor has more than three "
        "dimensions larger than 1, or an outer one",
        "Filter, bias, or other param is not constant at compile-time": "a parameter is computed while the "
        "model runs",
    }
)
"""Every status that the compiler is known to give an operator, and what it means."""


@dataclass(frozen=True)
class Row:
    """One line of the table of operators: ``count`` operators of this name have this status."""

    operator: str
    count: int
    status: str

    @property
    def mapped(self) -> bool:
        """Whether they run on the Edge TPU."""
        return self.status == MAPPED

    @property
    def meaning(self) -> str:
        """The status in plain words; empty for one that is not known."""
        return STATUSES.get(self.status, "")


@dataclass(frozen=True)
class ModelSummary:
    """What the compiler says of one model; sizes in bytes, rounded as it rounds them; None where unsaid.

    Attributes:
        cached_bytes: parameters that stay in on-chip memory.
        remaining_bytes: on-chip memory left for parameters.
        streamed_bytes: parameters that come over the link for every inference.
        on_tpu, on_cpu: how many of ``operations`` run where.
        rows: the table of operators, in its order.
    """

    input_model: str = ""
    input_bytes: int | None = None
    output_model: str = ""
    output_bytes: int | None = None
    cached_bytes: int | None = None
    remaining_bytes: int | None = None
    streamed_bytes: int | None = None
    subgraphs: int | None = None
    operations: int | None = None
    on_tpu: int | None = None
    on_cpu: int | None = None
    operation_log: str = ""
    rows: tuple[Row, ...] = ()

    @property
    def mapped(self) -> int | None:
        """How many operators run on the Edge TPU, by the table, else by the summary."""
        if self.rows:
            return sum(row.count for row in self.rows if row.mapped)
        return self.on_tpu

    @property
    def total(self) -> int | None:
        """How many operators there are, by the table, else by the summary."""
        if self.rows:
            return sum(row.count for row in self.rows)
        if self.on_tpu is not None and self.on_cpu is not None:
            return self.on_tpu + self.on_cpu
        return self.operations

    def counts(self) -> Counter[tuple[str, bool]]:
        """How many operators by (name, mapped)."""
        found: Counter[tuple[str, bool]] = Counter()
        for row in self.rows:
            found[row.operator, row.mapped] += row.count
        return found

    def to_dict(self) -> dict[str, object]:
        """As ``--json`` prints it."""
        return {
            "input_model": self.input_model,
            "output_model": self.output_model,
            "mapped": self.mapped,
            "total": self.total,
            "parameter_bytes_cached": self.cached_bytes,
            "parameter_bytes_remaining": self.remaining_bytes,
            "parameter_bytes_streamed": self.streamed_bytes,
            "subgraphs": self.subgraphs,
            "operators": [
                {"name": row.operator, "count": row.count, "mapped": row.mapped, "status": row.status}
                for row in self.rows
            ],
        }


@dataclass(frozen=True)
class Failure:
    """One cause of a compilation that failed.

    Attributes:
        kind: a stable word for scripts.
        said: the compiler's own words, or what it did.
        cause: what is wrong, in a sentence.
        remedy: what to do.
        opaque: whether the compiler names nothing that could be at fault, so that a search may help.
        again: whether another attempt may succeed.
    """

    kind: str
    said: str
    cause: str
    remedy: str
    opaque: bool = False
    again: bool = False


@dataclass(frozen=True)
class CompileLog:
    """One run of the compiler, as far as its words tell.

    Attributes:
        version: such as ``16.0.384591198``; empty where it did not say.
        successful: whether it said that the models were compiled.
        milliseconds: how long that took; None where it did not say.
        models: one summary per model.
        failure: the most telling cause where there is one.
    """

    version: str
    successful: bool
    milliseconds: int | None
    models: tuple[ModelSummary, ...]
    failure: Failure | None


_VERSION = re.compile(r"Edge TPU Compiler version\s+([0-9][\w.]*)")
_COMPILED = re.compile(r"Models? compiled successfully(?: in (\d+) ?ms)?", re.IGNORECASE)
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMG]i?)?B", re.IGNORECASE)
_HEADER = re.compile(r"Operator\s+Count\s+Status", re.IGNORECASE)
_ROW = re.compile(r"(\S.*?)\s+(\d+)\s+(\S.*)")
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

_TEXT_LINES = (
    ("Input model:", "input_model"),
    ("Output model:", "output_model"),
    ("Operation log:", "operation_log"),
)
_SIZE_LINES = (
    ("Input size:", "input_bytes"),
    ("Output size:", "output_bytes"),
    ("On-chip memory used for caching model parameters:", "cached_bytes"),
    ("On-chip memory remaining for caching model parameters:", "remaining_bytes"),
    ("On-chip memory available for caching model parameters:", "remaining_bytes"),  # older versions
    ("Off-chip memory used for streaming uncached model parameters:", "streamed_bytes"),
)
_COUNT_LINES = (
    ("Number of Edge TPU subgraphs:", "subgraphs"),
    ("Total number of operations:", "operations"),
    ("Number of operations that will run on Edge TPU:", "on_tpu"),
    ("Number of operations that will run on CPU:", "on_cpu"),
)


def version_of(text: str) -> str:
    """The compiler's version in what it printed; empty where there is none."""
    found = _VERSION.search(text)
    return found.group(1) if found else ""


def parse_log(text: str) -> CompileLog:
    """Read everything that the compiler printed; any text is taken, and nothing is raised."""
    compiled = _COMPILED.search(text)
    took = compiled.group(1) if compiled else None
    return CompileLog(
        version=version_of(text),
        successful=compiled is not None,
        milliseconds=int(took) if took else None,
        models=tuple(_model(lines) for lines in _blocks(text)),
        failure=find_failure(text),
    )


def parse_table(text: str) -> tuple[Row, ...]:
    """The table ``Operator  Count  Status`` of an operation log; empty where there is none."""
    rows: list[Row] = []
    inside = False
    for line in text.splitlines():
        stripped = line.strip()
        if _HEADER.fullmatch(stripped):
            inside = True
        elif inside and stripped:
            match = _ROW.fullmatch(stripped)
            if match is None:
                inside = False
            else:
                rows.append(Row(match.group(1), int(match.group(2)), match.group(3).rstrip(".")))
    return tuple(rows)


def parse_size(text: str) -> int | None:
    """``3.75MiB`` in bytes; None for anything else."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    unit = (match.group(2) or "").upper().rstrip("I")
    return round(float(match.group(1)) * _UNITS[unit])


def _blocks(text: str) -> list[list[str]]:
    """The lines about each model; a model's begin with ``Input model:``."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line.strip().startswith("Input model:"):
            blocks.append([])
        if blocks:
            blocks[-1].append(line)
    return blocks


def _model(lines: Iterable[str]) -> ModelSummary:
    lines = list(lines)
    values: dict[str, object] = {}
    for line in lines:
        stripped = line.strip()
        for prefix, key in _TEXT_LINES:
            if stripped.startswith(prefix):
                values[key] = stripped[len(prefix) :].strip()
        for prefix, key in _SIZE_LINES:
            if stripped.startswith(prefix):
                values[key] = parse_size(stripped[len(prefix) :])
        for prefix, key in _COUNT_LINES:
            number = stripped[len(prefix) :].strip()
            if stripped.startswith(prefix) and number.isdecimal():
                values[key] = int(number)
    return ModelSummary(**values, rows=parse_table("\n".join(lines)))  # type: ignore[arg-type]  # keys are fields


def find_failure(text: str) -> Failure | None:
    """The one cause that a log gives for its failure, the most telling first; None where it gives none."""
    for pattern, kind, cause, remedy, opaque, again in _FAILURES:
        match = re.search(pattern, text)
        if match is not None:
            names = {key: value or "" for key, value in match.groupdict().items()}
            said = " ".join(match.group(0).split())
            return Failure(kind, said, cause.format(**names), remedy.format(**names), opaque, again)
    return None


_FAILURES: tuple[tuple[str, str, str, str, bool, bool], ...] = (
    (
        r"Invalid model:\s*(?P<model>[^\n]*)\s+Model not quantized",
        "not-quantized",
        "the compiler takes quantized models only, and this one has float tensors",
        _CONVERT_AGAIN,
        False,
        False,
    ),
    (
        r"(?:Invalid model:\s*(?P<model>[^\n]*)\s+)?Model could not be parsed",
        "unreadable",
        "the compiler cannot read the file: it is damaged, or newer than the frozen compiler",
        f"{_CONVERT_AGAIN}; edgeq inspect shows whether the file is whole",
        False,
        False,
    ),
    (
        r"Didn't find op for builtin opcode '(?P<op>[^']*)' version '(?P<version>[^']*)'",
        "operator-version",
        "the frozen compiler does not know {op} in version {version}: the converter was newer than it",
        f"{_CONVERT_AGAIN}, which writes the oldest version that fits; {_SEE_CHECK}",
        False,
        False,
    ),
    (
        r"Compilation failed: Model failed in Tflite interpreter[^\n]*",
        "interpreter",
        "the interpreter inside the compiler cannot run the model: dynamic shapes, an operator newer than "
        "the compiler, or parameters that contradict each other",
        f"fix every shape (batch 1) when exporting the model, and convert it again; {_SEE_CHECK}",
        True,
        False,
    ),
    (
        r"Compilation failed due to large activation tensors in model",
        "large-activations",
        "an activation is too large for the Edge TPU's memory",
        "take a smaller input or fewer channels in the first layers, or cut the model before the large "
        "activations; edgeq compile --find-culprit names the operator",
        True,
        False,
    ),
    (
        r"Compilation timeout\.?[^\n]*",
        "timeout",
        "the compiler gave up after its time-out, which is mostly caused by large activations",
        "give it longer or a smaller input (edgeq compile --timeout); edgeq compile --find-culprit names the "
        "operator",
        True,
        False,
    ),
    (
        r"Internal compiler error\.? ?(?:Aborting!)?",
        "internal",
        "the compiler has a fault of its own with something in this model",
        "edgeq compile --find-culprit names the operator: export the model without it, or in another form",
        True,
        True,
    ),
    (
        r"Invalid model:[^\n]*(?:\n[^\n]+)?",
        "invalid",
        "the compiler does not take this model",
        f"{_CONVERT_AGAIN}; {_SEE_CHECK}",
        False,
        False,
    ),
    (
        r"Compilation failed!",
        "unexplained",
        "the compiler failed without saying why",
        "edgeq compile --find-culprit names the operator",
        True,
        True,
    ),
)
"""Pattern, kind, cause, remedy, opaque, again; the most telling first."""
