#pragma once
struct TfLiteRegistration;
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
namespace tflite {
class MicroOpResolver {};
template <unsigned int Count> class MicroMutableOpResolver : public MicroOpResolver {
public:
    TfLiteStatus AddCustom(const char *name, TfLiteRegistration *registration);
    TfLiteStatus AddSoftmax();
};
} // namespace tflite
