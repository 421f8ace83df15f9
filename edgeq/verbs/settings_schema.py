"""What may stand in edgeq.toml and edgeq.local.toml; apart, so that only who has one loads pydantic."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edgeq.boards.simulators import SIMULATORS
from edgeq.boards.strict import OneOf

Share = float | str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ThresholdKeys(_Strict):
    """The table ``[thresholds]``: what the verdict asks. Shares are fractions, or strings in percent."""

    min_accuracy: Share | None = None
    max_accuracy_drop: Share | None = None
    min_mapped: Share | None = None
    max_instructions: Annotated[int, Field(ge=1)] | None = None
    max_latency: Annotated[float, Field(gt=0)] | None = None
    require_exact: bool | None = None


class EdgeTpuKeys(_Strict):
    """The table ``[edgetpu]``: how the compiler is called, and what runs beside the device."""

    compiler: Annotated[list[str], Field(min_length=1)] | None = None
    python: Annotated[str, Field(min_length=1)] | None = None
    ssh: Annotated[list[str], Field(min_length=1)] | None = None
    device: Annotated[str, Field(pattern=r"^(usb|pci)?(:\d+)?$")] | None = None
    min_runtime_version: Annotated[int, Field(ge=10, le=14)] | None = None


class SourceKeys(_Strict):
    """The table ``[sources]``: which Python has the framework that reads a kind of model."""

    tensorflow: Annotated[str, Field(min_length=1)] | None = None
    onnx: Annotated[str, Field(min_length=1)] | None = None
    torch: Annotated[str, Field(min_length=1)] | None = None
    timeout: Annotated[float, Field(gt=0, le=86400)] | None = None


class ConfigFile(_Strict):
    """The keys of the file, each named as the flag whose default it sets."""

    board: Annotated[str, Field(min_length=1)] | None = None
    port: Annotated[str, Field(min_length=1)] | None = None
    device: Annotated[str, Field(min_length=1)] | None = None
    hardware_map: Annotated[str, Field(min_length=1)] | None = None
    sim: Annotated[str, OneOf(SIMULATORS)] | None = None
    toolchain: Literal["auto", "zig", "gcc"] | None = None
    runtime: Annotated[str, Field(min_length=1)] | None = None
    tflm_dir: Annotated[str, Field(min_length=1)] | None = None
    kernels: Literal["auto", "reference", "cmsis_nn"] | None = None
    out: Annotated[str, Field(min_length=1)] | None = None
    data: Annotated[str, Field(min_length=1)] | None = None
    calibration: Annotated[str, Field(min_length=1)] | None = None
    normalize: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    samples: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0)] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    io: Literal["int8", "uint8"] | None = None
    mode: Literal["auto", "minmax"] | None = None
    calibrator: Annotated[str, Field(min_length=1)] | None = None
    thresholds: ThresholdKeys | None = None
    edgetpu: EdgeTpuKeys | None = None
    sources: SourceKeys | None = None
