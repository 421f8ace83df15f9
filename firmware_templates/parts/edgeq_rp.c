/* RP2040 and RP2350: clocks, pins and UART are the same but for addresses. Sections are those of RP2040's datasheet. */
#include <stdint.h>

#include "edgeq_board.h"
#include "edgeq_port.h"
#include "edgeq_received.h"
#include "edgeq_rp_chip.h"
#include "edgeq_systick.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SET_BITS(address, bits) (REGISTER((address) + 0x2000u) = (bits)) /* 2.1.2 */
#define CLEAR_BITS(address, bits) (REGISTER((address) + 0x3000u) = (bits))

#define RESETS_RESET (EDGEQ_RP_RESETS + 0x00u)
#define RESETS_RESET_DONE (EDGEQ_RP_RESETS + 0x08u)

#define CLOCKS_CLK_REF_CTRL (EDGEQ_RP_CLOCKS + 0x30u)
#define CLOCKS_CLK_REF_DIV (EDGEQ_RP_CLOCKS + 0x34u)
#define CLOCKS_CLK_REF_SELECTED (EDGEQ_RP_CLOCKS + 0x38u)
#define CLOCKS_CLK_SYS_CTRL (EDGEQ_RP_CLOCKS + 0x3Cu)
#define CLOCKS_CLK_SYS_DIV (EDGEQ_RP_CLOCKS + 0x40u)
#define CLOCKS_CLK_SYS_SELECTED (EDGEQ_RP_CLOCKS + 0x44u)
#define CLOCKS_CLK_PERI_CTRL (EDGEQ_RP_CLOCKS + 0x48u)

#define XOSC_CTRL (EDGEQ_RP_XOSC + 0x00u)
#define XOSC_STATUS (EDGEQ_RP_XOSC + 0x04u)
#define XOSC_STARTUP (EDGEQ_RP_XOSC + 0x0Cu)

#define PLL_SYS_CS (EDGEQ_RP_PLL_SYS + 0x00u)
#define PLL_SYS_PWR (EDGEQ_RP_PLL_SYS + 0x04u)
#define PLL_SYS_FBDIV_INT (EDGEQ_RP_PLL_SYS + 0x08u)
#define PLL_SYS_PRIM (EDGEQ_RP_PLL_SYS + 0x0Cu)

#define IO_BANK0_GPIO0_CTRL (EDGEQ_RP_IO_BANK0 + 0x04u) /* 8 bytes a pin */
#define PADS_BANK0_GPIO0 (EDGEQ_RP_PADS_BANK0 + 0x04u) /* 4 bytes a pin */

#define UART_UARTDR (EDGEQ_UART_ADDRESS + 0x000u) /* 4.2.8 */
#define UART_UARTRSR (EDGEQ_UART_ADDRESS + 0x004u)
#define UART_UARTFR (EDGEQ_UART_ADDRESS + 0x018u)
#define UART_UARTIBRD (EDGEQ_UART_ADDRESS + 0x024u)
#define UART_UARTFBRD (EDGEQ_UART_ADDRESS + 0x028u)
#define UART_UARTLCR_H (EDGEQ_UART_ADDRESS + 0x02Cu)
#define UART_UARTCR (EDGEQ_UART_ADDRESS + 0x030u)
#define UART_UARTIFLS (EDGEQ_UART_ADDRESS + 0x034u)
#define UART_UARTIMSC (EDGEQ_UART_ADDRESS + 0x038u)

#define CLK_REF_SOURCE 3u /* the fields' masks */
#define CLK_SYS_SOURCE 1u
#define CLK_REF_FROM_RING 0u
#define CLK_REF_FROM_CRYSTAL 2u
#define CLK_SYS_FROM_REF 0u
#define CLK_SYS_FROM_PLL 1u /* "auxiliary", of which the PLL is the first */
#define CLK_PERI_FROM_SYS (1u << 11) /* enabled; from clk_sys, the first */
#define XOSC_ENABLE (0xFABu << 12 | 0xAA0u) /* 1 to 15 MHz */
#define XOSC_STABLE (1u << 31)
#define PLL_LOCKED (1u << 31)
#define PLL_PWR_CORE (1u << 5 | 1u << 0) /* VCO and the rest */
#define PLL_PWR_DIVIDERS (1u << 3)
#define PAD_TX 0x56u /* as reset has it: input enabled, 4 mA, pulled down, Schmitt trigger; and no isolation (RP2350) */
#define PAD_RX 0x5Au /* pulled up instead */
#define UARTDR_FRAMING_OR_BREAK (1u << 10 | 1u << 8)
#define UARTDR_ERRORS 0xF00u
#define UARTFR_RX_EMPTY (1u << 4)
#define UARTFR_TX_FULL (1u << 5)
#define UARTLCR_8N1_FIFO (3u << 5 | 1u << 4)
#define UARTIFLS_RX_EIGHTH 0u /* of its 32 bytes */
#define UARTIMSC_RX (1u << 6 | 1u << 4) /* fewer and a pause, or so many */
#define UARTCR_ON (1u << 9 | 1u << 8 | 1u << 0) /* receiver, transmitter, all */

