"""Thumb code taken apart, and Arm's timings."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgeq.boards import Board, load_board
from edgeq.boards.timing import Timing, tables
from edgeq.boards.timing.thumb import SP, Kind, count_instructions, decode, instruction

# By arm-none-eabi-as; the cycles by the manuals' examples and tables: on M0+, M3 and M4.
TIMED = [
    ("ldr r0,[r1]; ldr r1,[r2]", "08681168", (4, 3, 3)),
    ("ldr r0,[r1,r2]; str r0,[r3,#20]", "88585861", (4, 3, 3)),
    ("ldr r0,[r1,r2]; str r1,[r3,r2]", "88589950", (4, 3, 3)),
    ("ldr r0,[r1,r5]; ldr r1,[r2]; ldr r2,[r3,#4]", "485911685a68", (6, 4, 4)),
    ("ldr r0,[r1]; ldr r2,[r0]", "08680268", (4, 4, 4)),
    ("ldr r3,[r0],#4; ldr r4,[r0],#4", "50f8043b50f8044b", (4, 3, 3)),
    ("str r0,[r1,#4]; ldr r2,[r1]", "48600a68", (4, 3, 3)),
    ("str r0,[r1,r2]", "8850", (2, 2, 2)),
    ("adds r0,#4; ldr r1,[r0]", "04300168", (3, 4, 4)),
    ("adds r0,#4; ldr r1,[r2]", "04301168", (3, 3, 3)),
    ("ldrd r0,r1,[r2,#8]!", "f2e90201", (None, 3, 3)),
    ("ldmia.w r8!,{r1-r6,r9}", "b8e87e02", (8, 8, 8)),
    ("push {r4,r5,lr}", "30b5", (4, 4, 4)),
    ("smlad r0,r1,r2,r0", "21fb0200", (None, None, 1)),
    ("smull r0,r1,r2,r3", "82fb0301", (None, 5, 1)),
    ("smlal r0,r1,r2,r3", "c2fb0301", (None, 7, 1)),
    ("muls r0,r1,r0", "4843", (1, 1, 1)),
    ("mla r0,r1,r2,r3", "01fb0230", (None, 2, 1)),
    ("sdiv r0,r1,r2", "91fbf2f0", (None, 12, 12)),
    ("it eq; moveq r0,#1", "08bf0120", (None, 2, 2)),
    ("vldmia r0!,{s0-s3}", "b0ec040a", (None, None, 5)),
    ("vadd.f32 s0,s1,s2; vmul.f32 s3,s0,s1", "30ee810a60ee201a", (None, None, 3)),
    ("vadd.f32 s0,s1,s2; vmul.f32 s3,s4,s1", "30ee810a62ee201a", (None, None, 2)),
    ("vmla.f32 s0,s1,s2", "00ee810a", (None, None, 3)),
    ("vsqrt.f32 s0,s1", "b1eee00a", (None, None, 14)),
    ("dsb", "bff34f8f", (3, 4, 4)),
    ("udf #1", "01de", (None, None, None)),
]

TAKEN = [
    ("bx lr", "7047", (2, 4, 4)),
    ("blx r3", "9847", (2, 4, 4)),
    ("bl .+0x1000", "00f0feff", (3, 4, 4)),
    ("beq .+8", "02d0", (2, 4, 4)),
    ("cbz r0,.+16", "30b1", (2, 4, 4)),
    ("tbb [pc,r0]", "dfe800f0", (None, 6, 6)),
    ("mov pc,r0", "8746", (2, 4, 4)),
    ("pop {r4,r5,pc}", "30bd", (6, 7, 7)),
    ("ldr pc,[r0]", "d0f800f0", (None, 5, 5)),
]


@pytest.mark.parametrize(("text", "code", "cycles"), TIMED, ids=[row[0] for row in TIMED])
def test_cycles(text: str, code: str, cycles: tuple[int | None, ...]) -> None:
    found = [
        table.block(bytes.fromhex(code), 0, taken=False) for table in (tables.M0PLUS, tables.M3, tables.M4)
    ]
    # ARMv6-M has no wide loads, and nobody runs them there: what its table says of them is of no use
    assert tuple(found)[1:] == cycles[1:]
    assert len(code) % 8 == 0 or found[0] == cycles[0]


@pytest.mark.parametrize(("text", "code", "cycles"), TAKEN, ids=[row[0] for row in TAKEN])
def test_cycles_of_what_goes_elsewhere(text: str, code: str, cycles: tuple[int | None, ...]) -> None:
    data = bytes.fromhex(code)
    assert [table.block(data, 0, taken=True) for table in (tables.M3, tables.M4)] == list(cycles[1:])
    if cycles[0] is not None:
        assert tables.M0PLUS.block(data, 0, taken=True) == cycles[0]


def test_m0_takes_one_cycle_more_to_go_elsewhere() -> None:
    for _, code, cycles in TAKEN:
        if len(code) == 4 and cycles[0] is not None:
            assert tables.M0.block(bytes.fromhex(code), 0, taken=True) == cycles[0] + 1


@pytest.mark.parametrize(
    ("text", "code", "grows"),
    [
        ("sub sp,#24", "86b0", 24),
        ("add sp,#24", "06b0", -24),
        ("sub.w sp,sp,#1024", "adf5806d", 1024),
        ("subw sp,sp,#1028", "adf2044d", 1028),
        ("add.w sp,sp,#1024", "0df5806d", -1024),
        ("sub sp,sp,r4", "adeb040d", None),
        ("mov sp,r7", "bd46", None),
        ("push {r4,r5,lr}", "30b5", 12),
        ("stmdb sp!,{r4-r8,lr}", "2de9f041", 24),
        ("pop {r4,r5,pc}", "30bd", -12),
        ("str r0,[sp,#-8]!", "4df8080d", 8),
        ("strd r0,r1,[sp,#-16]!", "6de90401", 16),
        ("ldr pc,[sp],#4", "5df804fb", -4),
        ("vpush {s16-s19}", "2ded048a", 16),
        ("vpop {s16-s19}", "bdec048a", -16),
        ("str r0,[sp,#8]", "0290", 0),
        ("cmp.w r8,#5", "b8f1050f", 0),
    ],
)
def test_what_the_stack_grows_by(text: str, code: str, grows: int | None) -> None:
    (one,) = decode(bytes.fromhex(code))
    assert one.grows == grows
    assert bool(one.writes >> SP & 1) == (grows != 0)


@pytest.mark.parametrize(
    ("code", "kind", "target"),
    [
        ("00f0feff", Kind.CALL, 0x1000),
        ("7ee7", Kind.BRANCH, -0x100),
        ("0ff0febf", Kind.BRANCH, 0x10000),
        ("02d0", Kind.BRANCH_IF, 8),
        ("00f0fe87", Kind.BRANCH_IF, 0x1000),
        ("30b1", Kind.BRANCH_IF, 16),
        ("7047", Kind.BRANCH_REGISTER, None),
    ],
)
def test_where_a_branch_goes(code: str, kind: Kind, target: int | None) -> None:
    (one,) = decode(bytes.fromhex(code))
    assert (one.kind, one.target) == (kind, target)


def board_with(core: str, **timing: object) -> Board:
    board = load_board("sim-m0plus" if core == "cortex-m0plus" else "sim-m4")
    return Board.model_validate({**board.model_dump(exclude_defaults=True), "timing": timing})


def test_a_chip_with_the_small_multiplier() -> None:
    muls = bytes.fromhex("4843")
    small = board_with("cortex-m0plus", multiplier="small").instruction_timing
    assert small is not None and small.block(muls, 0, taken=False) == 32
    with pytest.raises(ValueError, match="one multiplier"):
        board_with("cortex-m4", multiplier="small")


def test_wait_states_are_those_of_the_lines_that_code_lies_in() -> None:
    def cycles(start: int, n: int, **timing: int) -> int | None:
        found = board_with("cortex-m4", **timing).instruction_timing
        assert isinstance(found, Timing)
        return found.block(bytes.fromhex("00bf") * n, start, taken=False)

    assert cycles(0, 8) == 8
    assert cycles(0, 8, wait_states=3, line=16) == 8 + 3
    assert cycles(14, 8, wait_states=3, line=16) == 8 + 6
    assert cycles(0, 8, wait_states=5) == 8 + 4 * 5


def test_code_in_two_parts_takes_as_long_as_in_one() -> None:
    """A simulator parts code at its pages, and wherever a branch was not taken."""
    for _, text, _ in TIMED:
        code = bytes.fromhex(text)
        for at in range(2, len(code), 2):
            for board in (board_with("cortex-m4"), board_with("cortex-m4", wait_states=2, line=8)):
                timing = board.instruction_timing
                assert timing is not None
                whole = timing.block(code, 4, taken=False)
                if at not in {sum(one.size for one in tuple(decode(code))[:n]) for n in range(9)}:
                    continue  # in the middle of an instruction
                first = timing.block(code[:at], 4, taken=False, following=code[at:])
                second = timing.block(code[at:], 4 + at, taken=False)
                parts = None if first is None or second is None else first + second
                assert parts == whole or whole is None, text


def test_cores_that_arm_gives_no_timings_of_have_none() -> None:
    timed = {
        board.id
        for board in map(load_board, ("sim-m0", "sim-m0plus", "sim-m3", "sim-m4"))
        if board.instruction_timing
    }
    assert timed == {"sim-m0", "sim-m0plus", "sim-m3", "sim-m4"}
    assert load_board("sim-m7").instruction_timing is None
    assert load_board("sim-m33").instruction_timing is None


@pytest.mark.skipif(shutil.which("arm-none-eabi-objdump") is None, reason="no arm-none-eabi-objdump")
def test_kinds_agree_with_binutils(tmp_path: Path) -> None:
    """Random words of the M4's instructions: what objdump calls a load is one here, and so on."""
    chance = random.Random(1)
    words = [chance.randrange(0xE800_0000, 1 << 32) for _ in range(30_000)]
    narrow = [chance.randrange(0xE800) for _ in range(6_000)]
    data = b"".join(
        (word >> 16).to_bytes(2, "little") + (word & 0xFFFF).to_bytes(2, "little") for word in words
    )
    data += b"".join(word.to_bytes(2, "little") for word in narrow)
    (tmp_path / "code").write_bytes(data)
    command = [
        "arm-none-eabi-objdump",
        "-D",
        "-b",
        "binary",
        "-m",
        "armv7e-m",
        "-M",
        "force-thumb",
        "--no-show-raw-insn",
    ]
    told = subprocess.run(
        [*command, str(tmp_path / "code")], capture_output=True, text=True, check=True
    ).stdout
    names = {
        int(at, 16): name.removesuffix(".w").removesuffix(".n")
        for at, name in re.findall(r"^ *([0-9a-f]+):\s+([a-z0-9.]+)", told, re.MULTILINE)
    }
    compared, different = 0, []
    places = [(i * 4, word, 4) for i, word in enumerate(words)]
    places += [(4 * len(words) + 2 * i, word, 2) for i, word in enumerate(narrow)]
    for at, word, size in places:
        kind = kind_by_name(names.get(at, ""))
        found = instruction(word, size).kind
        if kind is None or found is Kind.UNKNOWN:  # objdump names encodings, too, that Arm leaves undefined
            continue
        compared += 1
        if found not in kind:
            different.append((hex(word), names[at], found))
    assert not different
    assert compared > 9_000


