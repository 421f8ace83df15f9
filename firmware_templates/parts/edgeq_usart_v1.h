/* The UART of STM32F4 (RM0090, USART registers), 8N1, oversampled by 16. */
#ifndef EDGEQ_USART_V1_H
#define EDGEQ_USART_V1_H

#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define USART_SR REGISTER(EDGEQ_UART_ADDRESS + 0x00u)
#define USART_DR REGISTER(EDGEQ_UART_ADDRESS + 0x04u)
#define USART_BRR REGISTER(EDGEQ_UART_ADDRESS + 0x08u)
#define USART_CR1 REGISTER(EDGEQ_UART_ADDRESS + 0x0Cu)

#define USART_SR_ORE (1u << 3)
#define USART_SR_RXNE (1u << 5)
#define USART_SR_TC (1u << 6)
#define USART_SR_TXE (1u << 7)
#define USART_CR1_RE (1u << 2)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_RXNEIE (1u << 5) /* of an overrun, too */
#define USART_CR1_UE (1u << 13)

#define USART_STATUS USART_SR
#define USART_STATUS_TXE USART_SR_TXE
#define USART_STATUS_TC USART_SR_TC
#define USART_STATUS_RECEIVED (USART_SR_RXNE | USART_SR_ORE)
#define USART_SEND USART_DR

#define USART_DIVIDER (EDGEQ_CLOCK_HZ / EDGEQ_UART_DIVIDER / EDGEQ_CONSOLE_BAUD)
#if USART_DIVIDER < 16 || USART_DIVIDER >= 65536
#error "a UART on this clock cannot have that baud rate: change console.baud in the board file"
#endif

static inline void edgeq_usart_start(uint32_t hz)
{
    USART_CR1 = 0;
    USART_BRR = (hz + EDGEQ_CONSOLE_BAUD / 2u) / EDGEQ_CONSOLE_BAUD; /* sixteenths of a divider */
    USART_CR1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
}

/* Reading the status and then the data clears an overrun, too. */
static inline int edgeq_usart_read(void)
{
    const uint32_t status = USART_SR;
    if ((status & USART_STATUS_RECEIVED) == 0u) {
        return -1;
    }
    const uint32_t data = USART_DR;
    return (status & USART_SR_RXNE) != 0u ? (int)(data & 0xFFu) : -1;
}

#endif
