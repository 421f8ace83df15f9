"""Every kind of fault around a proof, with an input that has it, and what edgeq must say of it."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeq.cli import main
from edgeq.graph import DType, Graph, write_model

from . import models

HOST = "--board host --out out"
DEPLOY = f"deploy net.tflite {HOST} --data test.npz"
CONVERT = f"deploy net.tflite {HOST} --calibration cal.npz --data test.npz"
_INVOKE = re.compile(r"(int edgeq_runtime_invoke\(void\)\n\{.*?)(    return 0;\n\})", re.DOTALL)


@dataclass(frozen=True)
class Kind:
    """One row.

    Attributes:
        kind: what can go wrong.
        given: the input, in words.
        command: the command line after ``edgeq``.
        exit_code: what it must exit with.
        says: words that the outcome must hold.
        prepare: makes the input in the working folder.
        rule: the finding that is the outcome of a report; without one its figures are.
        in_shell: whether the command is a shell's, with pipes and redirections.
        slow: whether it is left to the slow suite: it builds firmware, and so do others of its kind.
    """

    kind: str
    given: str
    command: str
    exit_code: int
    says: str
    prepare: Callable[[Path], object]
    rule: str = ""
    slow: bool = False
    in_shell: bool = False


def samples(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Real inputs [n, 4] of -1 to 1, none of them near both classes, and their classes."""
    x = np.random.default_rng(1).uniform(-1, 1, (3 * count, 4)).astype(np.float32)
    lead = x[:, :2].sum(1) - x[:, 2:].sum(1)
    clear = np.flatnonzero(np.abs(lead) > 0.2)[:count]
    return x[clear], (lead[clear] < 0).astype(np.int64)


def net(make: Callable[[], Graph], **test: np.ndarray) -> Callable[[Path], None]:
    """The model, calibration data that suits it, and test data: that, with what is given in its place."""

    def prepare(folder: Path) -> None:
        x, y = samples()
        (folder / "net.tflite").write_bytes(write_model(make()))
        np.savez(folder / "cal.npz", x=x)
        np.savez(folder / "test.npz", **({"x": x, "y": y} | test))  # type: ignore[arg-type]

    return prepare


def calibrated(times: float) -> Callable[[Path], None]:
    """The classifier, and calibration data so many times too large."""

    def prepare(folder: Path) -> None:
        net(models.classifier)(folder)
        np.savez(folder / "cal.npz", x=samples()[0] * np.float32(times))

    return prepare


def halves(graph: Graph, first: str, second: str) -> Callable[[Path], None]:
    """A model of two inputs, and data with the second one's array before the first one's."""

    def prepare(folder: Path) -> None:
        x, y = samples()
        (folder / "net.tflite").write_bytes(write_model(graph))
        arrays = {second: x[:, 2:], first: x[:, :2]}
        np.savez(folder / "cal.npz", **arrays)  # type: ignore[arg-type]
        np.savez(folder / "test.npz", **arrays, labels=y)  # type: ignore[arg-type]

    return prepare


def spoilt(folder: Path) -> None:
    """Firmware whose network changes one value after each inference."""
    net(models.integer)(folder)
    assert main(["--quiet", "generate", "net.tflite", "--board", "host", "--out", "out"]) == 0
    network = folder / "out/src/network/edgeq_network.c"
    statement = "((unsigned char *)edgeq_output(0)->data)[0] ^= 0x55u;"
    text, found = _INVOKE.subn(rf"\g<1>    {statement}\n\g<2>", network.read_text())
    assert found == 1
    network.write_text(text)
    assert main(["--quiet", "build", "out"]) == 0


def project(change: Callable[[Path], object], board: str = "sim-m4") -> Callable[[Path], None]:
    """A generated project in ``out``, changed."""

    def prepare(folder: Path) -> None:
        net(models.integer)(folder)
        assert main(["--quiet", "generate", "net.tflite", "--board", board, "--out", "out"]) == 0
        change(folder / "out")

    return prepare


def edited(out: Path) -> None:
    """A line of the user's in a file that edgeq made."""
    header = out / "src/network/edgeq_network.h"
    header.write_text(header.read_text() + "// mine\n")


def late_outlier() -> np.ndarray:
    """Samples that suit the model, but for the last quarter."""
    x = samples()[0].copy()
    x[45:] *= 3
    return x


