"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from edgeq.cli.output import Output

F = TypeVar("F", bound=Callable[..., Any])


def _louder(step: int) -> Callable[[click.Context, click.Parameter, int], None]:
    def apply(context: click.Context, _parameter: click.Parameter, count: int) -> None:
        context.ensure_object(Output).verbosity += step * count

    return apply


def _as_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Output).json = True


def common(command: F) -> F:
    """What every verb takes, and ``edgeq`` before it: ``-q``, ``-v``, ``--json``."""
    quiet = click.option(
        "-q", "--quiet", count=True, expose_value=False, is_eager=True, callback=_louder(-1),
        help="No progress and no notes; only the result and errors.",
    )  # fmt: skip
    verbose = click.option(
        "-v", "--verbose", count=True, expose_value=False, is_eager=True, callback=_louder(1),
        help="Details, and tracebacks of errors.",
    )  # fmt: skip
    as_json = click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_as_json,
        help="Print one JSON object to stdout; errors too.",
    )  # fmt: skip
    return quiet(verbose(as_json(command)))


def model_argument(command: F) -> F:
    """``MODEL``: a .tflite file."""
    return click.argument("model", type=click.Path(path_type=Path))(command)


def project_argument(command: F) -> F:
    """``PROJECT``: a folder made by ``edgeq generate`` or ``edgeq deploy``."""
    return click.argument("project", type=click.Path(path_type=Path), default=".")(command)


def build_dir_option(command: F) -> F:
    """``--build-dir``: where in the project the firmware is."""
    return click.option(
        "--build-dir", metavar="DIR", default="build", show_default=True,
        help="Where in PROJECT the firmware was built, by edgeq or by CMake.",
    )(command)  # fmt: skip


def board_option(command: F) -> F:
    """``--board``: an id or a board.toml."""
    return click.option(
        "-b", "--board", metavar="ID",
        help="The board: an id of `edgeq boards list`, or a board.toml. "
        "Default: EDGEQ_BOARD, then edgeq.toml.",
    )(command)  # fmt: skip


def device_option(command: F) -> F:
    """``--device``: which of several probes or boards."""
    return click.option(
        "-d", "--device", metavar="ID",
        help="The probe or board by its serial number, or a part of it (`edgeq devices list`). "
        "Default: EDGEQ_DEVICE, then edgeq.toml, then the only one that fits.",
    )(command)  # fmt: skip


def place_options(command: F) -> F:
    """``--port``, ``--device``, ``--no-flash`` and ``--sim``: where the firmware runs."""
    port = click.option(
        "-p", "--port", metavar="URL",
        help="Talk to a device there (/dev/ttyACM0, socket://host:port, any pyserial URL) "
        "instead of a simulation. Default: EDGEQ_PORT, then edgeq.toml, then the port of the device's probe.",
    )  # fmt: skip
    simulator = click.option(
        "--sim", type=click.Choice(["unicorn", "qemu", "renode"]),
        help="Simulate the board with this (default: its usual one, see `edgeq boards show`).",
    )  # fmt: skip
    no_flash = click.option(
        "--no-flash", is_flag=True, help="The firmware is on the board already: do not write its flash."
    )
    return port(device_option(no_flash(simulator(command))))


def out_option(what: str) -> Callable[[F], F]:
    """``--out`` and ``--force``.

    Args:
        what: the help text: what is written and where by default.
    """

    def add(command: F) -> F:
        force = click.option(
            "--force",
            is_flag=True,
            help="Replace a file that exists; in a folder, replace what edgeq made and keep the rest.",
        )
        out = click.option("-o", "--out", type=click.Path(path_type=Path), metavar="PATH", help=what)
        return out(force(command))

    return add


def toolchain_option(command: F) -> F:
    """``--toolchain``."""
    return click.option(
        "--toolchain", type=click.Choice(["auto", "zig", "gcc"]),
        help="Which compiler; auto (the default) takes zig, else arm-none-eabi-gcc.",
    )(command)  # fmt: skip


def rewrite_option(command: F) -> F:
    """``--rewrite``."""
    return click.option(
        "--rewrite", is_flag=True,
        help="Put other operators, or a table, in the place of operators that have no int8 form, and "
        "say what that costs; else such a model is refused.",
    )(command)  # fmt: skip


def input_stats_option(command: F) -> F:
    """``--input-stats``, several times."""
    return click.option(
        "--input-stats", metavar="[NAME=]MEAN,STD", multiple=True,
        help="Fix the range of the inputs as older uint8 models state it: real = (q - MEAN) / STD "
        "with q 0..255; NAME= for one of several inputs, repeatable.",
    )(command)  # fmt: skip


