/* nRF52833 and nRF52840. Chapters are those of the nRF52840 Product Specification; both chips have these registers at
 * the same places. The console is UARTE: a byte in and some bytes out at a time, through RAM. */
#include <stdint.h>

#include "edgeq_board.h"
#include "edgeq_nordic_timer.h"
#include "edgeq_port.h"
#include "edgeq_received.h"
#include "edgeq_systick.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define CLOCK_TASKS_HFCLKSTART REGISTER(0x40000000u) /* 5.4 */
#define CLOCK_EVENTS_HFCLKSTARTED REGISTER(0x40000100u)
#define CLOCK_HFCLKSTAT REGISTER(0x4000040Cu)
#define APPROTECT_DISABLE REGISTER(0x40000558u) /* 4.8.2; chips before build code F have no such register */
#define UICR_APPROTECT REGISTER(0x10001208u)
#define NVMC_ICACHECNF REGISTER(0x4001E540u) /* 4.3 */

#define GPIO_OUTSET(port) REGISTER(0x50000508u + 0x300u * (port)) /* 6.9 */
#define GPIO_PIN_CNF(port, pin) REGISTER(0x50000700u + 0x300u * (port) + 4u * (pin))

#define UARTE(offset) REGISTER(EDGEQ_UART_ADDRESS + (offset)) /* 6.34 */
#define UARTE_TASKS_STARTRX UARTE(0x000u)
#define UARTE_TASKS_STARTTX UARTE(0x008u)
#define UARTE_TASKS_STOPTX UARTE(0x00Cu)
#define UARTE_EVENTS_ENDRX UARTE(0x110u)
#define UARTE_EVENTS_ENDTX UARTE(0x120u)
#define UARTE_EVENTS_ERROR UARTE(0x124u)
#define UARTE_SHORTS UARTE(0x200u)
#define UARTE_INTENSET UARTE(0x304u)
#define UARTE_INTENCLR UARTE(0x308u)
#define UARTE_ERRORSRC UARTE(0x480u)
#define UARTE_ENABLE UARTE(0x500u)
#define UARTE_PSEL_RTS UARTE(0x508u)
#define UARTE_PSEL_TXD UARTE(0x50Cu)
#define UARTE_PSEL_CTS UARTE(0x510u)
#define UARTE_PSEL_RXD UARTE(0x514u)
#define UARTE_BAUDRATE UARTE(0x524u)
#define UARTE_RXD_PTR UARTE(0x534u)
#define UARTE_RXD_MAXCNT UARTE(0x538u)
#define UARTE_TXD_PTR UARTE(0x544u)
#define UARTE_TXD_MAXCNT UARTE(0x548u)
#define UARTE_CONFIG UARTE(0x56Cu)

#define NVIC_ICER(word) REGISTER(0xE000E180u + 4u * (word))
#define NVIC_ICPR(word) REGISTER(0xE000E280u + 4u * (word))

#define ENABLE_UARTE 8u
#define INTERRUPT_ENDRX (1u << 4)
#define UNPROTECTED 0x5Au
#define DISCONNECTED 0xFFFFFFFFu
#define HFCLKSTAT_CRYSTAL_RUNS (1u << 16 | 1u)
#define PIN_OUTPUT 3u /* direction out, input buffer disconnected */
#define PIN_INPUT_PULLED_UP (3u << 2)
#define PIN_SELECT(port, pin) ((port) << 5 | (pin))

enum { IRQ_WORDS = 2, CHUNK = 32 };

/* The crystal needs up to some ms (5.4.4.1); a turn of a wait takes at least 4 cycles. */
#define CRYSTAL_TURNS 160000u
/* Twice the time of a chunk, at least. */
#define CHUNK_TURNS (5u * CHUNK * (EDGEQ_CLOCK_HZ / EDGEQ_CONSOLE_BAUD + 1u))

const char edgeq_port_counter_unit[] = "cycles";
/* The internal oscillator runs where the crystal does not, with the same frequency nominally. */
uint32_t edgeq_port_hz = EDGEQ_CLOCK_HZ;

static volatile uint8_t received, sending[CHUNK];
static uint64_t counted_from;

static void receive(void)
{
    if (UARTE_EVENTS_ERROR != 0u) {
        UARTE_EVENTS_ERROR = 0;
        UARTE_ERRORSRC = UARTE_ERRORSRC; /* ones clear */
    }
    while (UARTE_EVENTS_ENDRX != 0u) {
        UARTE_EVENTS_ENDRX = 0;
        const uint8_t byte = received;
        __asm volatile("" ::: "memory");
        UARTE_TASKS_STARTRX = 1; /* what comes until then waits in the receiver's FIFO */
        edgeq_received_put(byte);
    }
}

