// Where tensors lie on a board whose GPU shares the processor's memory. Knows no NVIDIA header, so that the decision is tested
// where there is no GPU.
#pragma once

#include <string>

namespace goshawk::tensorrt {

/// Of one tensor, microseconds; negative: not measured.
struct MemoryTimes {
  /// The GPU reads it where the processor does: nothing is copied, but such memory passes the GPU's caches by (NVIDIA, "CUDA for
  /// Tegra", 3.1 Memory Selection).
  double mapped = -1;
  /// The GPU reads its own memory, and the result is copied to the processor's.
  double copied = -1;
};

/// `asked`: the device's option "memory", one of "measured", "mapped", "copied". What could not be measured is mapped, which needs
/// less memory.
inline bool maps_memory(const std::string &asked, const MemoryTimes &times) {
  if (asked == "mapped") return true;
  if (asked == "copied") return false;
  return times.copied < 0 || times.mapped < 0 || times.mapped <= times.copied;
}

}  // namespace goshawk::tensorrt
