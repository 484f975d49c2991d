#pragma once

#include "candidates.h"
#include "head_rows.h"

namespace goshawk {

/// Cells over a part of the picture.
struct Grid {
  double x = 0, y = 0, cell_width = 0, cell_height = 0;
  uint32_t columns = 0, rows = 0;
};

/// How likely each cell belongs to what was found.
using Mask = Grid;

struct Keypoint {
  double x, y, score;
};

/// The segment of a row that is counted over all strides.
const Segment &segment_of(const std::vector<Segment> &segments, size_t row);

/// Where the prototypes of a head's masks are, and their shape.
struct Prototypes {
  size_t tensor = 0;
  size_t count = 0, height = 0, width = 0;
};

/// The mask of one row within its box, both in pixels of the input; its cells go to the end of `values`. A box outside of the
/// input has no cells. `sums` is scratch memory.
Mask mask_of(const HeadSpec &spec, const std::vector<Segment> &segments, const Prototypes &prototypes, const float *const *data,
             size_t row, const Candidates::Box &box, std::vector<double> &sums, std::vector<uint8_t> &values);

/// How far away each place of a map is, NaN where the network says none, to `values` from empty. `columns`: places in a line.
Grid depth_of(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data, std::vector<float> &values);

/// The points of a figure whose places along both axes are rows of values, to the end of `points`.
void simcc_points(const HeadSpec &spec, const Segment &segment, const float *const *data, std::vector<Keypoint> &points);

/// The points of one row, in pixels of the input, to the end of `points`.
void keypoints_of(const HeadSpec &spec, const std::vector<Segment> &segments, const float *const *data, size_t row,
                  std::vector<Keypoint> &points);

}  // namespace goshawk
