#pragma once

#include <cstdint>

namespace goshawk {

/// BT.601, limited range, in 14 bits: the coefficients of OpenCV's cvtColor (which holds them in 20), so a pixel differs
/// from it by at most one level, and rarely.
namespace bt601 {
constexpr int y = 19071;
constexpr int v_to_r = 26149;
constexpr int u_to_g = -6406;
constexpr int v_to_g = -13320;
/// In two parts, because together they don't fit 16 bits.
constexpr int u_to_b_1 = 16531;
constexpr int u_to_b_2 = 16532;
constexpr int half = 1 << 13;
constexpr int shift = 14;
}  // namespace bt601

inline uint8_t saturate_uint8(int value) { return uint8_t(value < 0 ? 0 : value > 255 ? 255 : value); }

inline void yuv_to_rgbx(uint8_t luma, uint8_t cb, uint8_t cr, uint8_t *rgbx) {
  const int y = (luma < 16 ? 0 : luma - 16) * bt601::y + bt601::half;
  const int u = int(cb) - 128;
  const int v = int(cr) - 128;
  rgbx[0] = saturate_uint8((y + v * bt601::v_to_r) >> bt601::shift);
  rgbx[1] = saturate_uint8((y + u * bt601::u_to_g + v * bt601::v_to_g) >> bt601::shift);
  rgbx[2] = saturate_uint8((y + u * (bt601::u_to_b_1 + bt601::u_to_b_2)) >> bt601::shift);
  rgbx[3] = 255;
}

}  // namespace goshawk
