/* Where RP2350 differs from RP2040. Sections are those of its datasheet. */
#ifndef EDGEQ_RP_CHIP_H
#define EDGEQ_RP_CHIP_H

#define EDGEQ_RP_CLOCKS 0x40010000u /* 8.1.7 */
#define EDGEQ_RP_RESETS 0x40020000u /* 7.5.3 */
#define EDGEQ_RP_IO_BANK0 0x40028000u /* 9.11.1 */
#define EDGEQ_RP_PADS_BANK0 0x40038000u /* 9.11.3 */
#define EDGEQ_RP_XOSC 0x40048000u /* 8.2.8 */
#define EDGEQ_RP_PLL_SYS 0x40050000u /* 8.6.5 */

#define EDGEQ_RP_RESET_IO_BANK0 6u /* bits of RESETS */
#define EDGEQ_RP_RESET_PADS_BANK0 9u
#define EDGEQ_RP_RESET_PLL_SYS 14u

#define EDGEQ_RP_DIV_INT 16u /* where CLK_REF_DIV and CLK_SYS_DIV have their integer part */

/* The ring oscillator as reset leaves it: 4.6 to 19.6 MHz, nominally this (8.3). */
#define EDGEQ_RP_RING_HZ 11000000u

#endif
