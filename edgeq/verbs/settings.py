"""Settings that stand between the command line and the defaults: environment, edgeq.local.toml, edgeq.toml.

``docs/configuration.md`` documents the files. The command line puts its own flags on top with
:meth:`Settings.override`.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from edgeq.base.errors import UsageError
from edgeq.base.hints import document

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

FILE = "edgeq.toml"
LOCAL_FILE = "edgeq.local.toml"
HARDWARE_MAP = "hardware-map.yml"
"""Beside them, or in the working folder: which board is behind which probe."""
RUNTIMES = ("aot", "tflm")
"""What may run a model on a board: C of edgeq's own, or TensorFlow Lite Micro."""
_LARGEST_FILE = 1 << 16
_DOCUMENTED = f"{document('configuration')} documents every key"
_MODULE_SPEC = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Settings:
    """What a user may set once instead of typing it each time; None where nobody said anything.

    Attributes:
        board: a board's id or the path of a board.toml.
        port: a pyserial URL.
        device: a serial number, or a part of it, of a probe or board.
        hardware_map: the file that says which board is behind which probe.
        sim: which simulator, where the board has several.
        toolchain: ``"auto"``, ``"zig"`` or ``"gcc"``.
        runtime: ``"aot"``, ``"tflm"``, or several with commas between, to be compared.
        tflm_dir: where TensorFlow Lite Micro is.
        kernels: which kernels of it; ``"auto"`` for the fastest that there is a library of.
        out: where ``deploy`` writes.
        data, calibration: data specs, as ``--data`` and ``--calibration`` take them.
        normalize: (mean, std) of image pixels.
        samples, seed, limit, io, mode, calibrator: as the flags of the same names.
        min_accuracy, max_accuracy_drop: shares, 0..1.
        max_instructions: executed instructions of a warm inference.
        max_latency: milliseconds of a warm inference.
        require_exact: whether every output byte must equal the oracle's.
        min_mapped: share of operators that have to run on the Edge TPU, 0..1.
        edgetpu_compiler: the argument list that starts the Edge TPU compiler.
        edgetpu_python, edgetpu_ssh: the Python beside the device, and the command that connects to it.
        edgetpu_device: which device, as the delegate names them.
        min_runtime_version: the oldest Edge TPU runtime that a compiled model shall run on.
        sources_tensorflow, sources_onnx, sources_torch: the Pythons that have these frameworks.
        sources_timeout: how long a framework may take for a model, in seconds.
    """

    board: str | None = None
    port: str | None = None
    device: str | None = None
    hardware_map: Path | None = None
    sim: Literal["unicorn", "qemu", "renode"] | None = None
    toolchain: Literal["auto", "zig", "gcc"] | None = None
    runtime: str | None = None
    tflm_dir: Path | None = None
    kernels: Literal["auto", "reference", "cmsis_nn"] | None = None
    out: Path | None = None
    data: str | None = None
    calibration: str | None = None
    normalize: tuple[float, float] | None = None
    samples: int | None = None
    seed: int | None = None
    limit: int | None = None
    io: Literal["int8", "uint8"] | None = None
    mode: Literal["auto", "minmax"] | None = None
    calibrator: str | None = None
    min_accuracy: float | None = None
    max_accuracy_drop: float | None = None
    max_instructions: int | None = None
    max_latency: float | None = None
    require_exact: bool | None = None
    min_mapped: float | None = None
    edgetpu_compiler: tuple[str, ...] | None = None
    edgetpu_python: str | None = None
    edgetpu_ssh: tuple[str, ...] | None = None
    edgetpu_device: str | None = None
    min_runtime_version: int | None = None
    sources_tensorflow: str | None = None
    sources_onnx: str | None = None
    sources_torch: str | None = None
    sources_timeout: float | None = None

    def override(self, **values: Any) -> Settings:
        """A copy in which every value that is not None wins.

        Who names a simulator does not want the port that was set before, nor the other way round.
        """
        given = {key: value for key, value in values.items() if value is not None}
        for one, other in (("sim", "port"), ("port", "sim")):
            if one in given and other not in given:
                given[other] = None
        return replace(self, **given)


