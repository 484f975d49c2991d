#pragma once

#include <cstdint>

namespace goshawk {

/// BT.601, limited range, with the 20-bit coefficients of OpenCV's cvtColor: the same pixels as it gives.
namespace bt601 {
constexpr int y = 1220542;
constexpr int v_to_r = 1673527;
constexpr int u_to_g = -409993;
constexpr int v_to_g = -852492;
constexpr int u_to_b = 2116026;
constexpr int half = 1 << 19;
constexpr int shift = 20;
}  // namespace bt601

inline uint8_t saturate_uint8(int value) { return uint8_t(value < 0 ? 0 : value > 255 ? 255 : value); }

inline void yuv_to_rgbx(uint8_t luma, uint8_t cb, uint8_t cr, uint8_t *rgbx) {
  const int y = (luma < 16 ? 0 : luma - 16) * bt601::y + bt601::half;
  const int u = int(cb) - 128;
  const int v = int(cr) - 128;
  rgbx[0] = saturate_uint8((y + v * bt601::v_to_r) >> bt601::shift);
  rgbx[1] = saturate_uint8((y + u * bt601::u_to_g + v * bt601::v_to_g) >> bt601::shift);
  rgbx[2] = saturate_uint8((y + u * bt601::u_to_b) >> bt601::shift);
  rgbx[3] = 255;
}

}  // namespace goshawk
