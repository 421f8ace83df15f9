"""Driving ``edgetpu_compiler``: found and probed, run with a time-out and retries, judged by file and log.

Its exit code is not looked at: success is an output file and the words ``compiled successfully``.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from edgeq.base.errors import BuildError, ModelError, ToolMissingError, UsageError
from edgeq.base.hints import document
from edgeq.base.progress import SILENT, Progress
from edgeq.edgetpu.compile_log import CompileLog, Failure, parse_log, parse_table, version_of
from edgeq.graph import Graph, read_model

DEFAULT_COMMAND = ("edgetpu_compiler",)
OLDEST_RUNTIME, NEWEST_RUNTIME = 10, 14
"""The runtime versions that the frozen compiler makes models for."""
CUSTOM_OP = "edgetpu-custom-op"

TIMEOUT = 180
"""Seconds that the compiler gives itself unless told otherwise."""
RETRIES = 2

_PROBE_SECONDS = 30.0
_GRACE_SECONDS = 30.0
_LARGEST_LOG = 4 << 20
_SUFFIX = "_edgetpu.tflite"
_HOW_TO_GET = (
    "the compiler is for x86-64 Debian and Ubuntu only: add the vendor's apt repository "
    "(packages.cloud.google.com/apt, suite coral-edgetpu-stable), then `sudo apt-get install "
    "edgetpu-compiler`; elsewhere run it in a container and set `compiler` in the table [edgetpu] of "
    f"edgeq.toml ({document('coral.md')})"
)


@dataclass(frozen=True)
class Compiler:
    """A compiler that answers.

    Attributes:
        command: its argument list; ``{folder}`` in an argument stands for the folder with the models.
        version: such as ``16.0.384591198``.
    """

    command: tuple[str, ...]
    version: str


@dataclass(frozen=True)
class Options:
    """What the compiler is asked for.

    Attributes:
        min_runtime_version: the oldest runtime that shall run the model; newer ones map more operators.
        segments: cut the model into so many, for as many devices; None for one.
        multiple_subgraphs: map several sets of operators, not the first only (``-a``, undocumented).
        intermediate_tensors: names of tensors at which the mapped part shall end (``-i``).
        search_delegate: when it fails, let the compiler look for a smaller part that compiles.
        timeout: seconds for one attempt.
        retries: how many further attempts where a failure may be a passing one.
    """

    min_runtime_version: int = NEWEST_RUNTIME
    segments: int | None = None
    multiple_subgraphs: bool = False
    intermediate_tensors: tuple[str, ...] = ()
    search_delegate: bool = False
    timeout: int = TIMEOUT
    retries: int = RETRIES

    @property
    def told(self) -> str:
        """What is unusual of them, as options of ``edgeq compile``."""
        words = ["--multiple-subgraphs"] if self.multiple_subgraphs else []
        if self.intermediate_tensors:
            words += ["--intermediate-tensors", ",".join(self.intermediate_tensors)]
        return shlex.join(words)


@dataclass(frozen=True)
class Source:
    """One model to compile: a name without suffix, and the file's bytes."""

    name: str
    model: bytes


@dataclass(frozen=True)
class Output:
    """One compiled model: its file's name as the compiler chose it, its bytes, the graph read from them."""

    file: str
    model: bytes
    graph: Graph

    @property
    def mapped(self) -> bool:
        """Whether any of it runs on the Edge TPU."""
        return any(op.custom_code == CUSTOM_OP for op in self.graph.operators)


@dataclass(frozen=True)
class Compilation:
    """Models that were compiled.

    Attributes:
        compiler: by whom.
        command: the argument list that succeeded.
        log: what it said; a model's table of operators comes from its operation log.
        text: the same as it was printed.
        outputs: in the order of the sources; of the segments where it was cut.
        attempts: how many runs it took.
    """

    compiler: Compiler
    command: tuple[str, ...]
    log: CompileLog
    text: str
    outputs: tuple[Output, ...]
    attempts: int


class CompileFailed(BuildError):
    """The compiler made nothing of the models.

    Attributes:
        failure: the one cause.
        log: everything that it printed in its last attempt.
        attempts: how many were made.
    """

    def __init__(self, name: str, failure: Failure, log: str, attempts: int) -> None:
        tries = f" ({attempts} attempts)" if attempts > 1 else ""
        said = f' ("{failure.said}")' if failure.said else ""
        super().__init__(
            f"the Edge TPU compiler failed on {name}{tries}: {failure.cause}{said}", failure.remedy
        )
        self.failure = failure
        self.log = log
        self.attempts = attempts


