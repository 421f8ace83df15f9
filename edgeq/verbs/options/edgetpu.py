"""The Edge TPU and its compiler."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

EDGETPU: tuple[Option, ...] = (
    Option(
        "min_mapped", "share", "Fail if a smaller share of the operators runs on the Edge TPU: 0.95 or 95%.",
        ("deploy", "check", "compile"), metavar="SHARE", key="thresholds.min_mapped", only="edgetpu",
        needs=("target=edgetpu",),
        helps={
            "check": "Edge TPU: fail if a smaller share of the operators maps: 0.95 or 95% "
            "(default: if none maps)."
        },
    ),
    Option(
        "min_runtime_version", "integer",
        "The oldest Edge TPU runtime that the compiled model shall run on (default: what the device's "
        "machine has, else 14).",
        ("deploy", "compile"), low=10, high=14, metavar="N", key="edgetpu.min_runtime_version",
        only="edgetpu",
    ),
    Option(
        "cpu", "flag",
        "Edge TPU boards only: run the uncompiled int8 model on the CPU there, to try everything else.",
        ("deploy", "run"), only="edgetpu",
    ),
    Option(
        "segments", "integer", "Cut one model into N parts for N devices in a row.", ("compile",),
        low=2, high=32, metavar="N",
    ),
    Option(
        "balance", "flag",
        "Cut it where the slowest of the N parts is fastest, by prediction, or as --measure-on finds.",
        ("compile",), needs=("segments",),
    ),
    Option(
        "measure_on", "text", "Time the parts there, on one Edge TPU: coral, or coral@user@host.",
        ("compile",), metavar="BOARD", needs=("balance",),
    ),
    Option(
        "cut", "flag",
        "Cut the model before the first operator that would not map: what is before it for the Edge TPU, the "
        "rest for the CPU.", ("deploy", "compile"), only="edgetpu",
        excludes=("segments", "intermediate_tensors"),
    ),
    Option(
        "multiple_subgraphs", "flag",
        "Let the compiler map several sets of operators, not only the first (its -a, which it does not "
        "document, and which may crash it or make the model slower).", ("compile",),
    ),
    Option(
        "intermediate_tensors", "text",
        "End the mapped part at these tensors (the compiler's -i): names, with commas between.", ("compile",),
        metavar="NAMES", excludes=("segments",),
    ),
    Option(
        "search_delegate", "flag",
        "Where compiling fails, let the compiler look for a part of the model that compiles.", ("compile",),
    ),
    Option(
        "timeout", "integer", "For one attempt.", ("compile",), low=1, high=86400, metavar="SECONDS",
        default=180,
    ),
    Option(
        "retries", "integer", "Further attempts where a failure may be a passing one.", ("compile",),
        low=0, high=10, metavar="N", default=2,
    ),
    Option(
        "find_culprit", "flag",
        "Where the compiler fails without naming a cause, cut the model to find the operator at fault.",
        ("compile",),
    ),
    Option(
        "edgetpu_compiler", "words",
        "The command that starts the Edge TPU compiler ([coral.md](coral.md)); by default edgetpu_compiler "
        "on PATH.",
        key="edgetpu.compiler",
    ),
    Option("edgetpu_python", "text", "The Python beside the Coral device.", key="edgetpu.python"),
    Option(
        "edgetpu_ssh", "words", "The command that connects to a Coral device; by default ssh.",
        key="edgetpu.ssh",
    ),
    Option(
        "edgetpu_device", "text",
        "Which Coral device: `usb`, `pci`, `usb:0`, …; by default any. For a model in parts one each, with "
        "commas between.",
        key="edgetpu.device", pattern=r"^(usb|pci)?(:\d+)?(,(usb|pci)?(:\d+)?)*$",
    ),
)  # fmt: skip