/* 750 to 1600 MHz; divided by two dividers of 1 to 7, the first the larger (2.18.2). */
#define PLL_VCO_HZ 1500000000u
#define PLL_MULTIPLIER (PLL_VCO_HZ / EDGEQ_CLOCK_SOURCE_HZ)
#define PLL_DIVIDER2 2u
#define PLL_DIVIDER1 (PLL_VCO_HZ / EDGEQ_CLOCK_HZ / PLL_DIVIDER2)

#if EDGEQ_CLOCK_SOURCE_HZ < 5000000 || EDGEQ_CLOCK_SOURCE_HZ > 15000000 || \
    PLL_MULTIPLIER * EDGEQ_CLOCK_SOURCE_HZ != PLL_VCO_HZ
#error "clock.source_hz of the board: a crystal of 5 to 15 MHz that divides 1500 MHz, such as 12 MHz"
#endif
#if EDGEQ_CONSOLE_ALTERNATE != 2 || EDGEQ_CONSOLE_TX_PIN % 4 != 0 || EDGEQ_CONSOLE_RX_PIN % 4 != 1 || \
    (EDGEQ_CONSOLE_TX_PIN + 4) / 8 % 2 != EDGEQ_UART_NUMBER || (EDGEQ_CONSOLE_RX_PIN + 4) / 8 % 2 != EDGEQ_UART_NUMBER
#error "console of the board: alternate 2, and pins of that UART (GP0 and GP1 for UART0, GP4 and GP5 for UART1)"
#endif

/* Waits are for some ms at 12 MHz, and a turn takes at least 6 cycles. */
#define WAIT_TURNS 20000u
/* Twice the time of a byte at the full clock, at least. */
#define BYTE_TURNS (4u * (EDGEQ_CLOCK_HZ / EDGEQ_CONSOLE_BAUD + 1u))

const char edgeq_port_counter_unit[] = "cycles";
uint32_t edgeq_port_hz;

static uint64_t counted_from;

static int wait_for(uint32_t address, uint32_t bits)
{
    for (uint32_t turns = WAIT_TURNS; turns > 0u; --turns) {
        if ((REGISTER(address) & bits) == bits) {
            return 1;
        }
    }
    return 0;
}

static int out_of_reset(uint32_t bits)
{
    SET_BITS(RESETS_RESET, bits);
    CLEAR_BITS(RESETS_RESET, bits);
    return wait_for(RESETS_RESET_DONE, bits);
}

/* A register SELECTED has a bit for each source. */
static int select_source(uint32_t control, uint32_t selected, uint32_t source)
{
    REGISTER(control) = source;
    return wait_for(selected, 1u << source);
}

static int start_pll(void)
{
    if (!out_of_reset(1u << EDGEQ_RP_RESET_PLL_SYS)) {
        return 0;
    }
    REGISTER(PLL_SYS_CS) = 1; /* the reference as it is */
    REGISTER(PLL_SYS_FBDIV_INT) = PLL_MULTIPLIER;
    CLEAR_BITS(PLL_SYS_PWR, PLL_PWR_CORE);
    if (!wait_for(PLL_SYS_CS, PLL_LOCKED)) {
        return 0;
    }
    REGISTER(PLL_SYS_PRIM) = PLL_DIVIDER1 << 16 | PLL_DIVIDER2 << 12;
    CLEAR_BITS(PLL_SYS_PWR, PLL_PWR_DIVIDERS);
    return 1;
}

/* Returns the clock reached: the PLL's, the crystal's, or what the ring oscillator is said to have. */
static uint32_t start_clock(void)
{
    /* A debugger's reset leaves the PLL running, which is about to stop: leave it first, then change the rest. */
    CLEAR_BITS(CLOCKS_CLK_SYS_CTRL, CLK_SYS_SOURCE);
    (void)wait_for(CLOCKS_CLK_SYS_SELECTED, 1u << CLK_SYS_FROM_REF);
    CLEAR_BITS(CLOCKS_CLK_REF_CTRL, CLK_REF_SOURCE);
    (void)wait_for(CLOCKS_CLK_REF_SELECTED, 1u << CLK_REF_FROM_RING);
    REGISTER(CLOCKS_CLK_REF_DIV) = 1u << EDGEQ_RP_DIV_INT;
    REGISTER(CLOCKS_CLK_SYS_DIV) = 1u << EDGEQ_RP_DIV_INT;
    REGISTER(CLOCKS_CLK_PERI_CTRL) = CLK_PERI_FROM_SYS;

    REGISTER(XOSC_STARTUP) = (EDGEQ_CLOCK_SOURCE_HZ / 1000u + 255u) / 256u; /* 1 ms in units of 256 cycles (2.16.3) */
    REGISTER(XOSC_CTRL) = XOSC_ENABLE;
    if (!wait_for(XOSC_STATUS, XOSC_STABLE) ||
        !select_source(CLOCKS_CLK_REF_CTRL, CLOCKS_CLK_REF_SELECTED, CLK_REF_FROM_CRYSTAL)) {
        REGISTER(CLOCKS_CLK_REF_CTRL) = CLK_REF_FROM_RING;
        return EDGEQ_RP_RING_HZ;
    }
    if (!start_pll() || !select_source(CLOCKS_CLK_SYS_CTRL, CLOCKS_CLK_SYS_SELECTED, CLK_SYS_FROM_PLL)) {
        REGISTER(CLOCKS_CLK_SYS_CTRL) = CLK_SYS_FROM_REF;
        return EDGEQ_CLOCK_SOURCE_HZ;
    }
    return EDGEQ_CLOCK_HZ;
}

