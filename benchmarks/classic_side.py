"""LiteRT's classic quantizer on a float .tflite model: the other side of the benchmarks without TensorFlow.

    python benchmarks/classic_side.py MODEL X.npy OUT [X.npy OUT ...]

It is TensorFlow's older C++ quantizer, a private class of the wheel ai-edge-litert. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_WRAPPER = "ai_edge_litert._pywrap_tensorflow_lite_calibration_wrapper"


def quantized(model: bytes, samples: npt.NDArray[np.float32]) -> bytes:
    """Full int8 by the classic quantizer.

    Raises:
        ImportError: this LiteRT has none.
    """
    wrapper: Any = importlib.import_module(_WRAPPER).CalibrationWrapper(model, [], [])
    wrapper.Prepare([[1, *samples.shape[1:]]])
    for sample in samples:
        wrapper.FeedTensor([sample[None]])
    int8, int32 = np.dtype("int8").num, np.dtype("int32").num
    return bytes(wrapper.QuantizeModel(int8, int8, False, int8, int32, False, False))


def main() -> None:
    """Convert; one JSON object on stdout."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("files", type=Path, nargs="+", metavar="X.npy OUT")
    arguments = parser.parse_args()
    begun = time.perf_counter()
    importlib.import_module(_WRAPPER)
    told: dict[str, Any] = {"import_s": time.perf_counter() - begun, "convert_s": []}
    model = arguments.model.read_bytes()
    for source, out in zip(arguments.files[::2], arguments.files[1::2], strict=True):
        begun = time.perf_counter()
        out.write_bytes(quantized(model, np.load(source)))
        told["convert_s"].append(time.perf_counter() - begun)
    version = importlib.metadata.version("ai-edge-litert")
    print(json.dumps({"tool": f"ai-edge-litert {version}, classic quantizer", **told}))


if __name__ == "__main__":
    main()
