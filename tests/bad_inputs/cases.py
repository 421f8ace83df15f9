"""Bad inputs, one by one: what a user gives, and the exit code that it must get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgeq.base.errors import BuildError, DataError, DeviceError, ModelError, UsageError, VerdictError

from .recipes import (
    Kitchen,
    calibration,
    changed,
    compiled,
    huge_weights,
    large_activations,
    npz,
    occupied,
    open_width,
    project,
    truncate,
    unsupported_int8,
    with_changed_file,
    with_cosine,
    with_own_file,
    write,
)


@dataclass(frozen=True)
class Case:
    """One bad input.

    Attributes:
        given: what the user gave, for the table.
        command: the command line after ``edgeq``.
        exit_code: what it must exit with.
        prepare: makes the bad input in the folder that the command runs in.
        says: a word that the message or hint must hold: the thing at fault, by name.
    """

    given: str
    command: str
    exit_code: int
    says: str
    prepare: Callable[[Kitchen], object] = lambda folder: None


_BOARD = b"""\
id = "mine"
name = "My board"
kind = "hardware"
port = "stm32f4"
stack = 4096

[cpu]
core = "cortex-m4"
fpu = "fpv4-sp-d16"
float_abi = "hard"

[flash]
address = 0x0800_0000
size = 0x8_0000

