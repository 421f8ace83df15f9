"""The user's TFLM, named by TFLM_DIR; and small models of every operator."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "unit" / "checker"), str(HERE.parent / "compiled" / "aot")]


@pytest.fixture(scope="session")
def tflm() -> Path:
    place = os.environ.get("TFLM_DIR")
    if not place:
        pytest.skip("TFLM_DIR is not set: it names a checkout of tflite-micro with its library made")
    if shutil.which("arm-none-eabi-g++") is None:
        pytest.skip("needs arm-none-eabi-g++ (Debian: gcc-arm-none-eabi, libstdc++-arm-none-eabi-newlib)")
    pytest.importorskip("tflite_micro", reason="needs the wheel tflite-micro (pip install 'edgeq[tflm]')")
    return Path(place)