def calibration_options(command: F) -> F:
    """How a float model becomes int8: ``--calibration``, ``--random-calibration``, ``--io``, ``--mode``, …"""
    for option in reversed(
        [
            click.option(
                "--calibration", metavar="SPEC",
                help="Data that shows the quantizer what real inputs look like: .npz, .npy, "
                "a folder of images, or module:function.",
            ),
            click.option(
                "--random-calibration", is_flag=True,
                help="Calibrate on random numbers. For trying things out only: the accuracy that comes of it "
                "says nothing.",
            ),
            click.option(
                "--io", type=click.Choice(["int8", "uint8"]),
                help="Type of the converted model's inputs and outputs "
                "(default int8).",
            ),
            click.option(
                "--mode", type=click.Choice(["auto", "minmax"]),
                help="How scales and integers are chosen: auto (the default) is the more accurate, minmax is "
                "TensorFlow's way.",
            ),
            rewrite_option,
            click.option(
                "--calibrator", metavar="NAME",
                help="How the mode auto gets the ranges of activations: crossed (its own way), minmax, "
                "percentile:99.9, mse or entropy.",
            ),
            input_stats_option,
            click.option(
                "--default-ranges", metavar="MIN,MAX",
                help="Convert without calibration data, with this range for every activation that has none. "
                "For trials of speed only: the answers mean nothing.",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def data_options(command: F) -> F:
    """What the device is judged on: ``--data``, ``--limit``, ``--samples``, ``--seed``."""
    for option in reversed(
        [
            click.option(
                "--data", metavar="SPEC",
                help="Test data, with labels for accuracy: .npz with x and y, .npy, a folder of images, or "
                "module:function. Without it the device is judged for exactness on random inputs.",
            ),
            click.option(
                "--limit", type=click.IntRange(min=1), metavar="N",
                help="Take the first N samples of the data only."
            ),
            click.option(
                "--samples", type=click.IntRange(min=1), metavar="N",
                help="How many random inputs where there is no data (default 20).",
            ),
            click.option(
                "--seed", type=click.IntRange(min=0), metavar="N",
                help="Seed of the random inputs (default 0)."
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def normalize_option(command: F) -> F:
    """``--normalize``."""
    return click.option(
        "--normalize", metavar="MEAN,STD",
        help="Images become (pixel - MEAN) / STD with pixels 0..255; "
        "without it they are divided by 255.",
    )(command)  # fmt: skip


def threshold_options(command: F) -> F:
    """What the verdict asks: ``--min-accuracy`` and the rest."""
    for option in reversed(
        [
            click.option(
                "--min-accuracy", metavar="SHARE", help="Fail below this device accuracy: 0.9 or 90%."
            ),
            click.option(
                "--max-accuracy-drop", metavar="SHARE",
                help="Fail if the device is further below the float model (without one: the int8 "
                "model) than this: 0.01 or 1%.",
            ),
            click.option(
                "--max-instructions", type=click.IntRange(min=1), metavar="N",
                help="Fail if a warm inference takes more instructions.",
            ),
            click.option(
                "--max-latency", type=click.FloatRange(min=0, min_open=True), metavar="MS",
                help="Fail if a warm inference takes more milliseconds; on hardware only, where cycles are "
                "counted and the clock is known.",
            ),
            click.option(
                "--require-exact/--no-require-exact", default=None,
                help="Fail unless every output byte equals the oracle's.",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def cpu_option(command: F) -> F:
    """``--cpu``: the road to an Edge TPU without one."""
    return click.option(
        "--cpu", is_flag=True,
        help="Edge TPU boards only: run the uncompiled int8 model on the CPU there, to try everything else.",
    )(command)  # fmt: skip


def edgetpu_options(command: F) -> F:
    """What the Edge TPU compiler is asked for: ``--min-mapped``, ``--min-runtime-version``."""
    for option in reversed(
        [
            click.option(
                "--min-mapped", metavar="SHARE",
                help="Fail if a smaller share of the operators runs on the Edge TPU: 0.95 or 95%.",
            ),
            click.option(
                "--min-runtime-version", type=click.IntRange(10, 14), metavar="N",
                help="The oldest Edge TPU runtime that the compiled model shall run on (default: what the "
                "device's machine has, else 14).",
            ),
        ]
    ):  # fmt: skip
        command = option(command)
    return command


def runtime_options(what: str) -> Callable[[F], F]:
    """``--runtime``, ``--tflm-dir`` and ``--kernels``.

    Args:
        what: the help text of ``--runtime``.
    """

    def add(command: F) -> F:
        runtime = click.option("--runtime", metavar="NAME", help=what)
        return runtime(tflm_options(command))

    return add


def tflm_options(command: F) -> F:
    """``--tflm-dir`` and ``--kernels``: which TensorFlow Lite Micro."""
    folder = click.option(
        "--tflm-dir", type=click.Path(path_type=Path), metavar="PATH",
        help="TensorFlow Lite Micro: a checkout in which its library was made, or a folder with include/ and "
        "lib/. Default: TFLM_DIR, then edgeq.toml.",
    )  # fmt: skip
    kernels = click.option(
        "--kernels", type=click.Choice(["auto", "reference", "cmsis_nn"]),
        help="Which kernels TensorFlow Lite Micro's library must have; auto (the default) takes CMSIS-NN "
        "where there is a library with it.",
    )  # fmt: skip
    return folder(kernels(command))
