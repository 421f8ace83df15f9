"""Lines of the real Renode's log, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgeq.targets.simulators.renode_log import troubles
from edgeq.targets.simulators.renode_target import LOG


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (  # an nRF52840 that waits for its flash; the lines of its healthy runs come first
            """\
[WARNING] sysbus: [cpu: 0x42FC] ReadDoubleWord from an unimplemented register UICR:APPROTECT (0x10001208), \
returning a value from SVD: 0xFFFFFFFF
[WARNING] sysbus: [cpu: 0x431C] WriteDoubleWord of value 0x1 to an unimplemented register NVMC:ICACHECNF \
(0x4001E540) generated from SVD
[WARNING] uart0: Unhandled write to offset 0x308. Unhandled bits: [3, 5-6, 31] when writing value 0xFFFFFFFF.
[WARNING] uart0: Unhandled write to offset 0x200, value 0x0.
[WARNING] uart0: Unhandled write to offset 0x50C. Unhandled bits: [0, 3-31] when writing value 0x6. Tags: PIN.
[WARNING] sysbus: [cpu: 0x1874] WriteDoubleWord of value 0x1 to an unimplemented register NVMC:ERASEPAGE \
(0x4001E508) generated from SVD
[WARNING] sysbus: [cpu: 0x1874] WriteDoubleWord of value 0x1 to an unimplemented register NVMC:ERASEPAGE \
(0x4001E508) generated from SVD (4108)
""",
            "WriteDoubleWord at 0x4001E508, NVMC:ERASEPAGE (4109 times, first from f(0x1874))",
        ),
        (  # a register that an SVD gives a value to, asked in a loop
            """\
[WARNING] sysbus: [cpu: 0x42FC] ReadDoubleWord from an unimplemented register UICR:APPROTECT (0x10001208), \
returning a value from SVD: 0xFFFFFFFF (10000)
""",
            "ReadDoubleWord at 0x10001208, UICR:APPROTECT, which reads as 0xFFFFFFFF "
            "(10000 times, first from f(0x42fc))",
        ),
        (  # an STM32H7: the most frequent first
            """\
[WARNING] rcc: Unhandled write to offset 0x18, value 0x0.
[WARNING] rcc: Unhandled read from offset 0xE8.
[WARNING] sysbus: [cpu: 0x8003F52] (tag: 'PWR') ReadDoubleWord from non existing peripheral at 0x5802480C, \
returning 0x00000000.
[WARNING] sysbus: [cpu: 0x8003D60] (tag: 'PWR') ReadDoubleWord from non existing peripheral at 0x58024804, \
returning 0x00000000. (10000)
[WARNING] nvic: Unhandled write to offset 0xF50 (ICacheInvalidateAllToPoUaIgnored), value 0x0.
[WARNING] rcc: Unhandled read from offset 0xE8.
""",
            "ReadDoubleWord at 0x58024804 (10000 times, first from f(0x8003d60)); "
            "read at offset 0xE8 of rcc (2 times)",
        ),
        (  # nothing came again: then what came once
            "[WARNING] rcc: Unhandled write to offset 0x18, value 0x0.\n",
            "write at offset 0x18 of rcc (once)",
        ),
        (  # of a healthy UART and core nothing is told
            """\
[INFO] nrf52840dk: Machine started.
[WARNING] uart0: Unhandled write to offset 0x514. Unhandled bits: [0-2, 4-31] when writing value 0x8. (9)
[WARNING] nvic: Unhandled write to offset 0xF50 (ICacheInvalidateAllToPoUaIgnored), value 0x0. (9)
""",
            None,
        ),
    ],
)
def test_a_log_of_the_real_renode_is_understood(tmp_path: Path, lines: str, told: str | None) -> None:
    log = tmp_path / LOG
    log.write_text("".join(f"06:08:35.4687 {line}\n" for line in lines.splitlines()))
    assert troubles(log, lambda address: f"f(0x{address:x})") == (
        [] if told is None else [f"Renode does not model: {told}"]
    )
