/* STM32F7. Its ART accelerator serves another address of flash, through ITCM; here the core's caches do. */
#ifndef EDGEQ_STM32_FAMILY_H
#define EDGEQ_STM32_FAMILY_H

#include "edgeq_stm32.h"
#include "edgeq_usart_v2.h"

#define GPIO_ADDRESS 0x40020000u
#define RCC_GPIOENR REGISTER(0x40023830u) /* AHB1ENR */

#define FLASH_ACR REGISTER(0x40023C00u)
#define FLASH_ACR_LATENCY(value) ((value) << 0)
#define FLASH_ACR_PRFTEN (1u << 8)
#define FLASH_ACR_ACCELERATED FLASH_ACR_PRFTEN

#define RCC_PLLCFGR_REST 0x20000000u /* reserved; so after reset */

#define EDGEQ_STM32_CACHED 1

#endif