def busy(held: str, prepare: Callable[[Path], object]) -> Callable[[Path], None]:
    """As if another process, number 4711, worked at ``held``: its lock is taken, until the tests end."""

    def prepared(folder: Path) -> None:
        prepare(folder)
        place = folder / held
        lock = os.open(place.with_name(f".{place.name}.edgeq-lock"), os.O_RDWR | os.O_CREAT)
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.write(lock, b"4711\n")

    return prepared


def built(folder: Path) -> None:
    """A project for the host, built."""
    project(lambda out: None, board="host")(folder)
    assert main(["--quiet", "build", "out"]) == 0


def oddly_named(folder: Path) -> None:
    """A model whose name is no UTF-8, by itself in a folder."""
    (folder / "odd").mkdir()
    name = os.fsdecode(os.fsencode(folder / "odd") + b"/n\xe9t.tflite")
    Path(name).write_bytes(write_model(models.integer()))


GENERATE = "generate net.tflite --board sim-m4 --out out"
X, Y = samples()

KINDS = (
    Kind("firmware that is not exact", "a kernel that changes a value of each answer",
         "run out --data test.npz", 1, "60 of 120", spoilt, "inexact"),
    Kind("firmware that is not exact", "the same, allowed",
         "run out --data test.npz --allow-inexact --max-accuracy-drop 100%", 0, "60 of 120",
         spoilt, "inexact", slow=True),
    Kind("range of data", "test data 255 times as large as the model was calibrated for",
         CONVERT, 1, "cut off", net(models.classifier, x=X * 255), "input-saturates", slow=True),
    Kind("range of data", "calibration data 300 times too large",
         CONVERT, 1, "drops by", calibrated(300), "max-accuracy-drop"),
    Kind("range of data", "the same: what the data uses of the input",
         CONVERT, 1, "far inside", calibrated(300), "input-inside", slow=True),
    Kind("range of data", "samples that leave the range, none of them among the first 45",
         DEPLOY, 0, "cut off", net(models.integer, x=late_outlier()), "input-saturates", slow=True),
    Kind("accuracy that means nothing", "labels of other samples",
         CONVERT, 0, "guessing", net(models.classifier, y=np.arange(60) % 2), "near-chance", slow=True),
    Kind("accuracy that means nothing", "calibration data 1,000 times too large",
         CONVERT, 1, "the same for all",
         calibrated(1000), "constant-output", slow=True),
    Kind("several inputs", "two inputs of one shape; the data names them in another order",
         f"{CONVERT} --labels labels", 0, "device 100 %",
         halves(models.two_inputs("left", "right"), "left", "right")),
    Kind("several inputs", "two inputs of one shape; the data has names of its own",
         f"{CONVERT} --labels labels", 2, "left", halves(models.two_inputs("left", "right"), "a", "b")),
    Kind("several inputs", "two inputs of one name, addressed by position",
         f"{CONVERT} --labels labels", 0, "device 100 %",
         halves(models.two_inputs("in", "in"), "input0", "input1"), slow=True),
    Kind("several inputs", "inputs without a name, addressed by position",
         f"{CONVERT} --labels labels", 0, "device 100 %",
         halves(models.two_inputs("", ""), "input0", "input1"), slow=True),
    Kind("several outputs", "a first output that answers something else",
         CONVERT, 0, "is 0.00 %", net(models.two_outputs), "near-chance", slow=True),
    Kind("several outputs", "the same, the output named",
         f"{CONVERT} --output right", 0, "device 100 %", net(models.two_outputs)),
    Kind("an input named y", "labels under another name",
         f"{CONVERT} --labels labels", 0, "device 100 %",
         halves(models.two_inputs("x", "y"), "x", "y"), slow=True),
    Kind("regression", "real labels",
         CONVERT, 0, "R²", net(models.regression, y=X.sum(1)), slow=True),
    Kind("regression", "real labels of other samples",
         CONVERT, 0, "naming the mean", net(models.regression, y=X.sum(1)[::-1]), "no-better-than-mean"),
    Kind("a binary answer", "a sigmoid behind SQUEEZE",
         CONVERT, 0, "device 100 %", net(lambda: models.sigmoid_behind("SQUEEZE")), slow=True),
    Kind("a binary answer", "a sigmoid behind MEAN",
         CONVERT, 0, "device 100 %", net(lambda: models.sigmoid_behind("MEAN")), slow=True),
    Kind("trained models", "training's scales along the axis of the inputs",
         DEPLOY, 0, "device 100 %", net(lambda: models.trained(1)), slow=True),
    Kind("trained models", "training's scales along the axis of the outputs",
         DEPLOY, 0, "device 100 %", net(lambda: models.trained(0)), slow=True),
    Kind("integers behind real ends", "QUANTIZE first, DEQUANTIZE last, no calibration data",
         DEPLOY, 0, "device 100 %", net(models.float_ends), slow=True),
    Kind("integers behind real ends", "the same: its float accuracy",
         DEPLOY, 0, "no float model", net(models.float_ends), "no-float-model", slow=True),
    Kind("preprocessing", "numbers in place of images, and how images are prepared",
         f"{DEPLOY} --normalize 127.5,127.5", 0, "not applied", net(models.integer), "note", slow=True),
    Kind("options without effect", "a number of random inputs beside data",
         f"{DEPLOY} --samples 3", 2, "--samples", net(models.integer)),
    Kind("options without effect", "an option given twice",
         f"{DEPLOY} --data test.npz", 2, "twice", net(models.integer)),
    Kind("options without effect", "a limit to data that is not there",
         f"deploy net.tflite {HOST} --limit 3", 2, "--limit", net(models.integer)),
    Kind("the automatic mode", "which of both ways was kept, by samples held out",
         CONVERT, 0, "held out", net(models.classifier), "convert", slow=True),
    Kind("an oracle that cannot judge", "512 equal scores into SOFTMAX",
         DEPLOY, 2, "SOFTMAX", net(lambda: models.softmax(512), x=np.zeros((2, 512), np.int8), y=Y[:2])),
    Kind("a check that promises", "SOFTMAX over more classes than any runtime takes",
         "check net.tflite", 1, "SOFTMAX", net(lambda: models.softmax(5000)), "*"),
    Kind("a check that refuses too much", "a mean of 64 x 64 values, finer than a step of theirs",
         f"deploy net.tflite {HOST} --samples 4", 0, "100 % exact",
         net(lambda: models.mean(64, 200)), slow=True),
    Kind("found before the work", "labels beyond the model's classes",
         DEPLOY, 2, "7", net(models.integer, y=np.full(60, 7))),
    Kind("valid files", "a model compiled for an Ethos-U",
         "check net.tflite", 1, "Ethos-U", net(models.compiled), "*"),
    Kind("valid files", "int16 activations that are not symmetric", "check net.tflite", 1, "zero points of 0",
         net(lambda: models.typed(DType.INT16)), "*"),
    Kind("valid files", "the same to `convert`, where the check must not send it back",
         "convert net.tflite --calibration cal.npz", 2, "none that edgeq runs",
         net(lambda: models.typed(DType.INT16))),
    Kind("valid files", "int8 weights under float activations, no calibration data",
         DEPLOY, 2, "hybrid", net(models.hybrid)),
    Kind("valid files", "a dimension left open, and data of another shape",
         CONVERT, 2, "dynamic shape", net(models.open_width, x=np.zeros((60, 3), np.float32))),
    Kind("what is yours", "a file of your own in a generated project, generated again",
         GENERATE, 2, "app.c", project(lambda out: (out / "app.c").write_text("int app;\n"))),
    Kind("what is yours", "a generated file that you edited, generated again",
         GENERATE, 2, "edgeq_network.h", project(edited)),
    Kind("what is yours", "an untouched project, generated again without --force",
         GENERATE, 0, "out", project(lambda out: None)),
    Kind("streams", "a full disk behind stdout", "check net.tflite >/dev/full", 2, "No space left",
         net(models.integer), in_shell=True),
    Kind("streams", "the same, a JSON object", "check net.tflite --json >/dev/full", 2, "No space left",
         net(models.integer), in_shell=True),
    Kind("streams", "a reader that goes away", "boards list | true", 141, "", net(models.integer),
         in_shell=True),
    Kind("streams", "stdout closed", "check net.tflite >&-", 0, "", net(models.integer), in_shell=True),
    Kind("streams", "a name that is no UTF-8, in the locale C",
         "check odd/*.tflite | grep -o PASS", 0, "PASS", oddly_named, in_shell=True),
    Kind("streams", "an output folder where nothing can be written",
         "deploy net.tflite --board host --out /proc/edgeq/out", 2, "/proc", net(models.integer)),
    Kind("locks", "another run at work in the output folder", DEPLOY, 2, "process 4711",
         busy("out", net(models.integer))),
    Kind("locks", "another run at work in a project's log", "run out", 2, "process 4711",
         busy("out/serial.log", built), slow=True),
)  # fmt: skip
