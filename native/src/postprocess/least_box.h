#pragma once

#include <cstdint>
#include <vector>

namespace goshawk {

/// The left- and rightmost point of a line.
struct RowSpan {
  int64_t y, left, right;
};

struct HullPoint {
  int64_t x, y;
};

/// The least rotated box around points; its width is the longer side, whose direction leads to the right, or straight down.
struct LeastBox {
  double cx = 0, cy = 0, width = 0, height = 0, cos = 1, sin = 0;
};

/// The same as src/perception/decode/least-box.ts. `spans`: from the top.
void hull_of_rows(const std::vector<RowSpan> &spans, std::vector<HullPoint> &hull);
LeastBox box_around(const std::vector<HullPoint> &hull);

}  // namespace goshawk
