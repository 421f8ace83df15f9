#ifndef STANDIN_MICRO_RESOURCE_VARIABLE_H
#define STANDIN_MICRO_RESOURCE_VARIABLE_H

#include "tensorflow/lite/micro/micro_allocator.h"

namespace tflite {

struct MicroResourceVariables {
    static MicroResourceVariables *Create(MicroAllocator *allocator, int most);
    int most;
    unsigned char kept[8];
};

} // namespace tflite

#endif
