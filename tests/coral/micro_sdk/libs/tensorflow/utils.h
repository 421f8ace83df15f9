#pragma once
#define STATIC_TENSOR_ARENA_IN_SDRAM(name, size) static uint8_t name[size] __attribute__((aligned(16)))
