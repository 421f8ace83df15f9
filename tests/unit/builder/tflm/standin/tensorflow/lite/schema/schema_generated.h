#ifndef STANDIN_SCHEMA_H
#define STANDIN_SCHEMA_H

#include "flatbuffers/base.h"

static_assert(FLATBUFFERS_VERSION_MAJOR == 25 && FLATBUFFERS_VERSION_MINOR == 9 && FLATBUFFERS_VERSION_REVISION == 23,
              "another flatbuffers");

namespace tflite {

struct Model {
    int version() const { return 3; }
};

inline const Model *GetModel(const void *data) { return static_cast<const Model *>(data); }

} // namespace tflite

#endif
