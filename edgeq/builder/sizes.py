"""What an image takes of flash and RAM, from its ELF file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edgeq.base.errors import BuildError
from edgeq.boards import Board
from edgeq.builder.stack import stack_bound

_ALLOC, _WRITE, _NOBITS = 0x2, 0x1, "SHT_NOBITS"


@dataclass(frozen=True)
class Sizes:
    """What the image takes, in bytes, read from the ELF.

    Attributes:
        code: flash without the weights: code, its constants, initial values of variables.
        weights: the model's constants in flash: weights, biases, tables.
        flash_total: ``code + weights``.
        arena: the buffer of activations and scratch.
        static: variables, without arena and stack.
        stack: reserved for the stack; 0 on a host.
        ram_total: ``arena + static + stack``.
        stack_bound: the most of it that can be used, by the code; None where that is not known.
        stack_unknown: why it is not.
    """

    code: int
    weights: int
    flash_total: int
    arena: int
    static: int
    stack: int
    ram_total: int
    stack_bound: int | None = None
    stack_unknown: str = ""


def read_sizes(elf: Path, board: Board, *, weights_hint: int = 0) -> Sizes:
    """What the image takes of the board's flash and RAM.

    Args:
        weights_hint: the weights' bytes by the project's manifest: a host's ELF does not mark them.

    Raises:
        BuildError: the file is no ELF, or a symbol that the linker script defines is not in it.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        with elf.open("rb") as file:
            parsed = ELFFile(file)
            symbols = _symbols(parsed)
            sections = [section for section in parsed.iter_sections() if section["sh_flags"] & _ALLOC]
            segments = [segment for segment in parsed.iter_segments() if segment["p_type"] == "PT_LOAD"]
            if board.is_host:
                return _host(sections, symbols, weights_hint)
            sizes = _bare(sections, segments, symbols, board)
    except ELFError as error:
        raise BuildError(f"{elf} is not an ELF file: {error}", "the build log says more") from error
    except KeyError as error:
        raise BuildError(
            f"{elf} has no symbol {error}", "the project's linker.ld is not edgeq's: generate again"
        ) from error
    bound = stack_bound(elf, floats=board.cpu.fpu is not None)
    return replace(sizes, stack_bound=bound.bytes, stack_unknown=bound.unknown)


def _symbols(parsed: Any) -> dict[str, tuple[int, int]]:
    table = parsed.get_section_by_name(".symtab")
    if table is None:
        return {}
    return {symbol.name: (symbol["st_value"], symbol["st_size"]) for symbol in table.iter_symbols()}


def _bare(
    sections: list[Any], segments: list[Any], symbols: dict[str, tuple[int, int]], board: Board
) -> Sizes:
    assert board.flash is not None  # noqa: S101 - Board's own rule: only a host has none
    ends = [segment["p_paddr"] + segment["p_filesz"] for segment in segments if segment["p_filesz"]]
    flash = max(ends, default=board.flash.address) - board.flash.address
    weights = symbols["edgeq_weights_end"][0] - symbols["edgeq_weights_start"][0]
    stack = symbols["edgeq_stack_top"][0] - symbols["edgeq_stack_bottom"][0]
    arena = symbols.get("edgeq_arena", (0, 0))[1]
    data = symbols["edgeq_data_end"][0] - symbols["edgeq_data_start"][0]
    bss = sum(section["sh_size"] for section in sections if section.name == ".bss")
    return Sizes(
        code=flash - weights,
        weights=weights,
        flash_total=flash,
        arena=arena,
        static=data + bss - arena,
        stack=stack,
        ram_total=data + bss + stack,
    )


def _host(sections: list[Any], symbols: dict[str, tuple[int, int]], weights: int) -> Sizes:
    arena = symbols.get("edgeq_arena", (0, 0))[1]
    flash = sum(section["sh_size"] for section in sections if section["sh_type"] != _NOBITS)
    ram = sum(section["sh_size"] for section in sections if section["sh_flags"] & _WRITE)
    return Sizes(
        code=flash - weights,
        weights=weights,
        flash_total=flash,
        arena=arena,
        static=ram - arena,
        stack=0,
        ram_total=ram,
    )
