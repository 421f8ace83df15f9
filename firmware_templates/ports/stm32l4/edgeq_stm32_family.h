/* STM32L4 and L4+. */
#ifndef EDGEQ_STM32_FAMILY_H
#define EDGEQ_STM32_FAMILY_H

#include "edgeq_stm32.h"
#include "edgeq_usart_v2.h"

#define GPIO_ADDRESS 0x48000000u
#define RCC_GPIOENR REGISTER(0x4002104Cu) /* AHB2ENR */

#endif