/* No other one is enabled. */
enum { INTERRUPTS = (EDGEQ_UART_IRQ > EDGEQ_TIMER_IRQ ? EDGEQ_UART_IRQ : EDGEQ_TIMER_IRQ) + 1 };
extern const edgeq_vector edgeq_nrf52_vectors[INTERRUPTS];
__attribute__((section(".edgeq_interrupts"), used)) const edgeq_vector edgeq_nrf52_vectors[INTERRUPTS] = {
    [EDGEQ_UART_IRQ] = receive,
    [EDGEQ_TIMER_IRQ] = edgeq_timer_interrupt,
};

static void start_uart(void)
{
    GPIO_OUTSET(EDGEQ_CONSOLE_TX_PORT) = 1u << EDGEQ_CONSOLE_TX_PIN; /* idle before it is the UART's, too */
    GPIO_PIN_CNF(EDGEQ_CONSOLE_TX_PORT, EDGEQ_CONSOLE_TX_PIN) = PIN_OUTPUT;
    GPIO_PIN_CNF(EDGEQ_CONSOLE_RX_PORT, EDGEQ_CONSOLE_RX_PIN) = PIN_INPUT_PULLED_UP;
    UARTE_ENABLE = 0;
    UARTE_INTENCLR = 0xFFFFFFFFu;
    UARTE_SHORTS = 0;
    UARTE_PSEL_TXD = PIN_SELECT(EDGEQ_CONSOLE_TX_PORT, EDGEQ_CONSOLE_TX_PIN);
    UARTE_PSEL_RXD = PIN_SELECT(EDGEQ_CONSOLE_RX_PORT, EDGEQ_CONSOLE_RX_PIN);
    UARTE_PSEL_RTS = DISCONNECTED;
    UARTE_PSEL_CTS = DISCONNECTED;
    UARTE_CONFIG = 0; /* 8N1, no flow control */
    UARTE_BAUDRATE = EDGEQ_CONSOLE_BAUD_CODE;
    UARTE_ENABLE = ENABLE_UARTE;
    UARTE_RXD_PTR = (uint32_t)(uintptr_t)&received;
    UARTE_RXD_MAXCNT = 1;
    UARTE_EVENTS_ENDRX = 0;
    UARTE_INTENSET = INTERRUPT_ENDRX;
    UARTE_TASKS_STARTRX = 1;
}

void edgeq_port_init(void)
{
    for (uint32_t word = 0; word < IRQ_WORDS; ++word) { /* a bootloader may have left some enabled */
        NVIC_ICER(word) = 0xFFFFFFFFu;
        NVIC_ICPR(word) = 0xFFFFFFFFu;
    }
    __asm volatile("cpsie i" ::: "memory");
    if ((UICR_APPROTECT & 0xFFu) == UNPROTECTED) { /* else a debug probe could only erase the chip after this reset */
        APPROTECT_DISABLE = UNPROTECTED;
    }
    NVMC_ICACHECNF = 1;
    CLOCK_EVENTS_HFCLKSTARTED = 0;
    CLOCK_TASKS_HFCLKSTART = 1;
    for (uint32_t turns = CRYSTAL_TURNS; turns > 0u && CLOCK_EVENTS_HFCLKSTARTED == 0u &&
                                         (CLOCK_HFCLKSTAT & HFCLKSTAT_CRYSTAL_RUNS) != HFCLKSTAT_CRYSTAL_RUNS;
         --turns) {
    }
    edgeq_systick_start();
    edgeq_timer_start();
    start_uart();
    edgeq_received_enable(EDGEQ_UART_IRQ);
}

int edgeq_port_read(void)
{
    return edgeq_received_take();
}

/* Its DMA does not reach flash (6.34.1): the bytes go through RAM. */
void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    while (n > 0u) {
        const uint32_t some = n < CHUNK ? n : CHUNK;
        for (uint32_t i = 0; i < some; ++i) {
            sending[i] = data[i];
        }
        UARTE_TXD_PTR = (uint32_t)(uintptr_t)sending;
        UARTE_TXD_MAXCNT = some;
        UARTE_EVENTS_ENDTX = 0;
        __asm volatile("" ::: "memory");
        UARTE_TASKS_STARTTX = 1;
        for (uint32_t turns = CHUNK_TURNS; turns > 0u && UARTE_EVENTS_ENDTX == 0u; --turns) {
        }
        UARTE_TASKS_STOPTX = 1;
        data += some;
        n -= some;
    }
}

void edgeq_port_idle(void)
{
    edgeq_received_wait();
}

/* SysTick, which counts cycles, stands still while the core sleeps. */
uint64_t edgeq_port_micros(void)
{
    return edgeq_timer_ticks() >> 4;
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
