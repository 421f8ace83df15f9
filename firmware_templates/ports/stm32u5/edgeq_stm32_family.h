/* STM32U5, with TrustZone as it is delivered: off. */
#ifndef EDGEQ_STM32_FAMILY_H
#define EDGEQ_STM32_FAMILY_H

#include "edgeq_stm32.h"
#include "edgeq_usart_v2.h"

#define GPIO_ADDRESS 0x42020000u
#define RCC_GPIOENR REGISTER(0x46020C8Cu) /* AHB2ENR1 */

#endif