@dataclass(frozen=True)
class _Attempt:
    """One run: what it printed, and how it ended."""

    text: str
    code: int | None
    outputs: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)


def find_compiler(command: Sequence[str] | None = None) -> Compiler:
    """Find the compiler and ask its version: that a command of its name exists proves nothing.

    Args:
        command: its argument list, such as a container's; None for ``edgetpu_compiler`` on PATH.

    Raises:
        ToolMissingError: it is not there, or does not answer as the compiler does.
    """
    words = tuple(command) if command else DEFAULT_COMMAND
    called = " ".join(words)
    with tempfile.TemporaryDirectory(prefix="edgeq-probe-") as place:
        try:
            text, code = _run([*_placed(words, Path(place)), "--version"], Path(place), _PROBE_SECONDS)
        except FileNotFoundError:
            raise ToolMissingError(
                f"the Edge TPU compiler is missing: there is no {words[0]!r}", _HOW_TO_GET
            ) from None
        except OSError as error:
            raise ToolMissingError(
                f"the Edge TPU compiler does not start: {called}: {error.strerror}", _HOW_TO_GET
            ) from error
    version = version_of(text)
    if version:
        return Compiler(words, version)
    if code is None:
        raise ToolMissingError(
            f"the Edge TPU compiler gave no answer for {_PROBE_SECONDS:g} s: {called} --version", _HOW_TO_GET
        )
    if code == 127:
        raise ToolMissingError(
            f"{called} is there, but only its wrapper script: the compiler that it starts is missing "
            "(exit code 127)",
            f"install the package again; {_HOW_TO_GET}",
        )
    raise ToolMissingError(
        f"{called} does not answer as the Edge TPU compiler does (exit code {code}){_end(text)}", _HOW_TO_GET
    )


def compile_models(
    compiler: Compiler, sources: Sequence[Source], options: Options, progress: Progress = SILENT
) -> Compilation:
    """Compile models; several are compiled to share the on-chip memory.

    Raises:
        CompileFailed: with its one cause.
        UsageError: no models, two of one name, or segments of more than one model.
    """
    _refuse(sources, options)
    called = ", ".join(source.name for source in sources)
    attempts = 0
    while True:
        attempts += 1
        command, attempt = _attempt(compiler, sources, options)
        log = parse_log(attempt.text)
        try:
            outputs = _outputs(attempt, sources, options)
        except ModelError as error:
            failure = _no_success(attempt, log, options, damaged=error.message)
        else:
            if log.successful and outputs:
                return Compilation(
                    compiler, tuple(command), _with_tables(log, attempt), attempt.text, outputs, attempts
                )
            failure = _no_success(attempt, log, options)
        if not failure.again or attempts > options.retries:
            raise CompileFailed(called, failure, attempt.text, attempts)
        progress.note(f"attempt {attempts} failed ({failure.said or failure.cause}); trying again")


def _refuse(sources: Sequence[Source], options: Options) -> None:
    if not sources:
        raise UsageError("there is no model to compile", "give at least one int8 .tflite file")
    names = [source.name for source in sources]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"two of the models are called {double}", "rename one of the files")
    if options.intermediate_tensors and (options.segments is not None or len(sources) > 1):
        raise UsageError(
            "tensors at which the mapped part ends are given for several models, or beside segments",
            "name them for one model, compiled whole",
        )
    if options.segments is not None and len(sources) > 1:
        raise UsageError(
            f"{len(sources)} models and {options.segments} segments are asked for",
            "segments cut one model for several devices; co-compilation puts several models on one device",
        )


def arguments(sources: Sequence[str], options: Options) -> list[str]:
    """The compiler's arguments for model files in its working folder."""
    words = ["-s", "-o", ".", "-m", str(options.min_runtime_version), "-t", str(options.timeout)]
    if options.segments is not None:
        words += ["-n", str(options.segments)]
    if options.multiple_subgraphs:
        words.append("-a")
    if options.intermediate_tensors:
        words += ["-i", ",".join(options.intermediate_tensors)]
    if options.search_delegate:
        words.append("-d")
    return [*words, *sources]


