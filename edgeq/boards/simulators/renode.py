"""Renode's platforms."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from edgeq.boards.simulator import Simulator

_ENTRY = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Renode(Simulator):
    """How Renode runs the board's firmware.

    Attributes:
        platform: the platform description that Renode brings (``platforms/cpus/nrf52840.repl``).
            Without one the machine is the board file's memory, a core, and one UART.
        uart: the peripheral's name there which is the console, without ``sysbus``.
        cpu, nvic: the names of the processor and its interrupt controller.
        uart_model, uart_address: without a platform, the UART's model (``UART.STM32F7_USART``) and address.
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
    attributes: tuple[
        Annotated[str, Field(pattern=r"^[A-Za-z_]\w*\.[A-Za-z_]\w*=(true|false|\d+|0x[0-9A-Fa-f]+)$")], ...
    ] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _fits(self) -> Renode:
        own = (self.uart_model is not None, self.uart_address is not None)
        if own != (self.platform is None, self.platform is None):
            raise ValueError("either a platform, or uart_model and uart_address")
        return self
