#ifndef STANDIN_MICRO_ALLOCATOR_H
#define STANDIN_MICRO_ALLOCATOR_H

#include <cstddef>
#include <cstdint>

namespace tflite {

struct MicroAllocator {
    static MicroAllocator *Create(uint8_t *arena, size_t size);
    uint8_t *arena;
    size_t size;
};

} // namespace tflite

#endif
