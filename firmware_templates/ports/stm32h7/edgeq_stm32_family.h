/* STM32H7. */
#ifndef EDGEQ_STM32_FAMILY_H
#define EDGEQ_STM32_FAMILY_H

#include "edgeq_stm32.h"
#include "edgeq_usart_v2.h"

#define GPIO_ADDRESS 0x58020000u
#define RCC_GPIOENR REGISTER(0x580244E0u) /* AHB4ENR */

#define EDGEQ_STM32_CACHED 1

#endif
