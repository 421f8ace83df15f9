"""The kernels on a simulated Cortex-M: compiled by zig, called one by one, instructions counted."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import numpy as np
from mac_host import KERNELS, WARNINGS, filled, sources

from edgeq.backends.aot.families import FAMILIES
from edgeq.backends.aot.sources import interface_of
from edgeq.backends.aot.step import Step
from edgeq.backends.aot.target import Target
from edgeq.boards.cores import CORES
from edgeq.builder.flags import FAST

FLAGS = {
    "m0": "-target thumb-freestanding-eabi -mcpu=cortex_m0",
    "m3": "-target thumb-freestanding-eabi -mcpu=cortex_m3",
    "m4": "-target thumb-freestanding-eabihf -mcpu=cortex_m4+vfp4d16sp",
    "m33": "-target thumb-freestanding-eabihf -mcpu=cortex_m33+dsp+fp_armv8d16sp",
}
"""Core to compiler flags."""


def target_of(core: str) -> Target:
    """What a core's kernels are lowered for."""
    return Target(CORES[f"cortex-{core}"])


_FLAGS = [
    FAST,
    "-fomit-frame-pointer",
    "-fno-sanitize=all",
    "-fno-stack-protector",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-ffunction-sections",
    "-fdata-sections",
]
_FLASH, _RAM, _RETURN = 0x0000_0000, 0x2000_0000, 0x0010_0000
_RAM_BYTES = 0x0100_0000


def compile_image(folder: Path, core: str) -> Path:
    """An ELF with every MAC kernel that the core runs, at fixed addresses."""
    fitting = [family.name for family in FAMILIES if family.fits(target_of(core))]
    files = [path for name in fitting for path in sources(name)]
    names = [p.stem for p in files if "/* interface */" in p.read_text()]
    interface = interface_of(p.name for p in files)
    (folder / "main.c").write_text(
        "".join(f"#include {header}\n" for header in interface.headers)
        + "\n".join(interface.declarations)
        + "\nvoid *const kernels[] = {"
        + ",".join(f"(void *){n}" for n in names)
        + "};\nvoid *_start(int i) { return kernels[i]; }\n"
        "void *memcpy(void *d, const void *s, unsigned n)"
        '{ char *a = d; const char *b = s; while (n--) { *a++ = *b++; __asm__ volatile(""); } return d; }\n'
        "void *memset(void *d, int c, unsigned n)"
        '{ char *a = d; while (n--) { *a++ = (char)c; __asm__ volatile(""); } return d; }\n'
    )
    (folder / "x.ld").write_text(
        f"MEMORY {{ FLASH (rx) : ORIGIN = {_FLASH:#x}, LENGTH = 1M }}\nENTRY(_start)\n"
        "SECTIONS { .text : { *(.text*) *(.rodata*) } > FLASH /DISCARD/ : { *(.ARM.exidx*) } }\n"
    )
    path = folder / f"{core}.elf"
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        *FLAGS[core].split(),
        *_FLAGS,
        *WARNINGS,
        "-Wno-pedantic",
    ]
    command += [
        f"-I{KERNELS}",
        "-T",
        str(folder / "x.ld"),
        "-o",
        str(path),
        str(folder / "main.c"),
        *map(str, files),
    ]
    done = subprocess.run(command, check=False, timeout=600, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return path


class Cortex:
    """Runs steps in an image of :func:`compile_image`."""

    def __init__(self, image: Path, core: str) -> None:
        import unicorn as uc
        from elftools.elf.elffile import ELFFile
        from unicorn import arm_const as arm

        self.uc, self.arm = uc, arm
        with image.open("rb") as file:
            elf = ELFFile(file)
            self.segments = [
                (s["p_vaddr"], s.data()) for s in elf.iter_segments() if s["p_type"] == "PT_LOAD"
            ]
            table = elf.get_section_by_name(".symtab")
            self.symbols = {s.name: (s["st_value"], s["st_size"]) for s in table.iter_symbols()}
        self.model = {
            "m0": arm.UC_CPU_ARM_CORTEX_M0,
            "m3": arm.UC_CPU_ARM_CORTEX_M3,
            "m4": arm.UC_CPU_ARM_CORTEX_M4,
            "m33": arm.UC_CPU_ARM_CORTEX_M33,
        }[core]
        self.target = target_of(core)
        self.instructions = 0
        self.lengths: dict[tuple[int, int], int] = {}
        self._machine()

    def _machine(self) -> None:
        uc = self.uc
        self.cpu = uc.Uc(uc.UC_ARCH_ARM, uc.UC_MODE_THUMB | uc.UC_MODE_MCLASS)
        self.cpu.ctl_set_cpu_model(self.model)
        self.cpu.mem_map(_FLASH, 0x0020_0000)
        self.cpu.mem_map(_RAM, _RAM_BYTES)
        for address, data in self.segments:
            self.cpu.mem_write(address, data)
        self.cpu.mem_write(_RETURN, b"\xfe\xe7")
        self.cpu.hook_add(uc.UC_HOOK_BLOCK, self._block)

    def _block(self, cpu: object, address: int, size: int, _data: object) -> None:
        count = self.lengths.get((address, size))
        if count is None:
            code = bytes(self.cpu.mem_read(address, size))
            count, at = 0, 0
            while at < size:
                at += 4 if code[at + 1] >> 3 in (0b11101, 0b11110, 0b11111) else 2
                count += 1
            self.lengths[(address, size)] = count
        if address != _RETURN:
            self.instructions += count

    def run(self, step: Step, samples: np.ndarray, output_shape: tuple[int, ...]) -> np.ndarray:
        """The step's outputs for [n, …] int8 inputs; ``instructions`` holds the count of the last one."""
        arm, guard = self.arm, 64
        cursor = _RAM + 0x1000

        def place(data: bytes, align: int = 4) -> int:
            nonlocal cursor
            cursor = -(-cursor // align) * align
            at = cursor
            self.cpu.mem_write(at, data)
            cursor += len(data)
            return at

        arrays = {c.suffix: place(np.ascontiguousarray(c.values).tobytes(), c.align) for c in step.constants}
        params = place(bytes(filled(step, ctypes.c_uint32, arrays)))
        size = int(np.prod(output_shape))
        base = cursor
        results = []
        for sample in samples:
            cursor = base
            places = [
                place(bytes([91]) * guard + body + bytes([91]) * guard, 64) + guard
                for body in (sample.tobytes(), bytes(size), bytes([93]) * (step.scratch or 0))
            ]
            self.instructions = 0
            for register, value in zip(
                (arm.UC_ARM_REG_R0, arm.UC_ARM_REG_R1, arm.UC_ARM_REG_R2, arm.UC_ARM_REG_R3),
                (params, *places),
                strict=True,
            ):
                self.cpu.reg_write(register, value)
            self.cpu.reg_write(arm.UC_ARM_REG_SP, _RAM + _RAM_BYTES - 64)
            self.cpu.reg_write(arm.UC_ARM_REG_LR, _RETURN | 1)
            self.cpu.emu_start(self.symbols[step.kernel][0] | 1, _RETURN, timeout=60_000_000)
            assert self.cpu.reg_read(arm.UC_ARM_REG_PC) == _RETURN, "did not return"
            for at, length in zip(places, (sample.size, size, step.scratch or 0), strict=True):
                for edge in (at - guard, at + length):
                    assert bytes(self.cpu.mem_read(edge, guard)) == bytes([91]) * guard, step.title
            results.append(
                np.frombuffer(bytes(self.cpu.mem_read(places[1], size)), np.int8).reshape(output_shape)
            )
        return np.stack(results)
