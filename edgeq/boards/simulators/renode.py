"""Renode's platforms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from edgeq.boards.simulator import Simulator

_ENTRY = r"^[A-Za-z_][A-Za-z0-9_]*$"


@dataclass(frozen=True)
class _UartModel:
    """What a model of Renode's wants to be told where a description makes one.

    Attributes:
        size: the bytes that it takes on the bus, where it does not know them itself: Renode's error E21.
        clock: its parameter for its clock's frequency.
        needs_clock: whether that has no default: error E25.
    """

    size: int | None = None
    clock: str | None = None
    needs_clock: bool = False


_UNSIZED = 0x400
_UARTS: Mapping[str, _UartModel] = {
    "UART.AppUart": _UartModel(_UNSIZED),
    "UART.EFM32_UART": _UartModel(_UNSIZED),
    "UART.EFR32_USART": _UartModel(_UNSIZED, "clockFrequency"),
    "UART.EFR32xG22_USART": _UartModel(_UNSIZED, "clockFrequency"),
    "UART.EFR32xG2_USART_0": _UartModel(None, "clockFrequency", needs_clock=True),
    "UART.GaislerAPBUART": _UartModel(_UNSIZED, "frequency"),
    "UART.LEUART": _UartModel(_UNSIZED),
    "UART.LiteX_UART_64bit": _UartModel(_UNSIZED),
    "UART.MiV_CoreUART": _UartModel(None, "clockFrequency", needs_clock=True),
    "UART.STM32F7_USART": _UartModel(None, "frequency", needs_clock=True),
    "UART.STM32W_UART": _UartModel(_UNSIZED),
    "UART.STM32_UART": _UartModel(_UNSIZED, "frequency"),
}
"""Those that a bare address is not enough for (Renode 1.16.1)."""


class Renode(Simulator):
    """How Renode runs the board's firmware.

    Attributes:
        platform: the platform description that Renode brings (``platforms/cpus/nrf52840.repl``).
            Without one the machine is the board file's memory, a core, and one UART.
        uart: the peripheral's name there which is the console, without ``sysbus``.
        cpu, nvic: the names of the processor and its interrupt controller.
        uart_model, uart_address: without a platform, the UART's model (``UART.STM32F7_USART``) and address.
        uart_size: the bytes that it takes there; without, the model's own, or what edgeq knows of the model.
        uart_hz: the clock that it makes its baud rate of, in Hz.
        attributes: what to change of the description's peripherals (``uart0.easyDMA=false``).
    """

    order = 30
    title = "Renode"
    program = "renode"
    purpose = "runs boards of hardware with --sim renode"
    install = (
        "install its portable package from github.com/renode/renode/releases, and have `renode` on PATH, "
        "or its folder in RENODE_DIR"
    )

    platform: str | None = Field(default=None, pattern=r"^platforms/[A-Za-z0-9_./-]+\.repl$")
    uart: str = Field(pattern=_ENTRY)
    cpu: str = Field(default="cpu", pattern=_ENTRY)
    nvic: str = Field(default="nvic", pattern=_ENTRY)
    uart_model: str | None = Field(default=None, pattern=r"^UART\.[A-Za-z0-9_]+$")
    uart_address: int | None = Field(default=None, ge=0, lt=1 << 32)
    uart_size: int | None = Field(default=None, gt=0, le=1 << 20)
    uart_hz: int | None = Field(default=None, gt=0, lt=1 << 32)
    attributes: tuple[
        Annotated[str, Field(pattern=r"^[A-Za-z_]\w*\.[A-Za-z_]\w*=(true|false|\d+|0x[0-9A-Fa-f]+)$")], ...
    ] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _fits(self) -> Renode:
        own = (self.uart_model is not None, self.uart_address is not None)
        if own != (self.platform is None, self.platform is None):
            raise ValueError("either a platform, or uart_model and uart_address")
        if self.uart_model is None:
            if self.uart_size is not None or self.uart_hz is not None:
                raise ValueError("uart_size and uart_hz are for a uart_model: a platform has its own")
            return self
        model = _UARTS.get(self.uart_model, _UartModel())
        if self.uart_hz is not None and model.clock is None:
            raise ValueError(f"{self.uart_model} takes no uart_hz that edgeq knows of: use attributes")
        told = self.uart_hz is not None or any(
            item.startswith(f"{self.uart}.{model.clock}=") for item in self.attributes
        )
        if model.needs_clock and not told:
            raise ValueError(f"{self.uart_model} needs uart_hz, the clock of that UART in Hz")
        return self

    @property
    def uart_place(self) -> str:
        """Where the console of a machine without a platform is, as its description says it."""
        assert self.uart_model is not None and self.uart_address is not None  # noqa: S101 - it was validated
        size = self.uart_size or _UARTS.get(self.uart_model, _UartModel()).size
        at = f"0x{self.uart_address:08x}"
        return f"<{at}, +0x{size:x}>" if size is not None else at

    @property
    def uart_parameters(self) -> dict[str, str]:
        """What that model is told by ``uart_hz``."""
        if self.uart_hz is None or self.uart_model is None:
            return {}
        return {str(_UARTS[self.uart_model].clock): str(self.uart_hz)}
