/* A stand-in with the names that the scaffold uses: its "models" are the identity of one tensor. */
#ifndef STANDIN_MICRO_INTERPRETER_H
#define STANDIN_MICRO_INTERPRETER_H

#include <cstddef>
#include <cstdint>

#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

#if !defined(TF_LITE_STATIC_MEMORY) || !defined(NDEBUG)
#error "an application is compiled with the library's macros"
#endif

#define TFLITE_SCHEMA_VERSION (3)

struct TfLiteTensor {
    union {
        void *data;
    } data;
    size_t bytes;
};

namespace tflite {

class MicroInterpreter {
  public:
    MicroInterpreter(const Model *model, const MicroOpResolver &resolver, uint8_t *arena, size_t size);
    ~MicroInterpreter();
    TfLiteStatus AllocateTensors();
    TfLiteStatus Invoke();
    TfLiteTensor *input(size_t index);
    TfLiteTensor *output(size_t index);

  private:
    uint8_t *arena_;
    size_t size_;
    TfLiteTensor input_, output_;
};

} // namespace tflite

#endif
