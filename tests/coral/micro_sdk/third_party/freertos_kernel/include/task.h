#pragma once
extern "C" {
void vTaskSuspend(void *task);
void vTaskDelay(uint32_t ticks);
}
