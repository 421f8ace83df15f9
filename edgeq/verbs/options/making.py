"""What is made for which board and runtime, and where it goes."""

from __future__ import annotations

from edgeq.backends.project.forms import FORMS
from edgeq.verbs.options.option import Option

_CARRAY = "output_format=carray"
_LIBRARIES = tuple(f"output_format={name}" for name in FORMS)
_NO_PROJECT = (_CARRAY, *_LIBRARIES)
_NO_CORE = (_CARRAY, *(f"output_format={form.name}" for form in FORMS.values() if form.any_core))

MAKING: tuple[Option, ...] = (
    Option(
        "target", "choice", "Where the model is to run.", ("check",),
        choices=("microcontroller", "edgetpu"), default="microcontroller",
    ),
    Option(
        "target", "choice", "For what the models are compiled.", ("compile",),
        choices=("edgetpu",), default="edgetpu",
    ),
    Option(
        "board", "board",
        "The board: an id of `edgeq boards list`, or a board.toml. Default: {environment}, then edgeq.toml.",
        ("run", "generate", "profile"), short="b", metavar="ID", key="board",
        environment="EDGEQ_BOARD", excludes=_NO_CORE,
        helps={"run": "Refuse unless the project was made for this board. coral: an Edge TPU."},
    ),
    Option(
        "board", "board",
        "The board: an id of `edgeq boards list`, a board.toml, or coral@user@host; may be given several "
        "times. Default: EDGEQ_BOARD, then edgeq.toml.",
        ("deploy",), short="b", metavar="ID", many=True,
    ),
    Option(
        "board", "board", "The board to begin with. Default: EDGEQ_BOARD, then edgeq.toml.",
        ("init project", "init ci"), short="b", metavar="ID",
    ),
    Option(
        "ci", "choice",
        "For which CI; may be given twice (default: GitLab where git's addresses name it, else GitHub).",
        ("init project", "init ci"), choices=("github", "gitlab"), many=True,
    ),
    Option(
        "out", "path", "The project's folder (default: the working folder).", ("init project", "init ci"),
        short="o", metavar="DIR",
    ),
    Option(
        "board", "board", "Fail with exit code 3 if something that this board needs is missing.", ("doctor",),
        short="b", metavar="ID",
    ),
    # What of MLPerf Tiny's own benchmark is run.
    Option(
        "suite", "choice",
        "Not models on cores, but a suite's own benchmark, by its protocol, on any firmware that speaks it.",
        ("bench",), choices=("mlperf-tiny",), excludes=("models", "cores", "boards", "toolchains", "ram"),
    ),
    Option(
        "suite_port", "text", "Where the device is: a serial port or pyserial URL.", ("bench",),
        flag="--port", short="p", metavar="URL", needs=("suite",),
    ),
    Option(
        "suite_baud", "integer", "Its console's baud rate; where it is not said 115200, in energy mode 9600.",
        ("bench",), flag="--baud", low=300, high=12_000_000, metavar="N", needs=("suite",),
    ),
    Option(
        "suite_interface", "flag", "The port is the suite's interface board, and the device behind it.",
        ("bench",), flag="--interface", needs=("suite",),
    ),
    Option(
        "suite_mode", "choice",
        "Five windows on one input ({default}, the default); each sample once against its label; or five "
        "windows of 10 s, for a monitor to measure.",
        ("bench",), flag="--mode", choices=("performance", "accuracy", "energy"), default="performance",
        needs=("suite",),
    ),
    Option(
        "suite_data", "path", "An .npz with x, as the suite's runner sends it, and y.", ("bench",),
        flag="--data", metavar="FILE", needs=("suite",),
    ),
    Option(
        "suite_limit", "integer", "Take the first so many samples.", ("bench",), flag="--limit", low=1,
        high=1 << 31, metavar="N", needs=("suite",),
    ),
    Option(
        "models", "path", "The folder of models (default: models/mlperf_tiny below EDGEQ_SHARED).",
        ("bench",), metavar="DIR",
    ),
    Option(
        "cores", "text",
        "Only this core: m0, m0plus, m3, m4, m7, m33, m55; may be given several times.", ("bench",),
        flag="--core", metavar="CORE", many=True,
    ),
    Option(
        "boards", "text",
        "On this board; may be given several times (default: a simulated board of each core).",
        ("bench",), flag="--board", metavar="ID", many=True,
    ),
    Option(
        "ram", "flag",
        "The arena with the fastest kernels (speed), the least flash (size) and the least RAM (ram).",
        ("bench",),
    ),
    Option(
        "toolchains", "choice", "Only by this compiler; may be given twice.", ("bench",), flag="--toolchain",
        choices=("zig", "gcc"), many=True,
    ),
    Option(
        "output_format", "choice",
        "A project that builds into firmware; the model as a C array; or the network alone in C, for a "
        "build of your own (library) or the one named.",
        ("generate",), flag="--format", parameter="format", choices=("project", "carray", *FORMS),
        default="project",
    ),
    Option(
        "project", "path",
        "Also write a project for it there, with a network of four inputs: to try board and tools before "
        "there is a model.",
        ("boards show",), metavar="DIR",
    ),
    Option(
        "target", "text",
        "Write the hardware map, or bring it up to date (default: the map of the settings, else "
        "hardware-map.yml in the working folder).",
        ("devices scan",), flag="--write", metavar="[FILE]", bare=True,
    ),
    Option(
        "plot", "path", "Draw quality against size as FILE.svg or FILE.png.",
        ("compare", "debug", "profile", "features"), metavar="FILE",
        helps={
            "features": "Draw the features of the first sample as FILE.png.",
            "debug": "Draw the layers' SQNR as FILE.svg or FILE.png.",
            "profile": "Draw the layers' cost and the arena over time as FILE.svg.",
        },
    ),
    Option(
        "picture", "path", "Edge TPU: draw the graph, coloured by where its operators run.", ("check",),
        metavar="FILE.svg", needs=("target=edgetpu",),
    ),
    Option(
        "out", "path", "The output folder (default: MODEL-BOARD in the working folder).", ("deploy",),
        short="o", metavar="PATH", key="out",
    ),
    Option(
        "out", "path", "The output folder (default: MODEL-edgetpu in the working folder).",
        ("convert", "compare", "compile", "generate"), short="o", metavar="PATH",
        helps={
            "convert": "The int8 model (default: MODEL's name with _int8 in the working folder).",
            "compare": "A folder that keeps every form as a .tflite file, and compare.json.",
            "generate": "The folder (default: MODEL-BOARD-project, or MODEL-FORMAT, in the working folder).",
        },
    ),
    Option(
        "force", "flag",
        "Replace a file that exists; in a folder, replace what edgeq made and keep the rest.",
        (
            "deploy", "convert", "check", "compare", "debug", "compile", "generate", "build", "profile",
            "boards show", "report", "features", "data split",
        ),
        helps={
            "report": "Replace a page that exists.",
            "profile": "Replace a picture that exists.",
            "check": "Replace a picture that exists.",
            "debug": "Replace a picture that exists.",
            "build": "Replace a PROJECT/build of CMake's; other files in it that are not from a build are "
            "kept.",
            "boards show": "Replace what edgeq made there and keep the rest.",
        },
    ),
    Option(
        "explain", "flag",
        "Show each layer's possible kernels with instructions (estimated), scratch and flash; * marks the "
        "chosen one.",
        ("generate",), excludes=(*_NO_PROJECT, "runtime=tflm"), only="firmware",
    ),
    Option("cc", "flag", "carray: C++ (.cc) instead of C.", ("generate",), needs=(_CARRAY,)),
    Option(
        "golden", "switch",
        "Have firmware replay an inference of the runtime's oracle at boot, and say whether its outputs are "
        "the same (it does, unless told not to).",
        ("deploy", "generate"), key="golden", only="firmware", excludes=_LIBRARIES,
        helps={
            "generate": "Have firmware replay an inference of the runtime's oracle at boot, and say whether "
            "its outputs are the same (it does, unless told not to); carray: add one, inputs and outputs."
        },
    ),
    Option(
        "link", "choice",
        "What firmware speaks: the text protocol and frames ({default}, the default, which edgeq needs to "
        "run it), the text protocol of MLPerf Tiny alone, or nothing but what it says at boot.",
        ("generate",), choices=("full", "text", "none"), default="full", excludes=_NO_PROJECT,
        only="firmware",
    ),
    Option(
        "runner_name", "text",
        "The model's name for the runner of MLPerf Tiny, which sends ad01, ic01, kws01 and vww01 their "
        "inputs (ad01 floats); the model file's where nobody says.",
        ("deploy", "generate"), flag="--name", metavar="NAME", key="name", only="firmware",
        excludes=_NO_PROJECT,
    ),
    Option(
        "baud", "integer", "The console's baud rate, where it is not to be the board's.",
        ("deploy", "generate"), low=300, high=12_000_000, metavar="N", key="baud", only="firmware",
        excludes=_NO_PROJECT,
    ),
    Option(
        "optimize", "choice",
        "edgeq's own runtime: the fewest instructions in the memory that the board has (auto), in any "
        "(speed), the least flash (size), or the least RAM (ram); default {default}.",
        ("deploy", "generate", "boards fit"), choices=("auto", "speed", "size", "ram"), default="auto",
        key="optimize", only="firmware", excludes=(_CARRAY,),
    ),
    Option(
        "input", "choice",
        "edgeq's own runtime: the input lies in the arena as a whole, or the application pushes its rows as "
        "a sensor delivers them; default {default}.",
        ("deploy", "generate"), choices=("whole", "rows"), default="whole", key="input", only="firmware",
        excludes=(_CARRAY, "runtime=tflm", "optimize=speed", "optimize=size", "output_format=arduino"),
    ),
    Option(
        "reserve_ram", "integer",
        "edgeq's own runtime: RAM of the board that is for the application (default {default}).",
        ("deploy", "generate", "boards fit"), low=0, high=1 << 32, metavar="BYTES", default=0,
        key="reserve_ram", only="firmware", excludes=(*_NO_CORE, "optimize=speed", "optimize=ram"),
    ),
    Option(
        "reserve_flash", "integer",
        "edgeq's own runtime: flash of the board that is for the application (default {default}).",
        ("deploy", "generate", "boards fit"), low=0, high=1 << 32, metavar="BYTES", default=0,
        key="reserve_flash", only="firmware", excludes=(*_NO_CORE, "optimize=speed"),
    ),
    # What runs the model, and what builds it.
    Option(
        "runtime", "text",
        "What runs the model: aot (C of edgeq's own, the default), tflm (TensorFlow Lite Micro), or "
        "aot,tflm to compare them.",
        ("deploy", "check", "generate"), metavar="NAME", key="runtime", only="firmware",
        needs=("target=microcontroller",), excludes=_LIBRARIES,
        helps={
            "check": "Microcontroller: what is to run it, aot (the default) or tflm.",
            "generate": "What is to run the model: aot (C of edgeq's own, the default) or tflm "
            "(TensorFlow Lite Micro).",
        },
    ),
    Option(
        "tflm_dir", "path",
        "TensorFlow Lite Micro: a checkout in which its library was made, or a folder with include/ and "
        "lib/. Default: {environment}, then edgeq.toml.",
        ("deploy", "generate", "build"), metavar="PATH", key="tflm_dir", environment="TFLM_DIR",
        only="firmware", needs=("runtime=tflm",), excludes=_NO_PROJECT,
        helps={
            "build": "TensorFlow Lite Micro, for a project around it. Default: {environment}, then "
            "edgeq.toml."
        },
    ),
    Option(
        "tflm_ops", "path",
        "TensorFlow Lite Micro: a C++ header that registers the model's custom operators "
        "([tflm.md](tflm.md)).",
        ("check", "generate"), metavar="HEADER", key="tflm_ops", only="firmware", needs=("runtime=tflm",),
        excludes=_NO_PROJECT,
    ),
    Option(
        "kernels", "choice",
        "Which kernels TensorFlow Lite Micro's library must have; {default} (the default) takes CMSIS-NN "
        "where there is a library with it.",
        ("deploy", "generate"), choices=("auto", "reference", "cmsis_nn"), default="auto", key="kernels",
        only="firmware", needs=("runtime=tflm",), excludes=_NO_PROJECT,
    ),
    Option(
        "toolchain", "choice", "Which compiler; {default} (the default) takes zig, else arm-none-eabi-gcc.",
        ("build", "profile", "boards fit"), choices=("auto", "zig", "gcc"), default="auto",
        key="toolchain", only="firmware",
    ),
    Option(
        "toolchain", "choice",
        "Which compiler; auto takes zig, else arm-none-eabi-gcc; may be given several times. Default: "
        "edgeq.toml, then auto.",
        ("deploy",), choices=("auto", "zig", "gcc"), many=True, only="firmware",
    ),
)  # fmt: skip
