/* The second stage of booting: the boot ROM copies these 256 bytes from the beginning of flash to RAM, checks their
 * CRC, and runs them, so that the rest of flash can be read in place (RP2040 datasheet 2.8.1). They have the flash read
 * four bits at a time and without a command before each address ("continuous read"), as the W25Q16JV of the Pico and
 * all that know the commands 35h, 31h, 50h and EBh can, and start the firmware from its vector table behind them. The
 * core's clock is the ring oscillator's now; a quarter of 125 MHz is within every such flash's limits later.
 *
 * tests/ports/test_rp2040_boot.py assembles the comments and compares, runs the words, and computes the CRC. */
#include <stdint.h>

extern const uint16_t edgeq_rp2040_boot[128];
__attribute__((section(".edgeq_boot"), used)) const uint16_t edgeq_rp2040_boot[128] = {
    /* clang-format off */
    0x4f24, /* ldr r7, ssi @ SSI's registers (4.10.13) */
    0x2000, /* movs r0, #0 */
    0x60b8, /* str r0, [r7, #0x08] @ SSIENR: off, to be set up */
    0x2004, /* movs r0, #4 */
    0x6178, /* str r0, [r7, #0x14] @ BAUDR: a quarter of the core's clock */
    0x2001, /* movs r0, #1 */
    0x21f0, /* movs r1, #0xf0 */
    0x5078, /* str r0, [r7, r1] @ RX_SAMPLE_DLY: a cycle later */
    0x6138, /* str r0, [r7, #0x10] @ SER: the flash is selected */
    0x2107, /* movs r1, #7 */
    0x0409, /* lsls r1, r1, #16 */
    0x6039, /* str r1, [r7, #0x00] @ CTRLR0: 8 bits at a time, out and in, serial */
    0x60b8, /* str r0, [r7, #0x08] @ SSIENR: on */
    0x2135, /* movs r1, #0x35 @ read status register 2 */
    0x2200, /* movs r2, #0 */
    0xf000, 0xf827, /* bl exchange */
    0x2202, /* movs r2, #2 @ its bit QE: are all four data lines in use? */
    0x4210, /* tst r0, r2 */
    0xd108, /* bne quad */
    0x4302, /* orrs r2, r0 */
    0x2150, /* movs r1, #0x50 @ the next write is volatile */
    0x6639, /* str r1, [r7, #0x60] @ DR0 */
    0xf000, 0xf827, /* bl wait */
    0x6e39, /* ldr r1, [r7, #0x60] */
    0x2131, /* movs r1, #0x31 @ write status register 2 */
    0xf000, 0xf81b, /* bl exchange */
    0x2000, /* quad: movs r0, #0 */
    0x60b8, /* str r0, [r7, #0x08] @ SSIENR: off */
    0x4916, /* ldr r1, read */
    0x6039, /* str r1, [r7, #0x00] @ CTRLR0: quad, 32 bits at a time, command and address out, data in */
    0x6078, /* str r0, [r7, #0x04] @ CTRLR1: one datum */
    0x4915, /* ldr r1, first */
    0x22f4, /* movs r2, #0xf4 */
    0x50b9, /* str r1, [r7, r2] @ SPI_CTRLR0: command serial, 32 bits of address and mode quad, 4 idle cycles */
    0x2101, /* movs r1, #1 */
    0x60b9, /* str r1, [r7, #0x08] @ SSIENR: on */
    0x23eb, /* movs r3, #0xeb @ fast read, quad */
    0x663b, /* str r3, [r7, #0x60] @ DR0 */
    0x23a0, /* movs r3, #0xa0 @ address 0, mode: more such reads follow, without the command */
    0x663b, /* str r3, [r7, #0x60] */
    0xf000, 0xf813, /* bl wait */
    0x60b8, /* str r0, [r7, #0x08] @ SSIENR: off */
    0x4b10, /* ldr r3, later */
    0x50bb, /* str r3, [r7, r2] @ SPI_CTRLR0: no command, address and that mode quad, 4 idle cycles */
    0x60b9, /* str r1, [r7, #0x08] @ SSIENR: on: flash can be read at 0x10000000 */
    0x4810, /* ldr r0, vectors */
    0x4910, /* ldr r1, vtor */
    0x6008, /* str r0, [r1] */
    0xc806, /* ldmia r0!, {r1, r2} */
    0xf381, 0x8808, /* msr msp, r1 */
    0x4710, /* bx r2 @ edgeq_reset */
    0x6639, /* exchange: str r1, [r7, #0x60] @ a command and a byte; r0: what comes with the byte */
    0x663a, /* str r2, [r7, #0x60] */
    0x4673, /* mov r3, lr */
    0xf000, 0xf803, /* bl wait */
    0x6e38, /* ldr r0, [r7, #0x60] */
    0x6e38, /* ldr r0, [r7, #0x60] */
    0x4718, /* bx r3 */
    0x24ff, /* wait: movs r4, #255 @ turns at most; the longest transfer takes some 12 */
    0x3c01, /* turn: subs r4, r4, #1 */
    0xd004, /* beq over */
    0x6abd, /* ldr r5, [r7, #0x28] @ SR: nothing more to send (bit 2), and not busy (bit 0) */
    0x2605, /* movs r6, #5 */
    0x4035, /* ands r5, r6 */
    0x2d04, /* cmp r5, #4 */
    0xd1f8, /* bne turn */
    0x4770, /* over: bx lr */
    0x46c0, /* .balign 4 */
    0x0000, 0x1800, /* ssi: .word 0x18000000 */
    0x0300, 0x005f, /* read: .word 0x005f0300 */
    0x2221, 0x0000, /* first: .word 0x00002221 */
    0x2022, 0xa000, /* later: .word 0xa0002022 */
    0x0100, 0x1000, /* vectors: .word 0x10000100 */
    0xed08, 0xe000, /* vtor: .word 0xe000ed08 */
    [126] = 0x77df, 0x7e8a, /* CRC-32 of the bytes before: polynomial 04C11DB7, from FFFFFFFF, highest bit first */
    /* clang-format on */
};
