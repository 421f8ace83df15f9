"""The estimate of cycles against published ones: pqm4's ML-KEM-768 on a Cortex-M4.

    python benchmarks/cycles.py PQM4

PQM4 is a checkout of github.com/mupq/pqm4 with its submodule mupq. Its implementation m4fspeed is compiled by
arm-none-eabi-gcc as pqm4 does (-O3), key generation, encapsulation and decapsulation are run on the simulated
Cortex-M4, and the estimates stand beside what benchmarks.md there says of a board with zero wait states.
Exit code 1 where one is off by more than three percent.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from edgeq.boards import load_board
from edgeq.builder.segments import read_segments
from edgeq.targets.simulators.unicorn_machine import Machine
from edgeq.targets.stream import ByteQueue

CLOSE = 0.03
STAGES = ("key generation", "encapsulation", "decapsulation")
SCHEME = "crypto_kem/ml-kem-768/m4fspeed"

MAIN = r"""
#include <stdint.h>
#include <string.h>
#include "api.h"

static uint8_t pk[CRYPTO_PUBLICKEYBYTES], sk[CRYPTO_SECRETKEYBYTES], ct[CRYPTO_CIPHERTEXTBYTES];
static uint8_t sent[CRYPTO_BYTES], got[CRYPTO_BYTES];
static uint32_t state = 1;

int randombytes(uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (uint8_t)(state >> 24);
    }
    return 0;
}

#define COUNTER (*(volatile uint32_t *)0x40000020u)
#define HALT (*(volatile uint32_t *)0x40000040u)
#define COUNT(which, call) (COUNTER = (which) == STAGE, (void)(call), COUNTER = 0)

int main(void)
{
    *(volatile uint32_t *)0xE000ED88u = 0xFu << 20;
    COUNT(0, crypto_kem_keypair(pk, sk));
    COUNT(1, crypto_kem_enc(ct, sent, pk));
    COUNT(2, crypto_kem_dec(got, ct, sk));
    while (memcmp(sent, got, sizeof sent) != 0) {
    }
    HALT = 1;
    for (;;) {
    }
}

extern uint32_t stack_top[];
__attribute__((section(".vectors"), used)) static void *const vectors[2] = {stack_top, (void *)main};
"""

SCRIPT = """
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 1M  RAM (rw) : ORIGIN = 0x20000000, LENGTH = 256K }
SECTIONS
{
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } > FLASH
    .data : { *(.data*) } > RAM AT > FLASH
    .bss : { *(.bss*) *(COMMON) } > RAM
    stack_top = ORIGIN(RAM) + LENGTH(RAM);
}
"""


def build(pqm4: Path, folder: Path, stage: int) -> Path:
    """An ELF that counts one of the three."""
    (folder / "main.c").write_text(MAIN)
    (folder / "link.ld").write_text(SCRIPT)
    declared = "#include <stddef.h>\n#include <stdint.h>\nint randombytes(uint8_t *out, size_t n);\n"
    (folder / "randombytes.h").write_text(declared)  # pqm4's is a link into another submodule
    sources = [path for path in (pqm4 / SCHEME).iterdir() if path.suffix in (".c", ".S")]
    sources += [pqm4 / "mupq/common/fips202.c", pqm4 / "common/keccakf1600.S", folder / "main.c"]
    elf = folder / f"stage{stage}.elf"
    flags = ["-O3", "-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-w"]
    flags += ["-fno-common", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-nostartfiles"]
    flags += [f"-I{folder}"]
    flags += [f"-I{pqm4 / place}" for place in (SCHEME, "common", "mupq/common")]
    command = ["arm-none-eabi-gcc", *flags, f"-DSTAGE={stage}", f"-T{folder / 'link.ld'}"]
    subprocess.run(
        [*command, *map(str, sources), "--specs=nosys.specs", "-o", str(elf)], check=True, timeout=300
    )
    return elf


def measure(elf: Path) -> tuple[int, int]:
    """Executed instructions and estimated cycles of what it counts."""
    board = load_board("sim-m4")
    machine = Machine(board, read_segments(elf, board), ByteQueue(), ByteQueue())
    machine.run()
    timing = board.instruction_timing
    if not machine.halted or timing is None:
        sys.exit("the code did not come to its end")
    cycles = [section.cycles(machine.code, timing) for section in machine.sections]
    if None in cycles:
        sys.exit("an instruction has no timing")
    instructions = sum(section.instructions(machine.code) for section in machine.sections)
    return instructions, sum(one for one in cycles if one is not None)


def published(pqm4: Path) -> list[int]:
    """The averages of pqm4's own benchmarks."""
    text = (pqm4 / "benchmarks.md").read_text()
    (row,) = re.findall(r"^\| ml-kem-768 \(.*?\) \| m4fspeed \| (.*AVG.*)$", text, re.MULTILINE)
    return [int(one.replace(",", "")) for one in re.findall(r"AVG: ([\d,]+)", row)]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pqm4", type=Path, metavar="PQM4")
    pqm4 = parser.parse_args().pqm4.resolve()
    titles = ("ML-KEM-768, m4fspeed", "instructions", "estimated cycles", "published", "off by")
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    close = True
    with tempfile.TemporaryDirectory() as folder:
        for stage, known in enumerate(published(pqm4)):
            instructions, cycles = measure(build(pqm4, Path(folder), stage))
            off = cycles / known - 1
            close = close and abs(off) <= CLOSE
            print(f"| {STAGES[stage]} | {instructions:,} | {cycles:,} | {known:,} | {100 * off:+.1f} % |")
    return 0 if close else 1


if __name__ == "__main__":
    sys.exit(main())