def load_settings(start: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings for a folder: EDGEQ_BOARD, EDGEQ_PORT, EDGEQ_DEVICE, TFLM_DIR and the Pythons of sources
    (EDGEQ_TF_PYTHON, EDGEQ_ONNX_PYTHON, EDGEQ_TORCH_PYTHON) over edgeq.local.toml over edgeq.toml.

    The files are looked for in ``start`` (the working folder) and the folders above it, up to the one that
    holds a ``.git``. Relative paths in a file are relative to that file.

    Raises:
        UsageError: a file cannot be read, is not TOML, or has an unknown key or a wrong value.
    """
    environ = os.environ if environ is None else environ
    settings = Settings()
    start = Path.cwd() if start is None else start.resolve()
    folder = _folder_of_files(start)
    if folder is not None:
        for name in (FILE, LOCAL_FILE):
            if (folder / name).is_file():
                settings = settings.override(**_read(folder / name))
    if settings.hardware_map is None:
        usual = (folder or start) / HARDWARE_MAP
        settings = settings.override(hardware_map=usual if usual.is_file() else None)
    tflm = environ.get("TFLM_DIR")
    return settings.override(
        board=environ.get("EDGEQ_BOARD") or None,
        port=environ.get("EDGEQ_PORT") or None,
        device=environ.get("EDGEQ_DEVICE") or None,
        tflm_dir=Path(tflm) if tflm else None,
        sources_tensorflow=environ.get("EDGEQ_TF_PYTHON") or None,
        sources_onnx=environ.get("EDGEQ_ONNX_PYTHON") or None,
        sources_torch=environ.get("EDGEQ_TORCH_PYTHON") or None,
    )


def parse_share(text: str | float, what: str) -> float:
    """A share given as a fraction (``0.9``) or in percent (``90%``), as a fraction.

    Raises:
        UsageError: not a number, outside 0..1, or (``90``) one that leaves open which of the two is meant.
    """
    words = str(text).strip()
    hint = "write a fraction (0.9) or percent with its sign (90%)"
    try:
        value = float(words[:-1]) / 100 if words.endswith("%") else float(words)
    except ValueError:
        raise UsageError(f"{what}: {words!r} is not a number", hint) from None
    if not 0 <= value <= 1:
        raise UsageError(f"{what}: {words} is not between 0 and 1", hint)
    return value


def parse_runtimes(text: str, what: str = "--runtime") -> tuple[str, ...]:
    """``"aot,tflm"`` as names, in the order given.

    Raises:
        UsageError: an unknown runtime, or one that is named twice.
    """
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in RUNTIMES]
    if unknown or len(set(names)) != len(names):
        wrong = f"there is no runtime {unknown[0]!r}" if unknown else f"{text!r} names a runtime twice"
        raise UsageError(f"{what}: {wrong}", f"runtimes: {', '.join(RUNTIMES)}; several with commas between")
    return names


def parse_normalize(text: str, what: str = "--normalize") -> tuple[float, float]:
    """``"MEAN,STD"`` as two numbers.

    Raises:
        UsageError: not two finite numbers, or STD is not above 0.
    """
    hint = "give mean and standard deviation of pixels 0..255, such as 127.5,127.5"
    try:
        mean, std = (float(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"{what}: {text!r} is not MEAN,STD", hint) from None
    if not (abs(mean) < float("inf") and 0 < std < float("inf")):
        raise UsageError(f"{what}: {text!r} is not a finite mean and a positive deviation", hint)
    return mean, std


def _folder_of_files(start: Path) -> Path | None:
    for folder in (start, *start.parents):
        if (folder / FILE).is_file() or (folder / LOCAL_FILE).is_file():
            return folder
        if (folder / ".git").exists():
            return None
    return None


def _read(path: Path) -> dict[str, Any]:
    """One file's settings under the names of :class:`Settings`, paths made absolute."""
    values = _validated(path, _toml(path))
    thresholds = values.pop("thresholds", None) or {}
    for key in ("min_accuracy", "max_accuracy_drop", "min_mapped"):
        if thresholds.get(key) is not None:
            thresholds[key] = parse_share(thresholds[key], f"{path}: thresholds.{key}")
    values.update(thresholds)
    values.update(_edgetpu(values.pop("edgetpu", None) or {}))
    if values.get("port") is not None and values.get("sim") is not None:
        raise UsageError(f"{path}: both port and sim are set", "leave one of them out")
    folder = path.parent
    values.update(_sources(values.pop("sources", None) or {}, folder))
    for key in ("out", "tflm_dir", "hardware_map"):
        if values.get(key) is not None:
            values[key] = folder / Path(values[key]).expanduser()
    for key in ("data", "calibration"):
        if values.get(key) is not None:
            values[key] = _absolute_spec(values[key], folder)
    board = values.get("board")
    if board is not None and ("/" in board or board.endswith(".toml")):
        values["board"] = str(folder / Path(board).expanduser())
    if values.get("normalize") is not None:
        mean, std = values["normalize"]
        values["normalize"] = parse_normalize(f"{mean},{std}", f"{path}: normalize")
    return {key: value for key, value in values.items() if value is not None}


def _edgetpu(table: dict[str, Any]) -> dict[str, Any]:
    """The table ``[edgetpu]`` under the names of :class:`Settings`."""
    named = {key if key == "min_runtime_version" else f"edgetpu_{key}": value for key, value in table.items()}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in named.items()}


