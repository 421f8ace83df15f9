#include "edgeq_stm32.h"

#include "edgeq_board.h"
#include "edgeq_port.h"
#include "edgeq_received.h"
#include "edgeq_stm32_family.h"
#include "edgeq_systick.h"
#ifdef EDGEQ_STM32_CACHED
#include "edgeq_cache_m7.h"
#endif

#define GPIO(port, offset) REGISTER(GPIO_ADDRESS + 0x400u * (port) + (offset))
#define GPIO_MODER 0x00u
#define GPIO_OSPEEDR 0x08u
#define GPIO_PUPDR 0x0Cu
#define GPIO_AFRL 0x20u

#define MODER_ALTERNATE 2u
#define OSPEEDR_MEDIUM 1u
#define PUPDR_UP 1u

#define NVIC_ICER(word) REGISTER(0xE000E180u + 4u * (word))
#define NVIC_ICPR(word) REGISTER(0xE000E280u + 4u * (word))

enum { IRQ_WORDS = 5 };

/* A turn of a wait takes 4 cycles or more: this is twice the time of a byte, at least. */
#define BYTE_TURNS (5u * (EDGEQ_CLOCK_HZ / EDGEQ_CONSOLE_BAUD + 1u))

const char edgeq_port_counter_unit[] = "cycles";
uint32_t edgeq_port_hz;

static uint64_t counted_from;

static void receive(void)
{
    while ((USART_STATUS & USART_STATUS_RECEIVED) != 0u) {
        const int byte = edgeq_usart_read();
        if (byte >= 0) {
            edgeq_received_put((uint8_t)byte);
        }
    }
}

/* No other one is enabled. */
extern const edgeq_vector edgeq_stm32_vectors[EDGEQ_UART_IRQ + 1u];
__attribute__((section(".edgeq_interrupts"), used)) const edgeq_vector edgeq_stm32_vectors[EDGEQ_UART_IRQ + 1u] = {
    [EDGEQ_UART_IRQ] = receive,
};

int edgeq_stm32_wait(volatile uint32_t *at, uint32_t mask, uint32_t value)
{
    for (uint32_t turns = EDGEQ_STM32_TURNS; turns > 0u; --turns) {
        if ((*at & mask) == value) {
            return 1;
        }
    }
    return 0;
}

static void put(volatile uint32_t *at, uint32_t shift, uint32_t mask, uint32_t value)
{
    *at = (*at & ~(mask << shift)) | value << shift;
}

/* Pulled up: a line that nobody drives is idle. */
static void start_pin(uint32_t port, uint32_t pin)
{
    RCC_GPIOENR |= 1u << port;
    (void)RCC_GPIOENR; /* the peripheral's clock needs two cycles more */
    put(&GPIO(port, GPIO_OSPEEDR), 2u * pin, 3u, OSPEEDR_MEDIUM);
    put(&GPIO(port, GPIO_PUPDR), 2u * pin, 3u, PUPDR_UP);
    put(&GPIO(port, GPIO_AFRL + 4u * (pin / 8u)), 4u * (pin % 8u), 15u, EDGEQ_CONSOLE_ALTERNATE);
    put(&GPIO(port, GPIO_MODER), 2u * pin, 3u, MODER_ALTERNATE);
}

void edgeq_port_init(void)
{
    for (uint32_t word = 0; word < IRQ_WORDS; ++word) { /* a boot ROM may have left some enabled */
        NVIC_ICER(word) = 0xFFFFFFFFu;
        NVIC_ICPR(word) = 0xFFFFFFFFu;
    }
    __asm volatile("cpsie i" ::: "memory");
    edgeq_port_hz = edgeq_stm32_start_clock();
#ifdef EDGEQ_STM32_CACHED
    edgeq_cache_start();
#endif
    edgeq_systick_start();
    REGISTER(EDGEQ_UART_ENABLE) |= 1u << EDGEQ_UART_ENABLE_BIT;
    (void)REGISTER(EDGEQ_UART_ENABLE);
    /* On an internal oscillator no bus is divided. */
    edgeq_usart_start(edgeq_port_hz == EDGEQ_CLOCK_HZ ? edgeq_port_hz / EDGEQ_UART_DIVIDER : edgeq_port_hz);
    start_pin(EDGEQ_CONSOLE_TX_PORT, EDGEQ_CONSOLE_TX_PIN);
    start_pin(EDGEQ_CONSOLE_RX_PORT, EDGEQ_CONSOLE_RX_PIN);
    edgeq_received_enable(EDGEQ_UART_IRQ);
}

int edgeq_port_read(void)
{
    return edgeq_received_take();
}

void edgeq_port_write(const uint8_t *data, uint32_t n)
{
    for (uint32_t i = 0; i < n; ++i) {
        for (uint32_t turns = BYTE_TURNS; turns > 0u && (USART_STATUS & USART_STATUS_TXE) == 0u; --turns) {
        }
        USART_SEND = data[i];
    }
}

void edgeq_port_idle(void)
{
    edgeq_received_wait();
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
    for (uint32_t turns = 2u * BYTE_TURNS; turns > 0u && (USART_STATUS & USART_STATUS_TC) == 0u; --turns) {
    }
    for (;;) {
        __asm volatile("wfi");
    }
}
