/* A stand-in with the names that the scaffold uses: its "models" are the identity of one tensor; with a variable the
 * output is the input of the inference before, and sevens at first. */
#ifndef STANDIN_MICRO_INTERPRETER_H
#define STANDIN_MICRO_INTERPRETER_H

#include <cstddef>
#include <cstdint>

#include "tensorflow/lite/micro/micro_allocator.h"
#include "tensorflow/lite/micro/micro_resource_variable.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

#if !defined(STANDIN_WITHOUT_MACROS) && (!defined(TF_LITE_STATIC_MEMORY) || !defined(NDEBUG))
#error "an application is compiled with the library's macros"
#endif

#define TFLITE_SCHEMA_VERSION (3)

enum TfLiteType {
    kTfLiteNoType = 0, kTfLiteFloat32 = 1, kTfLiteInt32 = 2, kTfLiteUInt8 = 3, kTfLiteInt64 = 4, kTfLiteBool = 6,
    kTfLiteInt16 = 7, kTfLiteInt8 = 9
};

/* As in TFLM, the macro changes the layout, and `bytes` is at the same place in both. */
struct TfLiteTensor {
#if defined(TF_LITE_STATIC_MEMORY)
    int quantization;
    void *params;
#else
    TfLiteType type;
#endif
    union {
        void *data;
    } data;
#if !defined(TF_LITE_STATIC_MEMORY)
    void *dims;
#endif
    size_t bytes;
#if defined(TF_LITE_STATIC_MEMORY)
    TfLiteType type;
#endif
};

namespace tflite {

class MicroInterpreter {
  public:
    MicroInterpreter(const Model *model, const MicroOpResolver &resolver, uint8_t *arena, size_t size);
    MicroInterpreter(const Model *model, const MicroOpResolver &resolver, MicroAllocator *allocator,
                     MicroResourceVariables *variables);
    ~MicroInterpreter();
    TfLiteStatus AllocateTensors();
    TfLiteStatus Invoke();
    TfLiteTensor *input(size_t index);
    TfLiteTensor *output(size_t index);

  private:
    uint8_t *arena_;
    size_t size_;
    MicroResourceVariables *variables_;
};

} // namespace tflite

#endif
