#pragma once
#include <cstddef>
#include <cstdint>
#include "micro_mutable_op_resolver.h"
struct TfLiteTensor {
    size_t bytes;
    union {
        void *data;
    } data;
};
namespace tflite {
class ErrorReporter;
class Model;
const Model *GetModel(const void *data);
class MicroInterpreter {
public:
    MicroInterpreter(const Model *, const MicroOpResolver &, uint8_t *arena, size_t size, ErrorReporter *);
    TfLiteStatus AllocateTensors();
    TfLiteStatus Invoke();
    TfLiteTensor *input(size_t index);
    TfLiteTensor *output(size_t index);
};
} // namespace tflite
