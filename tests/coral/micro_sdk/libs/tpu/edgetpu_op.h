#pragma once
struct TfLiteRegistration;
namespace coralmicro {
inline constexpr char kCustomOp[] = "edgetpu-custom-op";
TfLiteRegistration *RegisterCustomOp();
} // namespace coralmicro
