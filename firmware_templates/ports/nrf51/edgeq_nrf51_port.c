/* nRF51. Its Cortex-M0 has no SysTick (nRF51822 PS 3.1): TIMER0, the one of 32 bits, counts HFCLK, which is the core's
 * clock as well. Chapters are those of the Reference Manual. */
#include <stdint.h>

#include "edgeq_board.h"
#include "edgeq_nordic_timer.h"
#include "edgeq_port.h"
#include "edgeq_received.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define CLOCK_TASKS_HFCLKSTART REGISTER(0x40000000u) /* 13 */
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(0x40000100u)

#define GPIO_OUTSET REGISTER(0x50000508u) /* 14 */
#define GPIO_PIN_CNF0 0x50000700u
#define GPIO_PIN_CNF(pin) REGISTER(GPIO_PIN_CNF0 + 4u * (pin))

#define UART(offset) REGISTER(EDGEQ_UART_ADDRESS + (offset)) /* 29 */
#define UART_TASKS_STARTRX UART(0x000u)
#define UART_TASKS_STARTTX UART(0x008u)
#define UART_EVENTS_RXDRDY UART(0x108u)
#define UART_EVENTS_TXDRDY UART(0x11Cu)
#define UART_EVENTS_ERROR UART(0x124u)
#define UART_INTENSET UART(0x304u)
#define UART_INTENCLR UART(0x308u)
#define UART_ERRORSRC UART(0x480u)
#define UART_ENABLE UART(0x500u)
#define UART_PSELRTS UART(0x508u)
#define UART_PSELTXD UART(0x50Cu)
#define UART_PSELCTS UART(0x510u)
#define UART_PSELRXD UART(0x514u)
#define UART_RXD UART(0x518u)
#define UART_TXD UART(0x51Cu)
#define UART_BAUDRATE UART(0x524u)
#define UART_CONFIG UART(0x56Cu)

#define ENABLE_UART 4u
#define INTERRUPT_RXDRDY (1u << 2)
#define DISCONNECTED 0xFFFFFFFFu
#define PIN_OUTPUT 3u /* direction out, input buffer disconnected */
#define PIN_INPUT_PULLED_UP (3u << 2)

/* The crystal needs 0.8 ms (PS 8.1.2); a turn of a wait takes at least 4 cycles. */
#define CRYSTAL_TURNS 40000u
/* Twice the time of a byte, at least: after a wait in vain. Until then QEMU has a second, as its host may be busy. */
#define BYTE_TURNS (5u * (EDGEQ_CLOCK_HZ / EDGEQ_CONSOLE_BAUD + 1u))
#define PATIENT_TURNS (EDGEQ_CLOCK_HZ / 4u)

const char edgeq_port_counter_unit[] = "cycles";
/* The internal oscillator runs where the crystal does not, with the same frequency nominally. */
uint32_t edgeq_port_hz = EDGEQ_CLOCK_HZ;

static uint32_t send_turns = PATIENT_TURNS;
static uint64_t counted_from;

static void receive(void)
{
    if (UART_EVENTS_ERROR != 0u) {
        UART_EVENTS_ERROR = 0;
        UART_ERRORSRC = UART_ERRORSRC; /* ones clear */
    }
    while (UART_EVENTS_RXDRDY != 0u) {
        UART_EVENTS_RXDRDY = 0; /* before the byte is taken: it is set again where another waits behind (29.5) */
        edgeq_received_put((uint8_t)UART_RXD);
    }
}

/* No other one is enabled. */
extern const edgeq_vector edgeq_nrf51_vectors[EDGEQ_TIMER_IRQ + 1];
__attribute__((section(".edgeq_interrupts"), used)) const edgeq_vector edgeq_nrf51_vectors[EDGEQ_TIMER_IRQ + 1] = {
    [EDGEQ_UART_IRQ] = receive,
    [EDGEQ_TIMER_IRQ] = edgeq_timer_interrupt,
};

static void start_uart(void)
{
    GPIO_OUTSET = 1u << EDGEQ_CONSOLE_TX_PIN; /* idle before it is the UART's, too */
    GPIO_PIN_CNF(EDGEQ_CONSOLE_TX_PIN) = PIN_OUTPUT;
    GPIO_PIN_CNF(EDGEQ_CONSOLE_RX_PIN) = PIN_INPUT_PULLED_UP;
    UART_ENABLE = 0;
    UART_INTENCLR = 0xFFFFFFFFu;
    UART_PSELTXD = EDGEQ_CONSOLE_TX_PIN;
    UART_PSELRXD = EDGEQ_CONSOLE_RX_PIN;
    UART_PSELRTS = DISCONNECTED;
    UART_PSELCTS = DISCONNECTED;
    UART_CONFIG = 0; /* 8N1, no flow control */
    UART_BAUDRATE = EDGEQ_CONSOLE_BAUD_CODE;
    UART_ENABLE = ENABLE_UART;
    UART_EVENTS_RXDRDY = 0;
    UART_EVENTS_TXDRDY = 0;
    UART_INTENSET = INTERRUPT_RXDRDY;
    UART_TASKS_STARTTX = 1;
    UART_TASKS_STARTRX = 1;
}

void edgeq_port_init(void)
{
    CLOCK_EVENTS_HFCLKSTARTED = 0;
    CLOCK_TASKS_HFCLKSTART = 1;
    for (uint32_t turns = CRYSTAL_TURNS; turns > 0u && CLOCK_EVENTS_HFCLKSTARTED == 0u; --turns) {
    }
    edgeq_timer_start();
    start_uart();
    edgeq_received_enable(EDGEQ_UART_IRQ);
}

int edgeq_port_read(void)
{
    return edgeq_received_take();
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        UART_TXD = data[i];
        uint32_t turns = send_turns;
        while (turns > 0u && UART_EVENTS_TXDRDY == 0u) {
            --turns;
        }
        send_turns = turns > 0u ? PATIENT_TURNS : BYTE_TURNS;
        UART_EVENTS_TXDRDY = 0;
    }
}

/* QEMU needs this sleep: where the core asks without end, its own thread comes late. */
void edgeq_port_idle(void)
{
    edgeq_received_wait();
}

uint64_t edgeq_port_micros(void)
{
    return edgeq_timer_ticks() >> 4; /* 16 MHz */
}

void edgeq_port_counter_start(void)
{
    counted_from = edgeq_timer_ticks();
}

uint64_t edgeq_port_counter_stop(void)
{
    return edgeq_timer_ticks() - counted_from;
}

void edgeq_port_halt(void)
{
    for (;;) {
    }
}