BY_NAME: tuple[tuple[str, set[Kind]], ...] = (
    (r"ldrd", {Kind.LOAD_DOUBLE}),
    (r"strd", {Kind.STORE_DOUBLE}),
    (r"ldrt?", {Kind.LOAD}),
    (r"ldr(b|h|sb|sh)t?", {Kind.LOAD, Kind.HINT}),  # into PC: a hint
    (r"str(b|h)?t?", {Kind.STORE}),
    (r"(ldm\w*|pop)", {Kind.LOAD_MULTIPLE}),
    (r"(stm\w*|push)", {Kind.STORE_MULTIPLE}),
    (r"tb[bh]", {Kind.TABLE}),
    (r"[us]div", {Kind.DIVIDE}),
    (r"[us]mull", {Kind.LONG}),
    (r"([us]mlal\w*|umaal|smlsldx?)", {Kind.LONG_ADD}),
    (r"(mla|mls)", {Kind.MULTIPLY_ADD}),
    (r"(mul|muls)", {Kind.MULTIPLY}),
    (r"(smla[bt][bt]|smul[bt][bt]|smla[dw]\w*|smmul\w*|smmla\w*|smu[as]d\w*|usada?8)", {Kind.MULTIPLY_DSP}),
    (r"bl", {Kind.CALL}),
    (r"blx", {Kind.CALL_REGISTER}),
    (r"bx", {Kind.BRANCH_REGISTER}),
    (r"cbn?z", {Kind.BRANCH_IF}),
    (r"it[te]*", {Kind.IT}),
    (
        r"(adds?|subs?|movs?|movw|movt|ands?|orrs?|eors?|bics?|rsbs?|cmp|cmn|tst|teq|[us]xt\w+|[us]bfx|bf[ic]|clz|rev\w*|sel|pkh\w+|q(add|sub)\w*|[us](add|sub)(8|16)|[us]sat(16)?)",
        {Kind.PLAIN},
    ),
)


def kind_by_name(name: str) -> set[Kind] | None:
    return next((kinds for pattern, kinds in BY_NAME if re.fullmatch(pattern, name)), None)


def test_the_count_is_that_of_what_is_taken_apart() -> None:
    code = bytes.fromhex("00bf2de9f04100bf08681168")
    assert len(tuple(decode(code))) == count_instructions(code) == 5
