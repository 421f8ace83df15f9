"""How a model is read and becomes int8, and what it is judged on."""

from __future__ import annotations

from edgeq.verbs.options.option import Option

_CONVERTING = ("deploy", "convert", "debug")
_CALIBRATING = ("deploy", "convert", "compare", "debug")

MODELS: tuple[Option, ...] = (
    Option(
        "signature", "text",
        "Which of several models in one .tflite file or SavedModel, by the name of its signature.",
        (
            "deploy", "convert", "check", "inspect", "params", "compare", "debug", "generate", "profile",
            "compile", "boards fit", "features", "init project",
        ),
        metavar="NAME", needs=("of_model",), excludes=("stats", "scale", "range"),
    ),
    # How a float model becomes int8.
    Option(
        "calibration", "spec",
        "Data that shows the quantizer what real inputs look like: .npz, .npy, .csv, a folder of images or "
        "sounds, or module:function ([data.md](data.md)).",
        (*_CALIBRATING, "init project"), metavar="SPEC", key="calibration",
        helps={"init project": "Data to quantize a float model by; a file from elsewhere is copied."},
    ),
    Option(
        "random_calibration", "flag",
        "Calibrate on random numbers. For trying things out only: the accuracy that comes of it says "
        "nothing.",
        (*_CALIBRATING, "init project"),
    ),
    Option(
        "io", "choice",
        "Type of the converted model's inputs and outputs (default {default}). With float the "
        "device itself converts from and to real numbers.",
        _CONVERTING, choices=("int8", "uint8", "float"), default="int8", key="io",
        excludes=("int8", "integers=int16x8 but float"),
    ),
    Option(
        "integers", "choice",
        "What activations become: {default} (the default), or int16x8 for int16 beside int8 weights, inputs "
        "and outputs among them unless --io float: more accurate, twice the memory, slower.",
        _CONVERTING, flag="--form", parameter="form", choices=("int8", "int16x8"), default="int8",
        key="form", excludes=("int8",),
    ),
    Option(
        "mixed", "flag",
        "Raise to int16 only the operators that cost most: as few as bring the answers within 1 dB of int16 "
        "throughout, or with --max-accuracy-drop as keep the accuracy on labelled samples.",
        _CONVERTING, excludes=("int8", "integers=int16x8"),
    ),
    Option(
        "max_drop", "share",
        "How far a mixed model's accuracy may be below the float model's, on the labels of the calibration "
        "data: 0.01 or 1%.",
        ("convert",), flag="--max-accuracy-drop", parameter="max_accuracy_drop", metavar="SHARE",
        needs=("mixed",),
    ),
    Option(
        "mode", "choice",
        "How scales and integers are chosen: {default} (the default) is the more accurate, minmax is "
        "TensorFlow's way.",
        _CONVERTING, choices=("auto", "minmax"), default="auto", key="mode", excludes=("int8",),
    ),
    Option(
        "rewrite", "flag",
        "Put other operators, or a table, in the place of operators that have no int8 form, and say what "
        "that costs; else such a model is refused.",
        _CALIBRATING, excludes=("int8",),
    ),
    Option(
        "calibrator", "text",
        "How the mode auto gets the ranges of activations: crossed (its own way), minmax, percentile:99.9, "
        "mse or entropy.",
        _CONVERTING, metavar="NAME", key="calibrator", excludes=("int8",),
    ),
    Option(
        "input_stats", "text",
        "Fix the range of the inputs as older uint8 models state it: real = (q - MEAN) / STD with q 0..255; "
        "NAME= for one of several inputs, repeatable.",
        _CALIBRATING, metavar="[NAME=]MEAN,STD", many=True, excludes=("int8",),
    ),
    Option(
        "default_ranges", "text",
        "Convert without calibration data, with this range for every activation that has none. For trials of "
        "speed only: the answers mean nothing.",
        _CONVERTING, metavar="MIN,MAX", excludes=("int8",),
    ),
    # What a model or a device is judged on.
    Option(
        "data", "spec",
        "Test data, with labels for accuracy: .npz with x and y, .npy, .csv, a folder of images or sounds, "
        "or module:function. Without it the device is judged for exactness on random inputs.",
        ("deploy", "run", "compare", "debug", "init project"), metavar="SPEC", key="data",
        excludes=("serve",),
        helps={
            "init project": "Test data, with labels for accuracy; a file from elsewhere is copied.",
            "compare": "Data to judge the forms by, with labels for accuracy; without it the calibration "
            "data is taken.",
            "debug": "Samples to judge the layers by: .npz, .npy, a folder of images, or module:function. "
            "Without it the calibration data is taken.",
        },
    ),
    Option(
        "limit", "integer", "Take the first N samples of the data only.", ("deploy", "run", "compare"),
        low=1, metavar="N", key="limit", needs=("data",), excludes=("serve",),
    ),
    Option(
        "labels", "text",
        "The array of labels in the data (default: y, unless an input has that name).",
        ("deploy", "run", "compare"), metavar="NAME", key="labels", needs=("data",), excludes=("serve",),
    ),
    Option(
        "stateful", "switch",
        "The data are sequences, over which the model keeps its state: x of [sequences, steps, ...], or of "
        "[n, ...] with an array lengths of how many samples each has, or as one sequence. Without it a state "
        "is reset before each sample.",
        ("deploy", "run", "compare", "debug"), key="stateful", needs=("data",), excludes=("serve",),
    ),
    Option(
        "task", "choice",
        "What labels are: class numbers, or the values of a regression (default: integers are classes, "
        "floats are values, unless the output shows that whole ones are classes).",
        ("deploy", "run", "compare"), choices=("classification", "regression"), key="task", needs=("data",),
        excludes=("serve",),
    ),
    Option(
        "output", "text",
        "The output that the labels are of, by name or position (default: the first).",
        ("deploy", "run", "compare"), metavar="NAME", key="output", needs=("data",), excludes=("serve",),
    ),
    Option(
        "samples", "integer", "How many random inputs where there is no data (default {default}).",
        ("deploy", "run"), low=1, metavar="N", default=20, key="samples", excludes=("data", "serve"),
    ),
    Option(
        "count", "integer", "How many of them, evenly spread over the data.", ("debug",),
        flag="--samples", parameter="samples", low=1, metavar="N", default=20,
    ),
    Option(
        "seed", "integer", "Seed of the random inputs (default {default}).", ("deploy", "run"),
        low=0, metavar="N", default=0, key="seed", excludes=("data", "serve"),
    ),
    Option(
        "normalize", "mean_std",
        "Images become (pixel - MEAN) / STD with pixels 0..255; without it they are divided by 255.",
        (*_CALIBRATING, "run"), metavar="MEAN,STD", key="normalize", needs=("data", "calibration"),
        excludes=("serve",),
    ),
    Option(
        "preprocessing", "path",
        "A TOML file that says what makes the input of raw samples: sounds, pictures, vibrations. The model "
        "keeps it, data may then be raw, and firmware takes raw samples ([features.md](features.md)).",
        (*_CALIBRATING, "features"), metavar="FILE", key="preprocessing",
        helps={"features": "The TOML file that says what is done ([features.md](features.md))."},
    ),
    Option(
        "of_model", "path", "Take the preprocessing that this model keeps.", ("features",), flag="--model",
        metavar="MODEL", excludes=("preprocessing",),
    ),
    Option(
        "npz", "path", "Keep the features of all files as x of FILE.npz.", ("features",), flag="--out",
        short="o", metavar="FILE",
    ),
    # Which Python reads models of other frameworks.
    Option(
        "sources_tensorflow", "program", "The Python that has TensorFlow ([sources.md](sources.md)).",
        key="sources.tensorflow", environment="EDGEQ_TF_PYTHON",
    ),
    Option(
        "sources_onnx", "program", "The Python that has onnx2tf.",
        key="sources.onnx", environment="EDGEQ_ONNX_PYTHON",
    ),
    Option(
        "sources_torch", "program", "The Python that has litert-torch.",
        key="sources.torch", environment="EDGEQ_TORCH_PYTHON",
    ),
    Option(
        "sources_timeout", "number", "How long a framework may take for a model, in seconds.",
        low=0, above=True, high=86400, default=900.0, key="sources.timeout",
    ),
)  # fmt: skip
