"""Thumb code taken apart, as far as its timing and its use of the stack need it.

A row of ``_NARROW`` and ``_WIDE`` is an encoding as Arm's architecture manuals (DDI 0403, DDI 0419) write it,
most significant bit first; the first row that fits holds. Letters are fields: d and e registers that are
written, t and u registers that are moved, n the base and m the index of an address, l a list of registers, w
whether the base is written back, i a number of words; x, y, z are registers of the FPU (written, read, read),
whose lowest bits are X, Y, Z. A dash is any bit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

SP, LR, PC = 13, 14, 15


class Kind(Enum):
    """What takes the same time, by Arm's tables."""

    PLAIN = auto()
    MULTIPLY = auto()
    MULTIPLY_ADD = auto()
    MULTIPLY_DSP = auto()
    LONG = auto()
    LONG_ADD = auto()
    DIVIDE = auto()
    LOAD = auto()
    STORE = auto()
    LOAD_DOUBLE = auto()
    STORE_DOUBLE = auto()
    LOAD_MULTIPLE = auto()
    STORE_MULTIPLE = auto()
    BRANCH = auto()
    BRANCH_IF = auto()
    BRANCH_REGISTER = auto()
    CALL = auto()
    CALL_REGISTER = auto()
    TABLE = auto()
    IT = auto()
    HINT = auto()
    SYSTEM = auto()
    BARRIER = auto()
    TRAP = auto()
    FLOAT = auto()
    FLOAT_MULTIPLY_ADD = auto()
    FLOAT_DIVIDE = auto()
    FLOAT_LOAD = auto()
    FLOAT_STORE = auto()
    FLOAT_LOAD_MULTIPLE = auto()
    FLOAT_STORE_MULTIPLE = auto()
    FLOAT_MOVE = auto()
    FLOAT_MOVE_PAIR = auto()
    LOOP = auto()
    VECTOR = auto()
    UNKNOWN = auto()


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        size: 2 or 4 bytes.
        kind: what it is.
        count: words that it moves, where it moves several.
        address: registers that make its address, as a mask.
        writes: core registers that it writes, as a mask.
        loads: those of them that come from memory.
        indexed: whether its address has an index in a register.
        float_reads, float_writes: the same of the FPU's single registers.
        target: where a branch goes, from the instruction's address; None where a register says it.
        grows: bytes by which it lowers SP; negative where it raises it; None where a register says it.
    """

    size: int
    kind: Kind
    count: int = 0
    address: int = 0
    writes: int = 0
    loads: int = 0
    indexed: bool = False
    float_reads: int = 0
    float_writes: int = 0
    target: int | None = None
    grows: int | None = 0

    @property
    def leaves(self) -> bool:
        """Whether it writes PC, or calls."""
        return bool(self.writes >> PC & 1) or self.kind in _LEAVING


_LEAVING = frozenset({Kind.BRANCH, Kind.BRANCH_REGISTER, Kind.CALL, Kind.CALL_REGISTER, Kind.TABLE})

_NARROW: tuple[tuple[str, Kind], ...] = (
    ("0010 1--- ---- ----", Kind.PLAIN),  # CMP
    ("001- -ddd ---- ----", Kind.PLAIN),
    ("000- ---- ---- -ddd", Kind.PLAIN),
    ("0100 0011 01-- -ddd", Kind.MULTIPLY),
    ("0100 0010 00-- ----", Kind.PLAIN),  # TST
    ("0100 0010 1--- ----", Kind.PLAIN),  # CMP, CMN
    ("0100 00-- ---- -ddd", Kind.PLAIN),
    ("0100 0101 ---- ----", Kind.PLAIN),  # CMP
    ("0100 01-0 d--- -ddd", Kind.PLAIN),  # ADD, MOV
    ("0100 0111 0--- ----", Kind.BRANCH_REGISTER),
    ("0100 0111 1--- ----", Kind.CALL_REGISTER),
    ("0100 1ttt ---- ----", Kind.LOAD),  # relative to PC
    ("0101 00-m mmnn nttt", Kind.STORE),
    ("0101 010m mmnn nttt", Kind.STORE),
    ("0101 ---m mmnn nttt", Kind.LOAD),
    ("011- 0--- --nn nttt", Kind.STORE),
    ("011- 1--- --nn nttt", Kind.LOAD),
    ("1000 0--- --nn nttt", Kind.STORE),
    ("1000 1--- --nn nttt", Kind.LOAD),
    ("1001 0ttt ---- ----", Kind.STORE),  # relative to SP
    ("1001 1ttt ---- ----", Kind.LOAD),
    ("1010 -ddd ---- ----", Kind.PLAIN),
    ("1011 0000 ---- ----", Kind.PLAIN),  # ADD SP, SUB SP
    ("1011 -0-1 ---- ----", Kind.BRANCH_IF),  # CBZ, CBNZ
    ("1011 010- ---- ----", Kind.STORE_MULTIPLE),  # PUSH
    ("1011 110- ---- ----", Kind.LOAD_MULTIPLE),  # POP
    ("1011 0110 ---- ----", Kind.SYSTEM),
    ("1011 1110 ---- ----", Kind.TRAP),
    ("1011 1111 ---- 0000", Kind.HINT),
    ("1011 1111 ---- ----", Kind.IT),
    ("1011 -010 ---- -ddd", Kind.PLAIN),  # extensions, reversals
    ("1100 0nnn llll llll", Kind.STORE_MULTIPLE),
    ("1100 1nnn llll llll", Kind.LOAD_MULTIPLE),
    ("1101 111- ---- ----", Kind.TRAP),
    ("1101 ---- ---- ----", Kind.BRANCH_IF),
    ("1110 0--- ---- ----", Kind.BRANCH),
)

_WIDE: tuple[tuple[str, Kind], ...] = (
    ("1110 1001 0111 1111 1110 1001 0111 1111", Kind.HINT),  # SG
    ("1110 1000 10w0 nnnn llll llll llll llll", Kind.STORE_MULTIPLE),
    ("1110 1000 10w1 nnnn llll llll llll llll", Kind.LOAD_MULTIPLE),
    ("1110 1001 00w0 nnnn llll llll llll llll", Kind.STORE_MULTIPLE),
    ("1110 1001 00w1 nnnn llll llll llll llll", Kind.LOAD_MULTIPLE),
    ("1110 1000 1101 nnnn 1111 ---- 000- mmmm", Kind.TABLE),
    ("1110 1000 0100 ---- 1111 dddd --00 0000", Kind.PLAIN),  # TT
    ("1110 1000 0101 nnnn tttt ---- ---- ----", Kind.LOAD),  # LDREX
    ("1110 1000 0100 nnnn tttt dddd ---- ----", Kind.STORE),
    ("1110 1000 1101 nnnn tttt ---- ---- ----", Kind.LOAD),  # LDREXB, LDA, …
    ("1110 1000 1100 nnnn tttt ---- ---- dddd", Kind.STORE),
    ("1110 100- -1w0 nnnn tttt uuuu ---- ----", Kind.STORE_DOUBLE),
    ("1110 100- -1w1 nnnn tttt uuuu ---- ----", Kind.LOAD_DOUBLE),
    ("1110 101- ---- ---- ---- dddd ---- ----", Kind.PLAIN),
    ("1110 1100 0100 ---- ---- 101- 00-1 ----", Kind.FLOAT_MOVE_PAIR),
    ("1110 1100 0101 dddd eeee 101- 00-1 ----", Kind.FLOAT_MOVE_PAIR),
    ("1110 1101 -X00 nnnn yyyy 101- ---- ----", Kind.FLOAT_STORE),
    ("1110 1101 -X01 nnnn xxxx 101- ---- ----", Kind.FLOAT_LOAD),
    ("1110 110- --w0 nnnn ---- 101- iiii iiii", Kind.FLOAT_STORE_MULTIPLE),
    ("1110 110- --w1 nnnn ---- 101- iiii iiii", Kind.FLOAT_LOAD_MULTIPLE),
    ("1110 1110 ---0 ---- ---- 101- ---1 ----", Kind.FLOAT_MOVE),
    ("1110 1110 ---1 ---- dddd 101- ---1 ----", Kind.FLOAT_MOVE),
    ("1110 1110 0X0- yyyy xxxx 101- Y-Z0 zzzz", Kind.FLOAT_MULTIPLY_ADD),
    ("1110 1110 0X1- yyyy xxxx 101- Y-Z0 zzzz", Kind.FLOAT),
    ("1110 1110 1X00 yyyy xxxx 101- Y-Z0 zzzz", Kind.FLOAT_DIVIDE),
    ("1110 1110 1X01 yyyy xxxx 101- Y-Z0 zzzz", Kind.FLOAT_MULTIPLY_ADD),
    ("1110 1110 1X10 yyyy xxxx 101- Y-Z0 zzzz", Kind.FLOAT_MULTIPLY_ADD),
    ("1110 1110 1X11 0001 xxxx 101- 11Z0 zzzz", Kind.FLOAT_DIVIDE),  # VSQRT
    ("1110 1110 1X11 ---- xxxx 101- 0000 ----", Kind.FLOAT),  # VMOV of a constant
    ("1110 1110 1Y11 010- yyyy 101- -1Z0 zzzz", Kind.FLOAT),  # VCMP
    ("1110 1110 1X11 ---- xxxx 101- --Z0 zzzz", Kind.FLOAT),
    ("1111 1110 ---- ---- ---- 101- ---0 ----", Kind.FLOAT),
    ("1111 0--- ---- ---- 0--- dddd ---- ----", Kind.PLAIN),
    ("1111 0000 0--- ---- 11-0 ---- ---- ---1", Kind.LOOP),  # DLS, WLS, LE
    ("1111 0--- ---- ---- 11-1 ---- ---- ----", Kind.CALL),
    ("1111 0--- ---- ---- 10-1 ---- ---- ----", Kind.BRANCH),
    ("1111 0011 1010 ---- 10-0 ---- ---- ----", Kind.HINT),
    ("1111 0011 1011 ---- 10-0 ---- ---- ----", Kind.BARRIER),
    ("1111 0011 100- ---- 10-0 ---- ---- ----", Kind.SYSTEM),
    ("1111 0011 111- ---- 10-0 dddd ---- ----", Kind.SYSTEM),
    ("1111 0111 1111 ---- 10-0 ---- ---- ----", Kind.TRAP),
    ("1111 0--- ---- ---- 10-0 ---- ---- ----", Kind.BRANCH_IF),
    ("1111 100- -0-1 ---- 1111 ---- ---- ----", Kind.HINT),  # PLD, PLI
    ("1111 1000 1--0 nnnn tttt ---- ---- ----", Kind.STORE),
    ("1111 1000 0--0 nnnn tttt 0000 00-- mmmm", Kind.STORE),
    ("1111 1000 0--0 nnnn tttt 1--w ---- ----", Kind.STORE),
    ("1111 100- ---1 1111 tttt ---- ---- ----", Kind.LOAD),  # relative to PC
    ("1111 100- 1--1 nnnn tttt ---- ---- ----", Kind.LOAD),
    ("1111 100- 0--1 nnnn tttt 0000 00-- mmmm", Kind.LOAD),
    ("1111 100- 0--1 nnnn tttt 1--w ---- ----", Kind.LOAD),
    ("1111 1010 ---- ---- ---- dddd ---- ----", Kind.PLAIN),
    ("1111 1011 0000 ---- 1111 dddd 0000 ----", Kind.MULTIPLY),
    ("1111 1011 0000 ---- ---- dddd 000- ----", Kind.MULTIPLY_ADD),
    ("1111 1011 0--- ---- ---- dddd ---- ----", Kind.MULTIPLY_DSP),
    ("1111 1011 10-1 ---- ---- dddd ---- ----", Kind.DIVIDE),
    ("1111 1011 10-0 ---- dddd eeee ---- ----", Kind.LONG),
    ("1111 1011 11-- ---- dddd eeee ---- ----", Kind.LONG_ADD),
    ("111- 110- --w- nnnn ---- ---- ---- ----", Kind.VECTOR),  # Helium's, and other coprocessors'
    ("111- 1110 ---- ---- ---- ---- ---- ----", Kind.VECTOR),
    ("111- 1111 ---- ---- ---- ---- ---- ----", Kind.VECTOR),
)


@dataclass(frozen=True)
class _Encoding:
    mask: int
    value: int
    fields: Mapping[str, tuple[int, ...]]
    kind: Kind


def _encoding(row: tuple[str, Kind]) -> _Encoding:
    bits = row[0].replace(" ", "")
    mask = value = 0
    fields: dict[str, tuple[int, ...]] = {}
    for place, bit in zip(reversed(range(len(bits))), bits, strict=True):
        if bit in "01":
            mask |= 1 << place
            value |= int(bit) << place
        elif bit != "-":
            fields[bit] = (*fields.get(bit, ()), place)
    return _Encoding(mask, value, fields, row[1])


_ENCODINGS = {2: tuple(map(_encoding, _NARROW)), 4: tuple(map(_encoding, _WIDE))}
_LOADS = frozenset({Kind.LOAD, Kind.LOAD_DOUBLE, Kind.LOAD_MULTIPLE})


def size_at(code: bytes | bytearray, at: int = 0) -> int:
    """The bytes of the instruction there.

    A first halfword with its upper five bits 0b11101, 0b11110 or 0b11111 begins an instruction of 32 bits;
    any other is one of 16.
    """
    return 4 if code[at + 1] >> 3 >= 0b11101 else 2


def decode(code: bytes | bytearray) -> Iterator[Instruction]:
    """The instructions of straight-line code, one after another."""
    at = 0
    while at < len(code):
        size = size_at(code, at)
        word = int.from_bytes(code[at : at + 2], "little")
        if size == 4:
            word = word << 16 | int.from_bytes(code[at + 2 : at + 4], "little")
        yield instruction(word, size)
        at += size


def count_instructions(code: bytes | bytearray) -> int:
    """How many instructions straight-line code holds."""
    count = at = 0
    while at < len(code):
        at += size_at(code, at)
        count += 1
    return count


@cache
def instruction(word: int, size: int) -> Instruction:
    """One instruction: its halfword, or its first halfword above its second."""
    for row in _ENCODINGS[size]:
        if word & row.mask == row.value:
            return _made(word, size, row)
    return Instruction(size, Kind.UNKNOWN, grows=None)


def _made(word: int, size: int, row: _Encoding) -> Instruction:
    def field(letter: str) -> int | None:
        value = 0
        for place in row.fields.get(letter, ()):
            value = value << 1 | word >> place & 1
        return value if letter in row.fields else None

    def mask(*registers: int | None) -> int:
        return sum({1 << register for register in registers if register is not None})

    kind, base, index, moved = row.kind, field("n"), field("m"), (field("t"), field("u"))
    listed = field("l") or 0
    writes = mask(field("d"), field("e"))
    if size == 4:
        writes &= ~mask(PC)  # a comparison, or the flags
    elif row.value == 0b1011_0000 << 8:  # ADD SP, SUB SP
        writes = mask(SP)
    loads = mask(*moved) | listed if kind in _LOADS else 0
    if size == 2 and kind in (Kind.LOAD, Kind.STORE) and base is None:
        base = SP if word >> 12 == 0b1001 else PC
    elif kind is Kind.LOAD and base is None:
        base = PC
    grows: int | None = 0
    if size == 2 and row.value in (0b1011_0100 << 8, 0b1011_1100 << 8):
        listed = word & 0xFF | (word >> 8 & 1) << (LR if kind is Kind.STORE_MULTIPLE else PC)
        base = SP
        writes |= mask(SP)
        loads = listed if kind is Kind.LOAD_MULTIPLE else 0
    elif size == 2 and kind in (Kind.LOAD_MULTIPLE, Kind.STORE_MULTIPLE):
        writes |= mask(base)
    if field("w"):
        writes |= mask(base)
    writes |= loads
    count = listed.bit_count() if listed else field("i") or 0
    if kind in (Kind.LOAD_DOUBLE, Kind.STORE_DOUBLE):
        count = 2
    if writes >> SP & 1:
        grows = _stack(word, size, kind, count)
    return Instruction(
        size=size,
        kind=kind,
        count=count,
        address=mask(base, index),
        writes=writes,
        loads=loads,
        indexed=index is not None,
        float_reads=mask(_single(field("y"), field("Y")), _single(field("z"), field("Z"))),
        float_writes=mask(_single(field("x"), field("X"))),
        target=_target(word, size, kind),
        grows=grows,
    )


def _single(number: int | None, low: int | None) -> int | None:
    return None if number is None else number << 1 | (low or 0)


def _stack(word: int, size: int, kind: Kind, count: int) -> int | None:
    """The bytes by which an instruction that writes SP lowers it."""
    if size == 2 and word >> 8 == 0b1011_0000:  # ADD SP, SUB SP
        return (word & 0x7F) * 4 * (1 if word >> 7 & 1 else -1)
    if kind in (Kind.STORE_MULTIPLE, Kind.FLOAT_STORE_MULTIPLE):
        return 4 * count
    if kind in (Kind.LOAD_MULTIPLE, Kind.FLOAT_LOAD_MULTIPLE):
        return -4 * count
    return _stack_wide(word, kind) if size == 4 else None


def _stack_wide(word: int, kind: Kind) -> int | None:
    if kind in (Kind.LOAD, Kind.STORE, Kind.LOAD_DOUBLE, Kind.STORE_DOUBLE):
        double = kind in (Kind.LOAD_DOUBLE, Kind.STORE_DOUBLE)
        offset = (word & 0xFF) * (4 if double else 1)
        return -offset if word >> (23 if double else 9) & 1 else offset
    value = {
        0xF100: -_rotated(word),  # ADD of a rotated byte
        0xF1A0: _rotated(word),
        0xF200: -_twelve(word),  # ADD of twelve bits as they are
        0xF2A0: _twelve(word),
    }
    own = word >> 16 & 0xF == SP and kind is Kind.PLAIN
    return value.get(word >> 16 & 0xFBE0) if own else None


def _twelve(word: int) -> int:
    return (word >> 26 & 1) << 11 | (word >> 12 & 7) << 8 | word & 0xFF


def _rotated(word: int) -> int:
    """ThumbExpandImm."""
    twelve = _twelve(word)
    low = twelve & 0xFF
    if twelve >> 10 == 0:
        return (low, low << 16 | low, low << 24 | low << 8, low * 0x0101_0101)[twelve >> 8]
    turn, value = twelve >> 7, 0x80 | twelve & 0x7F
    return (value >> turn | value << 32 - turn) & 0xFFFF_FFFF


def _target(word: int, size: int, kind: Kind) -> int | None:
    if size == 2 and kind is Kind.BRANCH:
        return 4 + _signed(word & 0x7FF, 11) * 2
    if size == 2 and kind is Kind.BRANCH_IF:
        if word >> 12 == 0b1011:
            return 4 + (word >> 9 & 1) * 64 + (word >> 3 & 31) * 2
        return 4 + _signed(word & 0xFF, 8) * 2
    if size == 2 or kind not in (Kind.BRANCH, Kind.CALL, Kind.BRANCH_IF):
        return None
    s, j1, j2, low = word >> 26 & 1, word >> 13 & 1, word >> 11 & 1, word & 0x7FF
    if kind is Kind.BRANCH_IF:
        return 4 + _signed(s << 19 | j2 << 18 | j1 << 17 | (word >> 16 & 0x3F) << 11 | low, 20) * 2
    i1, i2 = 1 - (j1 ^ s), 1 - (j2 ^ s)
    return 4 + _signed(s << 23 | i1 << 22 | i2 << 21 | (word >> 16 & 0x3FF) << 11 | low, 24) * 2


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
