#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace goshawk {

/// float16 to float32; infinities and NaN stay what they are.
inline void widen(const uint16_t *in, float *out, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t sign = uint32_t(in[i] & 0x8000u) << 16;
    const uint32_t rest = in[i] & 0x7fffu;
    uint32_t bits = rest << 13;
    float value;
    if (rest >= 0x7c00u) {
      bits |= 0x7f800000u;
      std::memcpy(&value, &bits, 4);
    } else {
      // Scaling by 2^112 moves the exponent's bias and normalises what was subnormal.
      std::memcpy(&value, &bits, 4);
      value *= 5192296858534827628530496329220096.0f;
    }
    std::memcpy(&bits, &value, 4);
    bits |= sign;
    std::memcpy(out + i, &bits, 4);
  }
}

}  // namespace goshawk
