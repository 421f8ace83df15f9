"""The processors' cores: one row each, and nothing else knows a core by its name.

Names and numbers are from GCC's and zig's lists of processors, TensorFlow Lite Micro's Makefiles, the build
attributes of Arm's ABI (Tag_CPU_arch, Tag_FP_arch) and the technical reference manuals (CPUID). How many
interrupts there are is the chip's, so its port's. How long instructions take is in ``timing/tables.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgeq.boards.timing import Timing, tables


@dataclass(frozen=True)
class Architecture:
    """An architecture of Arm's.

    Attributes:
        tag: its number as Tag_CPU_arch.
        name: as people write it.
        readelf: as ``readelf -A`` writes it.
        mainline: whether it has VTOR, fault status registers and faults by name: v7-M, and v8-M mainline.
    """

    tag: int
    name: str
    readelf: str
    mainline: bool = True


_V6M = Architecture(11, "Armv6-M", "v6-M", mainline=False)
_V6SM = Architecture(12, "Armv6S-M", "v6S-M", mainline=False)
_V7M = Architecture(10, "Armv7-M", "v7")
_V7EM = Architecture(13, "Armv7E-M", "v7E-M")
_V8M_BASELINE = Architecture(16, "Armv8-M baseline", "v8-M.baseline", mainline=False)
_V8M = Architecture(17, "Armv8-M mainline", "v8-M.mainline")
_V81M = Architecture(21, "Armv8.1-M mainline", "v8.1-M.mainline")

ARCHITECTURES: Mapping[int, Architecture] = {
    one.tag: one for one in (_V7M, _V6M, _V6SM, _V7EM, _V8M_BASELINE, _V8M, _V81M)
}
"""By tag; those, too, that no core here has, for naming what a library was made for."""


_ARMV8_FP = 7
"""The first Tag_FP_arch of Armv8."""


@dataclass(frozen=True)
class Fpu:
    """A floating-point unit.

    Attributes:
        name: as GCC's ``-mfpu`` and board files have it.
        tag: the highest Tag_FP_arch whose instructions it has.
        double: whether it computes in double precision.
    """

    name: str
    tag: int
    double: bool = False

    @property
    def armv8(self) -> bool:
        """Whether it is one that Armv8 brought (FPv5), as ``readelf -A`` tells them apart."""
        return self.tag >= _ARMV8_FP


_FPV4 = Fpu("fpv4-sp-d16", 6)
_FPV5 = Fpu("fpv5-sp-d16", 8)
_FPV5_DOUBLE = Fpu("fpv5-d16", 8, double=True)


@dataclass(frozen=True)
class Variant:
    """A core as chips have it.

    Attributes:
        fpu: None without one.
        zig: the name after zig's ``-mcpu``, with features.
        tflm: the arguments that choose it in TensorFlow Lite Micro's Makefile.
    """

    fpu: Fpu | None
    zig: str
    tflm: tuple[str, ...]


@dataclass(frozen=True)
class Unicorn:
    """A core in Unicorn.

    Attributes:
        model: the constant of ``unicorn.arm_const``.
        cpuid: what its register CPUID reads, which Unicorn leaves to others.
    """

    model: str
    cpuid: int


@dataclass(frozen=True)
class Core:
    """A core.

    Attributes:
        name: as GCC's ``-mcpu`` and board files have it.
        architectures: whose code it runs at its best; its own first.
        variants: without an FPU, and with each that it may have.
        dsp: whether it has the DSP extension (SIMD on 8 and 16 bits).
        helium: whether it has Helium, Arm's vector instructions for microcontrollers.
        unicorn: None where Unicorn has no such core.
        qemu: the name after QEMU's ``-cpu``.
        renode: the ``cpuType`` of Renode's CPU.CortexM.
        renode_since: the first Renode that runs its code; None for every one that edgeq works with.
        timing: how long its instructions take; None where Arm does not publish it.
    """

    name: str
    architectures: tuple[Architecture, ...] = ()
    variants: tuple[Variant, ...] = ()
    dsp: bool = False
    helium: bool = False
    unicorn: Unicorn | None = None
    qemu: str = ""
    renode: str = ""
    renode_since: tuple[int, int, int] | None = None
    timing: Timing | None = None

    @property
    def fpus(self) -> tuple[Fpu, ...]:
        """Those that it may have."""
        return tuple(variant.fpu for variant in self.variants if variant.fpu is not None)

    @property
    def mainline(self) -> bool:
        """Whether it has VTOR, fault status registers and faults by name."""
        return any(architecture.mainline for architecture in self.architectures)

    @property
    def long_multiply(self) -> bool:
        """Whether it multiplies two words into two (SMULL, UMULL), which v6-M and v8-M baseline lack."""
        return self.mainline

    def variant(self, fpu: str | None) -> Variant:
        """The one with that FPU. Raises KeyError where there is none."""
        for variant in self.variants:
            if (variant.fpu.name if variant.fpu is not None else None) == fpu:
                return variant
        raise KeyError(fpu)


NATIVE = "native"
"""What a board file calls the core of the machine that edgeq runs on."""

_ROWS = (
    Core(
        "cortex-m0",
        (_V6M, _V6SM),
        (Variant(None, "cortex_m0", ("TARGET_ARCH=cortex-m0",)),),
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M0", 0x410C_C200),
        qemu="cortex-m0",
        renode="cortex-m0",
        timing=tables.M0,
    ),
    Core(
        "cortex-m0plus",
        (_V6M, _V6SM),
        (Variant(None, "cortex_m0plus", ("TARGET_ARCH=cortex-m0plus",)),),
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M0", 0x410C_C601),  # the same instructions
        qemu="cortex-m0",
        renode="cortex-m0+",
        timing=tables.M0PLUS,
    ),
    Core(
        "cortex-m3",
        (_V7M,),
        (Variant(None, "cortex_m3", ("TARGET_ARCH=cortex-m3",)),),
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M3", 0x412F_C231),
        qemu="cortex-m3",
        renode="cortex-m3",
        timing=tables.M3,
    ),
    Core(
        "cortex-m4",
        (_V7EM,),
        (
            Variant(None, "cortex_m4", ("TARGET_ARCH=cortex-m4",)),
            Variant(_FPV4, "cortex_m4+vfp4d16sp", ("TARGET_ARCH=cortex-m4+fp",)),
        ),
        dsp=True,
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M4", 0x410F_C241),
        qemu="cortex-m4",
        renode="cortex-m4",
        timing=tables.M4,
    ),
    Core(
        "cortex-m7",
        (_V7EM,),
        (
            Variant(None, "cortex_m7", ("TARGET_ARCH=cortex-m7",)),
            Variant(_FPV5, "cortex_m7+fp_armv8d16sp", ("TARGET_ARCH=cortex-m7+fp", "FPU=fpv5-sp-d16")),
            Variant(_FPV5_DOUBLE, "cortex_m7+fp_armv8d16", ("TARGET_ARCH=cortex-m7+fp",)),
        ),
        dsp=True,
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M7", 0x411F_C271),
        qemu="cortex-m7",
        renode="cortex-m7",
    ),
    Core(
        "cortex-m33",
        (_V8M,),
        (
            Variant(None, "cortex_m33+dsp", ("TARGET_ARCH=cortex-m33+nodsp",)),
            Variant(_FPV5, "cortex_m33+dsp+fp_armv8d16sp", ("TARGET_ARCH=cortex-m33",)),
        ),
        dsp=True,
        unicorn=Unicorn("UC_CPU_ARM_CORTEX_M33", 0x410F_D213),
        qemu="cortex-m33",
        renode="cortex-m33",
        renode_since=(1, 16, 1),
    ),
    Core(
        "cortex-m55",
        (_V81M,),
        (
            Variant(None, "cortex_m55", ("TARGET_ARCH=cortex-m55+nofp",)),
            Variant(
                _FPV5_DOUBLE,
                "cortex_m55+mve+mve_fp+fp_armv8d16+fullfp16",
                ("TARGET_ARCH=cortex-m55",),
            ),
        ),
        dsp=True,
        helium=True,
        qemu="cortex-m55",
        renode="cortex-m55",
        renode_since=(1, 16, 1),
    ),
    Core(NATIVE),
)

CORES: Mapping[str, Core] = {core.name: core for core in _ROWS}
"""By name, in the order of board files' documentation."""
