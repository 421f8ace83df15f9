"""The numbers of ``params``, what ``operators`` lists, and what every verb takes."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

_EVERY = (
    "", "deploy", "convert", "check", "inspect", "params", "features", "operators", "compare", "debug",
    "compile", "generate", "build", "flash", "run", "profile", "bench", "report", "data inspect",
    "data split", "boards list", "boards show", "boards fit", "devices list", "devices scan",
    "init project", "init ci", "doctor",
)  # fmt: skip


PROGRAM: tuple[Option, ...] = (
    # Quantization parameters in their three forms.
    Option(
        "stats", "text", "From mean and deviation: real = (q - MEAN) / STD.", ("params",), metavar="MEAN,STD"
    ),
    Option(
        "scale", "text", "From scale and zero point: real = SCALE * (q - ZERO).", ("params",),
        metavar="SCALE,ZERO",
    ),
    Option("range", "text", "From the smallest and the largest real value.", ("params",), metavar="MIN,MAX"),
    Option(
        "type", "choice", "The integers' type.", ("params",), choices=("uint8", "int8", "int16"),
        default="uint8", excludes=("model",),
    ),
    Option(
        "values", "number",
        "Show also which integer this real value becomes; may be given several times.", ("params",),
        flag="--value", metavar="X", many=True, excludes=("model",),
    ),
    # What ``operators`` lists.
    Option(
        "by", "text", "Only what this one takes: a runtime, convert, edgetpu.", ("operators",),
        metavar="NAME",
    ),
    Option(
        "dtype", "choice", "Only forms with inputs or outputs of this type.", ("operators",), flag="--type",
        choices=("int8", "uint8", "int16", "int32", "int64", "bool", "float32"),
    ),
    # What every verb takes.
    Option("version", "flag", "Show the version and exit; with --json, also Python's.", ("",)),
    Option("quiet", "count", "No progress and no notes; only the result and errors.", _EVERY, short="q"),
    Option("verbose", "count", "Details, and tracebacks of errors.", _EVERY, short="v"),
    Option("json", "flag", "Print one JSON object to stdout; errors too.", _EVERY),
)  # fmt: skip
