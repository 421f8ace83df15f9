"""The tools that write a board's flash, as a board file names them; ``edgeq.targets.flashing`` calls them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

UsbId = Annotated[str, Field(pattern=r"^[0-9a-f]{4}:[0-9a-f]{4}$")]
"""Vendor and product as ``lsusb`` shows them."""


class Strict(BaseModel):
    """A table of a board file: every key is known, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PyOcd(Strict):
    """pyOCD: ``target`` is the name after ``--target``."""

    runner: Literal["pyocd"]
    target: str = Field(pattern=r"^[a-z0-9_]+$")


class OpenOcd(Strict):
    """OpenOCD: ``config`` are the files after ``-f``."""

    runner: Literal["openocd"]
    config: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]+\.cfg$")], ...] = Field(
        min_length=1, strict=False
    )


class StFlash(Strict):
    """st-flash of the open-source stlink tools."""

    runner: Literal["st-flash"]


class JLink(Strict):
    """SEGGER's JLinkExe: ``device`` is the name after ``-device``."""

    runner: Literal["jlink"]
    device: str = Field(pattern=r"^[A-Za-z0-9_-]+$")


class Picotool(Strict):
    """picotool, for Raspberry Pi's chips in their bootloader."""

    runner: Literal["picotool"]


class Uf2(Strict):
    """Copying to the drive of a bootloader: its ``family`` id, and what the drive's INFO_UF2.TXT says."""

    runner: Literal["uf2"]
    family: int = Field(ge=0, lt=1 << 32)
    board_id: str = Field(min_length=1)


class Drive(Strict):
    """Copying a .hex file to the drive of a debug probe (DAPLink): ``label`` is the drive's name."""

    runner: Literal["drive"]
    label: str = Field(min_length=1)


class Bossac(Strict):
    """bossac, for Arduino's bootloader; ``offset`` is where in flash the bootloader puts the firmware."""

    runner: Literal["bossac"]
    offset: int = Field(default=0, ge=0, lt=1 << 32)


class DfuUtil(Strict):
    """dfu-util, for chips in their USB bootloader; ``usb`` is the bootloader's id."""

    runner: Literal["dfu-util"]
    usb: UsbId
    alt: int = Field(default=0, ge=0, le=255)


Runner = Annotated[
    PyOcd | OpenOcd | StFlash | JLink | Picotool | Uf2 | Drive | Bossac | DfuUtil,
    Field(discriminator="runner"),
]