def _sources(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The table ``[sources]`` under the names of :class:`Settings`; a bare command name is left to PATH."""
    return {
        f"sources_{key}": str(folder / Path(value).expanduser())
        if isinstance(value, str) and "/" in value
        else value
        for key, value in table.items()
    }


def _absolute_spec(spec: str, folder: Path) -> str:
    if _MODULE_SPEC.fullmatch(spec) and not (folder / spec).exists():
        return spec
    return str(folder / Path(spec).expanduser())


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", "check its permissions") from error
    if len(raw) > _LARGEST_FILE:
        raise UsageError(f"{path} is too large for a settings file", _DOCUMENTED)
    try:
        values: dict[str, Any] = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", _DOCUMENTED) from error
    return values


def _validated(path: Path, values: dict[str, Any]) -> dict[str, Any]:
    from pydantic import ValidationError

    from edgeq.verbs.settings_schema import ConfigFile

    try:
        return ConfigFile.model_validate(values).model_dump()
    except ValidationError as error:
        raise _explained(path, error.errors()[0]) from error


def _explained(path: Path, detail: ErrorDetails) -> UsageError:
    """Pydantic's first finding as a sentence with the key's full name."""
    from edgeq.verbs.settings_schema import ConfigFile, EdgeTpuKeys, SourceKeys, ThresholdKeys

    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        tables: dict[str, type[BaseModel]] = {
            "thresholds": ThresholdKeys,
            "edgetpu": EdgeTpuKeys,
            "sources": SourceKeys,
        }
        table = tables[str(detail["loc"][0])] if len(detail["loc"]) > 1 else ConfigFile
        keys = list(table.model_fields)
        name = str(detail["loc"][-1])
        near = difflib.get_close_matches(name, keys, n=1)
        elsewhere = name in ThresholdKeys.model_fields and table is ConfigFile
        guess = f"did you mean {near[0]!r}? " if near else ""
        guess = "it belongs in the table [thresholds]; " if elsewhere else guess
        return UsageError(f"{path}: unknown key {where!r}", f"{guess}keys here: {', '.join(keys)}")
    return UsageError(f"{path}: {where}: {detail['msg']} (it is {detail['input']!r})", _DOCUMENTED)


FLAG_NAMES = frozenset(field.name for field in fields(Settings))
"""The settings that are command-line flags of the same name."""
