/* STM32F4. */
#ifndef EDGEQ_STM32_FAMILY_H
#define EDGEQ_STM32_FAMILY_H

#include "edgeq_stm32.h"
#include "edgeq_usart_v1.h"

#define GPIO_ADDRESS 0x40020000u
#define RCC_GPIOENR REGISTER(0x40023830u) /* AHB1ENR */

#define FLASH_ACR REGISTER(0x40023C00u)
#define FLASH_ACR_LATENCY(value) ((value) << 0)
#define FLASH_ACR_PRFTEN (1u << 8)
#define FLASH_ACR_ICEN (1u << 9)
#define FLASH_ACR_DCEN (1u << 10)
#define FLASH_ACR_ACCELERATED (FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN)

#define RCC_PLLCFGR_PLLR(value) ((value) << 28) /* of F446 alone; elsewhere reserved, and 2 after reset, too */
#define RCC_PLLCFGR_REST RCC_PLLCFGR_PLLR(2u)

#endif
