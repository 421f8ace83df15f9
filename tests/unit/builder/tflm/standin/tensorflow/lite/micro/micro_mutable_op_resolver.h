#ifndef STANDIN_RESOLVER_H
#define STANDIN_RESOLVER_H

#include "tensorflow/lite/micro/micro_common.h"

enum TfLiteStatus { kTfLiteOk, kTfLiteError };

namespace tflite {

struct MicroOpResolver {};

template <unsigned int count> class MicroMutableOpResolver : public MicroOpResolver {
  public:
    TfLiteStatus AddAssignVariable() { return add(); }
    TfLiteStatus AddCallOnce() { return add(); }
    TfLiteStatus AddCustom(const char *name, const TFLMRegistration *registration)
    {
        return name[0] != '\0' && registration != nullptr ? add() : kTfLiteError;
    }
    TfLiteStatus AddReadVariable() { return add(); }
    TfLiteStatus AddReshape() { return add(); }
    TfLiteStatus AddVarHandle() { return add(); }

  private:
    TfLiteStatus add() { return added_++ < count ? kTfLiteOk : kTfLiteError; }
    unsigned int added_ = 0;
};

} // namespace tflite

#endif
