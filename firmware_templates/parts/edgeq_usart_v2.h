/* The UART of STM32F7, H7, L4 and U5 (RM0385, RM0433, RM0432, RM0456: USART registers), 8N1, oversampled by
 * 16, without its FIFO; and the LPUART of the same chips. */
#ifndef EDGEQ_USART_V2_H
#define EDGEQ_USART_V2_H

#include "edgeq_board.h"
#include "edgeq_stm32.h"

#define USART_CR1 REGISTER(EDGEQ_UART_ADDRESS + 0x00u)
#define USART_BRR REGISTER(EDGEQ_UART_ADDRESS + 0x0Cu)
#define USART_ISR REGISTER(EDGEQ_UART_ADDRESS + 0x1Cu)
#define USART_ICR REGISTER(EDGEQ_UART_ADDRESS + 0x20u)
#define USART_RDR REGISTER(EDGEQ_UART_ADDRESS + 0x24u)
#define USART_TDR REGISTER(EDGEQ_UART_ADDRESS + 0x28u)

#define USART_CR1_UE (1u << 0)
#define USART_CR1_RE (1u << 2)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_RXNEIE (1u << 5) /* of an overrun, too */
#define USART_ISR_ORE (1u << 3)
#define USART_ISR_RXNE (1u << 5)
#define USART_ISR_TC (1u << 6)
#define USART_ISR_TXE (1u << 7)
#define USART_ICR_FECF (1u << 1)
#define USART_ICR_NECF (1u << 2)
#define USART_ICR_ORECF (1u << 3)

#define USART_STATUS USART_ISR
#define USART_STATUS_TXE USART_ISR_TXE
#define USART_STATUS_TC USART_ISR_TC
#define USART_STATUS_RECEIVED (USART_ISR_RXNE | USART_ISR_ORE)
#define USART_SEND USART_TDR

#define USART_DIVIDER (EDGEQ_CLOCK_HZ / EDGEQ_UART_DIVIDER / EDGEQ_CONSOLE_BAUD)
#if USART_DIVIDER < 16 || USART_DIVIDER >= (EDGEQ_UART_LOW_POWER ? 4096 : 65536)
#error "a UART on this clock cannot have that baud rate: change console.baud in the board file"
#endif

static inline void edgeq_usart_start(uint32_t hz)
{
    USART_CR1 = 0;
#if EDGEQ_UART_LOW_POWER /* 256ths, in 20 bits (RM0432, LPUART baud rate generation) */
    USART_BRR = hz / EDGEQ_CONSOLE_BAUD * 256u +
                (hz % EDGEQ_CONSOLE_BAUD * 256u + EDGEQ_CONSOLE_BAUD / 2u) / EDGEQ_CONSOLE_BAUD;
#else
    USART_BRR = (hz + EDGEQ_CONSOLE_BAUD / 2u) / EDGEQ_CONSOLE_BAUD;
#endif
    USART_CR1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
}

/* The flags of errors have the bits in ISR that clear them in ICR. */
static inline int edgeq_usart_read(void)
{
    const uint32_t status = USART_ISR, errors = status & (USART_ICR_ORECF | USART_ICR_NECF | USART_ICR_FECF);
    if (errors != 0u) {
        USART_ICR = errors;
    }
    return (status & USART_ISR_RXNE) != 0u ? (int)(USART_RDR & 0xFFu) : -1;
}

#endif