static void connect(uint32_t pin, uint32_t pad)
{
    REGISTER(IO_BANK0_GPIO0_CTRL + 8u * pin) = EDGEQ_CONSOLE_ALTERNATE;
    REGISTER(PADS_BANK0_GPIO0 + 4u * pin) = pad;
}

static void start_uart(uint32_t hz)
{
    (void)out_of_reset(1u << EDGEQ_UART_RESET);
    CLEAR_BITS(RESETS_RESET, 1u << EDGEQ_RP_RESET_IO_BANK0 | 1u << EDGEQ_RP_RESET_PADS_BANK0);
    (void)wait_for(RESETS_RESET_DONE, 1u << EDGEQ_RP_RESET_IO_BANK0 | 1u << EDGEQ_RP_RESET_PADS_BANK0);
    REGISTER(UART_UARTCR) = 0;
    REGISTER(UART_UARTIFLS) = UARTIFLS_RX_EIGHTH;
    REGISTER(UART_UARTIMSC) = UARTIMSC_RX;
    const uint32_t divider = (8u * hz / EDGEQ_CONSOLE_BAUD + 1u) / 2u; /* of 16 times the baud, in 64ths (4.2.7.1) */
    REGISTER(UART_UARTIBRD) = divider >> 6;
    REGISTER(UART_UARTFBRD) = divider & 63u;
    REGISTER(UART_UARTLCR_H) = UARTLCR_8N1_FIFO; /* also makes the dividers' values valid */
    REGISTER(UART_UARTCR) = UARTCR_ON;
    connect(EDGEQ_CONSOLE_TX_PIN, PAD_TX);
    connect(EDGEQ_CONSOLE_RX_PIN, PAD_RX);
}

void edgeq_port_init(void)
{
    edgeq_port_hz = start_clock();
    edgeq_systick_start();
    start_uart(edgeq_port_hz);
    edgeq_received_enable(EDGEQ_UART_IRQ);
}

static void receive(void)
{
    while ((REGISTER(UART_UARTFR) & UARTFR_RX_EMPTY) == 0u) {
        const uint32_t word = REGISTER(UART_UARTDR);
        if ((word & UARTDR_ERRORS) != 0u) {
            REGISTER(UART_UARTRSR) = 0; /* whatever is written clears */
        }
        if ((word & UARTDR_FRAMING_OR_BREAK) == 0u) {
            edgeq_received_put((uint8_t)word);
        }
    }
}

/* No other one is enabled. */
extern const edgeq_vector edgeq_rp_vectors[EDGEQ_UART_IRQ + 1u];
__attribute__((section(".edgeq_interrupts"), used)) const edgeq_vector edgeq_rp_vectors[EDGEQ_UART_IRQ + 1u] = {
    [EDGEQ_UART_IRQ] = receive,
};

/* Looks at the UART, too: it asks for attention at 4 bytes or after a pause of 32 bits. */
int edgeq_port_read(void)
{
    __asm volatile("cpsid i" ::: "memory");
    receive();
    __asm volatile("cpsie i" ::: "memory");
    return edgeq_received_take();
}

static void wait_while(uint32_t flag)
{
    for (uint32_t turns = BYTE_TURNS; turns > 0u && (REGISTER(UART_UARTFR) & flag) != 0u; --turns) {
    }
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        wait_while(UARTFR_TX_FULL);
        REGISTER(UART_UARTDR) = data[i];
    }
}

/* Polls: a sleep would last until the UART asks for attention, and each answer would wait for that. */
void edgeq_port_idle(void)
{
}

uint64_t edgeq_port_micros(void)
{
    return edgeq_systick_micros(edgeq_port_hz / 1000000u);
}

void edgeq_port_counter_start(void)
{
    counted_from = edgeq_systick_cycles();
}

uint64_t edgeq_port_counter_stop(void)
{
    return edgeq_systick_cycles() - counted_from;
}

void edgeq_port_halt(void)
{
    for (;;) {
    }
}
