/* Where RP2040 differs from RP2350. Sections are those of its datasheet. */
#ifndef EDGEQ_RP_CHIP_H
#define EDGEQ_RP_CHIP_H

#define EDGEQ_RP_CLOCKS 0x40008000u /* 2.15.7 */
#define EDGEQ_RP_RESETS 0x4000C000u /* 2.14.3 */
#define EDGEQ_RP_IO_BANK0 0x40014000u /* 2.19.6.1 */
#define EDGEQ_RP_PADS_BANK0 0x4001C000u /* 2.19.6.3 */
#define EDGEQ_RP_XOSC 0x40024000u /* 2.16.7 */
#define EDGEQ_RP_PLL_SYS 0x40028000u /* 2.18.4 */

#define EDGEQ_RP_RESET_IO_BANK0 5u /* bits of RESETS */
#define EDGEQ_RP_RESET_PADS_BANK0 8u
#define EDGEQ_RP_RESET_PLL_SYS 12u

#define EDGEQ_RP_DIV_INT 8u /* where CLK_REF_DIV and CLK_SYS_DIV have their integer part */

/* The ring oscillator as reset leaves it: 1.8 to 12 MHz, nominally this (2.17.3). */
#define EDGEQ_RP_RING_HZ 6500000u

#endif
