#pragma once
#include <memory>
namespace coralmicro {
enum class PerformanceMode { kMax, kHigh, kMedium, kLow };
class EdgeTpuContext {};
class EdgeTpuManager {
public:
    static EdgeTpuManager *GetSingleton();
    std::shared_ptr<EdgeTpuContext> OpenDevice(PerformanceMode mode = PerformanceMode::kHigh);
};
} // namespace coralmicro