def _attempt(compiler: Compiler, sources: Sequence[Source], options: Options) -> tuple[list[str], _Attempt]:
    """One run in a folder of its own, so that nothing of an earlier one is taken for its output."""
    with tempfile.TemporaryDirectory(prefix="edgeq-compile-") as place:
        folder = Path(place)
        for source in sources:
            (folder / f"{source.name}.tflite").write_bytes(source.model)
        command = _placed(compiler.command, folder)
        command += arguments([f"{source.name}.tflite" for source in sources], options)
        try:
            text, code = _run(command, folder, options.timeout + _GRACE_SECONDS)
        except OSError as error:
            raise ToolMissingError(
                f"the Edge TPU compiler does not start: {error.strerror or error}", _HOW_TO_GET
            ) from error
        outputs = {path.name: path.read_bytes() for path in sorted(folder.glob("*_edgetpu.tflite"))}
        tables = {path.stem: _head(path) for path in sorted(folder.glob("*.log"))}
    return [word.replace(place, "{folder}") for word in command], _Attempt(text, code, outputs, tables)


def _outputs(attempt: _Attempt, sources: Sequence[Source], options: Options) -> tuple[Output, ...]:
    """The compiled models, empty where one is missing. ModelError where one is damaged."""
    if options.segments is None:
        files = [f"{source.name}{_SUFFIX}" for source in sources]
    else:
        name, count = sources[0].name, options.segments
        files = [f"{name}_segment_{i}_of_{count}{_SUFFIX}" for i in range(count)]
    if any(not attempt.outputs.get(file) for file in files):
        return ()
    return tuple(
        Output(file, attempt.outputs[file], read_model(attempt.outputs[file], file.removesuffix(".tflite")))
        for file in files
    )


def _with_tables(log: CompileLog, attempt: _Attempt) -> CompileLog:
    """The log in which a model without a table of operators has that of its operation log."""
    models = []
    for model in log.models:
        stem = Path(model.output_model).stem
        rows = model.rows or parse_table(attempt.tables.get(stem, ""))
        models.append(replace(model, rows=rows))
    return replace(log, models=tuple(models))


def _no_success(attempt: _Attempt, log: CompileLog, options: Options, *, damaged: str = "") -> Failure:
    """The one cause why there is no output; the log's own words win over how the process ended."""
    if damaged:
        return Failure(
            "damaged-output", "", f"its output is no whole model: {damaged}",
            "look at free space and memory, and try again", again=True,
        )  # fmt: skip
    if log.failure is not None:
        return log.failure
    if log.successful:
        return Failure(
            "no-output", "compiled successfully", "it says that it succeeded, and wrote no model",
            "look at free space; where segments were asked for, this compiler may not make so many",
            again=True,
        )  # fmt: skip
    return _ended(attempt, options)


def _ended(attempt: _Attempt, options: Options) -> Failure:
    """The cause by how a run ended that said nothing telling."""
    if attempt.code is None:
        return Failure(
            "hang", "", f"it did not end within {options.timeout + _GRACE_SECONDS:g} s, and was stopped",
            "give it longer (edgeq compile --timeout) or a smaller input; edgeq compile --find-culprit names "
            "the operator",
            opaque=True,
        )  # fmt: skip
    if attempt.code < 0 or attempt.code > 128:
        number = -attempt.code if attempt.code < 0 else attempt.code - 128
        return Failure(
            "crash", "", f"it crashed ({_signal_name(number)})",
            "edgeq compile --find-culprit names the operator", opaque=True, again=True,
        )  # fmt: skip
    if options.segments is not None:
        return Failure(
            "segments", "", "it did nothing when asked for segments, as this version is known to do",
            "ask for another number of segments, or compile the model whole",
        )  # fmt: skip
    said = attempt.text.strip().splitlines()
    return Failure(
        "silent", said[-1].strip()[:200] if said else "",
        f"it ended (exit code {attempt.code}) without an output and without saying why",
        "edgeq compile --find-culprit names the operator", opaque=True, again=True,
    )  # fmt: skip


def _run(command: list[str], folder: Path, timeout: float) -> tuple[str, int | None]:
    """What a command printed, and its exit code, None where it was stopped with all its children."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            code: int | None = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            # The compiler works in children of its own; none may outlive it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.seek(0)
        return log.read(_LARGEST_LOG).decode(errors="replace"), code


def _placed(command: Sequence[str], folder: Path) -> list[str]:
    return [word.replace("{folder}", str(folder)) for word in command]


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_LARGEST_LOG).decode(errors="replace")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""
