#pragma once

#include "head_rows.h"
#include "least_box.h"

namespace goshawk {

/// A part of a map that hangs together, as a box in pixels of the input.
struct MapRegion {
  LeastBox box;
  /// Mean of the map inside of the box, before it grew.
  double score = 0;
};

/// The boxes of DB: the same as src/perception/decode/head-regions.ts. Keeps its buffers: one per thread.
class MapRegions {
 public:
  /// `columns`: places in a line. Shapes have passed check_outputs.
  void read(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data);
  const std::vector<MapRegion> &found() const { return found_; }

 private:
  void fill(size_t first, size_t columns, size_t lines);
  double mean_inside(const LeastBox &box, size_t columns, size_t lines) const;

  const float *values_ = nullptr;
  size_t step_ = 1;
  double threshold_ = 0;
  std::vector<uint8_t> seen_;
  std::vector<size_t> stack_;
  /// Per line; `left` above `right`: nothing of it.
  std::vector<RowSpan> lines_;
  std::vector<RowSpan> spans_;
  std::vector<HullPoint> hull_;
  std::vector<MapRegion> found_;
};

}  // namespace goshawk
