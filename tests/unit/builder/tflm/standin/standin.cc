/* The stand-in's library. It wants NEEDED bytes of arena, says so, and keeps its tensors there. */
#include <cstring>

#include "tensorflow/lite/micro/cortex_m_generic/debug_log_callback.h"
#include "tensorflow/lite/micro/micro_interpreter.h"

namespace {
constexpr size_t NEEDED = 208;
constexpr size_t BYTES = 8;
void (*say)(const char *);
TfLiteTensor input_, output_;
/* A constructor that somebody has to call before this is anything but 0. */
struct Made {
    Made() { value = 42; }
    volatile int value;
} made;
} // namespace

extern "C" void RegisterDebugLogCallback(void (*callback)(const char *text)) { say = callback; }

namespace tflite {

MicroInterpreter::MicroInterpreter(const Model *, const MicroOpResolver &, uint8_t *arena, size_t size)
    : arena_(arena), size_(size), variables_(nullptr) {}

MicroAllocator *MicroAllocator::Create(uint8_t *arena, size_t size)
{
    static MicroAllocator allocator;
    allocator = {arena, size};
    return &allocator;
}

MicroResourceVariables *MicroResourceVariables::Create(MicroAllocator *, int most)
{
    static MicroResourceVariables variables;
    variables.most = most;
    std::memset(variables.kept, 7, sizeof variables.kept);
    return &variables;
}

MicroInterpreter::MicroInterpreter(const Model *, const MicroOpResolver &, MicroAllocator *allocator,
                                   MicroResourceVariables *variables)
    : arena_(allocator->arena), size_(allocator->size), variables_(variables) {}

MicroInterpreter::~MicroInterpreter() {}

TfLiteStatus MicroInterpreter::AllocateTensors()
{
    if (size_ < NEEDED || made.value != 42) {
        if (say != nullptr) {
            say("the stand-in's [arena] is too small\n");
        }
        return kTfLiteError;
    }
    input_.data.data = arena_;
    output_.data.data = arena_ + size_ - BYTES;
    input_.bytes = output_.bytes = BYTES;
    input_.type = output_.type = kTfLiteInt8;
    input_.params = output_.params = arena_;
    input_.quantization = output_.quantization = 1;
    return kTfLiteOk;
}

TfLiteStatus MicroInterpreter::Invoke()
{
    if (variables_ == nullptr) {
        std::memcpy(output_.data.data, input_.data.data, BYTES);
    } else if (variables_->most == 1) {
        std::memcpy(output_.data.data, variables_->kept, BYTES);
        std::memcpy(variables_->kept, input_.data.data, BYTES);
    }
    return kTfLiteOk;
}

TfLiteTensor *MicroInterpreter::input(size_t) { return &input_; }
TfLiteTensor *MicroInterpreter::output(size_t) { return &output_; }

} // namespace tflite