[ram]
address = 0x2000_0000
size = 0x2_0000
"""

_GENERATE = "generate {model} --board sim-m4 --out out"
_CONVERT = "convert float.tflite --calibration {data} --out made.tflite"
_JUDGE = "deploy int8.tflite --board sim-m4 --out out"
_DEPLOY = f"{_JUDGE} --samples 2"

CASES = (
    Case("a model that does not exist", "check nowhere.tflite", ModelError.exit_code, "nowhere.tflite"),
    Case("an empty file as the model", "check empty.tflite", 2, "empty.tflite", write("empty.tflite", b"")),
    Case(
        "a file that is no .tflite",
        "check notes.tflite",
        2,
        "notes.tflite",
        write("notes.tflite", b"hello " * 99),
    ),
    Case("a model cut in half", "check cut.tflite", 2, "cut.tflite", truncate),
    Case("a folder as the model", "check out", 2, "out", occupied),
    Case("a float model to `check`", "check float.tflite", VerdictError.exit_code, "float"),
    Case(
        "a float model to `generate`", _GENERATE.format(model="float.tflite"), VerdictError.exit_code, "float"
    ),
    Case(
        "a float model to `deploy` and no calibration data",
        "deploy float.tflite --board sim-m4 --out out",
        UsageError.exit_code,
        "--calibration",
    ),
    Case(
        "a dynamic shape to `generate`",
        _GENERATE.format(model="dynamic.tflite"),
        VerdictError.exit_code,
        "-1",
        lambda folder: changed(folder, "int8.tflite", "dynamic.tflite", open_width),
    ),
    Case(
        "a dynamic shape to `convert`",
        "convert dynamic.tflite --calibration calibration.npz --out made.tflite",
        ModelError.exit_code,
        "-1",
        lambda folder: changed(folder, "float.tflite", "dynamic.tflite", open_width),
    ),
    Case(
        "an operator that has no int8 form to `convert`",
        "convert cosine.tflite --calibration calibration.npz --out made.tflite",
        ModelError.exit_code,
        "COS",
        lambda folder: changed(folder, "float.tflite", "cosine.tflite", with_cosine),
    ),
    Case(
        "an operator that the runtime lacks to `generate`",
        _GENERATE.format(model="normalized.tflite"),
        VerdictError.exit_code,
        "LOCAL_RESPONSE_NORMALIZATION",
        lambda folder: changed(folder, "int8.tflite", "normalized.tflite", unsupported_int8),
    ),
    Case("calibration data that does not exist", _CONVERT.format(data="nowhere.npz"), 2, "nowhere.npz"),
    Case(
        "a text file as calibration data",
        _CONVERT.format(data="x.npz"),
        2,
        "x.npz",
        write("x.npz", b"a,b\n" * 9),
    ),
    Case(
        "calibration data of the wrong shape",
        _CONVERT.format(data="shape.npz"),
        DataError.exit_code,
        "shape",
        lambda folder: npz(folder, "shape.npz", x=np.zeros((9, 5, 5, 3), np.float32)),
    ),
    Case(
        "calibration data of the wrong type",
        _CONVERT.format(data="text.npz"),
        DataError.exit_code,
        "text.npz",
        lambda folder: npz(folder, "text.npz", x=np.array(["one", "two"])),
    ),
    Case(
        "pickled objects as calibration data",
        _CONVERT.format(data="objects.npz"),
        DataError.exit_code,
        "objects.npz",
        lambda folder: npz(folder, "objects.npz", x=np.array([{"a": 1}, None], object)),
    ),
    Case(
        "calibration data without a sample",
        _CONVERT.format(data="none.npz"),
        DataError.exit_code,
        "none.npz",
        lambda folder: npz(folder, "none.npz", x=calibration(folder)[:0]),
    ),
    Case(
        "calibration data with a NaN",
        _CONVERT.format(data="nan.npz"),
        DataError.exit_code,
        "NaN",
        lambda folder: npz(folder, "nan.npz", x=np.where(calibration(folder) > 0, np.nan, 0)),
    ),
    Case(
        "calibration data that is all zero",
        _CONVERT.format(data="zero.npz"),
        DataError.exit_code,
        "are 0",
        lambda folder: npz(folder, "zero.npz", x=np.zeros_like(calibration(folder))),
    ),
    Case(
        "test data without labels, and a threshold on accuracy",
        f"{_JUDGE} --data unlabelled.npz --min-accuracy 90%",
        2,
        "label",
        lambda folder: npz(folder, "unlabelled.npz", x=calibration(folder)),
    ),
    Case(
        "fewer labels than samples",
        f"{_JUDGE} --data short.npz",
        DataError.exit_code,
        "label",
        lambda folder: npz(folder, "short.npz", x=calibration(folder), y=np.zeros(3, np.int64)),
    ),
    Case(
        "a module that is not there as data",
        f"{_JUDGE} --data nomodule:samples",
        DataError.exit_code,
        "nomodule",
    ),
    Case(
        "a model whose weights exceed the board's flash",
        "deploy huge.tflite --board sim-m4 --out out",
        BuildError.exit_code,
        "flash",
        lambda folder: changed(folder, "int8.tflite", "huge.tflite", huge_weights),
    ),
    Case(
        "a model whose activations exceed the board's RAM",
        "deploy wide.tflite --board sim-m4 --out out",
        BuildError.exit_code,
        "RAM",
        lambda folder: changed(folder, "int8.tflite", "wide.tflite", large_activations),
    ),
    Case("an unknown board", "deploy int8.tflite --board sim-m5 --out out", 2, "sim-m"),
    Case(
        "a board file with a misspelt key",
        "deploy int8.tflite --board ./board.toml --out out",
        2,
        "did you mean 'runner'",
        write("board.toml", _BOARD + b'[[flashing]]\nruner = "st-flash"\n'),
    ),
    Case(
        "a board file with an FPU that the core does not have",
        "deploy int8.tflite --board ./board.toml --out out",
        2,
        "cpu",
        write("board.toml", _BOARD.replace(b"cortex-m4", b"cortex-m3")),
    ),
    Case(
        "a hardware map that is none",
        "devices scan --write",
        2,
        "line 3",
        write("hardware-map.yml", b"- id: 0670FF\n- [unclosed\n"),
    ),
    Case(
        "milliseconds asked of a simulator",
        "deploy int8.tflite --board sim-m4 --out out --max-latency 20",
        2,
        "instructions are no milliseconds",
    ),
    Case(
        "a device and a simulator",
        "deploy int8.tflite --board netduinoplus2 --sim qemu --port /dev/ttyACM0 --out out",
        2,
        "--sim qemu",
    ),
    Case("no board", "deploy int8.tflite --out out", 2, "--board"),
    Case("an unknown runtime", f"{_DEPLOY} --runtime tfl", 2, "tfl"),
    Case(
        "a device, and two runtimes to compare on it",
        f"{_DEPLOY} --runtime aot,tflm --port /dev/ttyNOWHERE",
        2,
        "--port",
    ),
    Case(
        "a folder that is no TensorFlow Lite Micro",
        f"{_DEPLOY} --runtime tflm --tflm-dir .",
        2,
        "tflite-micro",
    ),
    Case("an output folder that exists", _DEPLOY, UsageError.exit_code, "out", occupied),
    Case(
        "an output folder that edgeq did not make, and --force",
        f"{_DEPLOY} --force",
        UsageError.exit_code,
        "out",
        occupied,
    ),
    Case(
        "a file of the user's in a folder of edgeq's",
        "generate int8.tflite --board sim-m4 --out out",
        UsageError.exit_code,
        "app.c",
        with_own_file,
    ),
    Case(
        "a file that the user has changed in a folder of edgeq's",
        "generate int8.tflite --board sim-m4 --out out",
        UsageError.exit_code,
        "linker.ld",
        with_changed_file,
    ),
    Case(
        "an output file that exists",
        "convert float.tflite --calibration calibration.npz --out test.npz",
        UsageError.exit_code,
        "test.npz",
    ),
    Case(
        "a port that is not there",
        f"{_DEPLOY} --port /dev/ttyNOWHERE",
        DeviceError.exit_code,
        "/dev/ttyNOWHERE",
    ),
    Case("a verb that is not there", "depoly int8.tflite", 2, "deploy"),
    Case("an option that is not there", "deploy int8.tflite --bord sim-m4", 2, "--board"),
    Case("an option that is given twice", f"{_DEPLOY} --samples 3", 2, "--samples"),
    Case("a number of random inputs beside data", f"{_DEPLOY} --data test.npz", 2, "--samples"),
    Case("a limit to data that is not there", f"{_JUDGE} --limit 5", 2, "--data"),
    Case(
        "an unknown key in edgeq.toml",
        "deploy int8.tflite --out out",
        2,
        "board",
        write("edgeq.toml", b'bord = "sim-m4"\n'),
    ),
    Case(
        "broken TOML in edgeq.toml",
        "deploy int8.tflite --out out",
        2,
        "edgeq.toml",
        write("edgeq.toml", b"= 3\n"),
    ),
    Case(
        "a baseline that is not there",
        "deploy int8.tflite --board host --out out --baseline nowhere.json",
        2,
        "nowhere.json",
    ),
    Case(
        "a file that is no baseline",
        "deploy int8.tflite --board host --out out --baseline base.json --update-baseline",
        2,
        "base.json",
        write("base.json", b"{}\n"),
    ),
    Case(
        "a folder for the baseline",
        "deploy int8.tflite --board host --out out --baseline base.json --update-baseline",
        2,
        "base.json",
        lambda folder: (folder / "base.json").mkdir(),
    ),
    Case(
        "one board twice in a matrix",
        "deploy int8.tflite --board host --board host --out out",
        2,
        "int8-host",
    ),
    Case(
        "a float model without data to `init`", "init float.tflite --board host --out out", 2, "--calibration"
    ),
    Case("a folder for CI that is a file", "init ci --board host --out int8.tflite", 2, "int8.tflite"),
    Case("a folder that is no project to `build`", "build out", 2, "out", occupied),
    Case("a folder that is no project to `run`", "run out", 2, "out", occupied),
    Case("a project that nobody has built to `run`", "run out", 2, "edgeq build", project),
    Case(
        "a model compiled for another accelerator",
        "deploy ethos.tflite --board sim-m4 --out out",
        1,
        "Ethos-U",
        lambda folder: changed(folder, "int8.tflite", "ethos.tflite", compiled),
    ),
)

HARDWARE = (
    "a board of hardware that is not connected",
    "two probes that the board may be behind",
    "a board of hardware, and none of its flash tools installed",
    "a flash tool that fails",
    "a flash tool that hangs",
    "a board that runs other firmware than was flashed",
)
"""Boards of hardware, in the order of the page; ``test_hardware.py`` makes them."""

SIMULATED = (
    "a board that QEMU simulates, and no QEMU",
    "a QEMU that is too old",
    "a QEMU that ends at once",
)
"""Boards in QEMU, in the order of the page; ``test_simulators.py`` makes them."""
