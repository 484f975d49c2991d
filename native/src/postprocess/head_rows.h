#pragma once

#include "head.h"

namespace goshawk {

/// The values of one output, row by row: value k of row i is `data[start + i * row_step + k * value_step]`.
struct RowView {
  /// Of HeadSpec::tensors.
  size_t tensor = 0;
  size_t start = 0;
  size_t row_step = 0;
  size_t value_step = 0;
};

/// Rows that belong together: all, or those of one stride of the grid. `views`: per output of the head.
struct Segment {
  size_t rows = 0;
  /// Rows of the segments before.
  size_t base = 0;
  /// Index of the stride, where there is a grid.
  size_t level = 0;
  std::vector<RowView> views;
};

/// `tensors` are those of HeadSpec::tensors, in their order, and have passed check_outputs.
std::vector<Segment> segments_of(const HeadSpec &spec, const std::vector<TensorShape> &tensors);

/// Where the point of a row lies in the picture, and the anchor it has.
struct Cell {
  double stride = 1;
  /// In cells, with the offset.
  double x = 0;
  double y = 0;
  double anchor_width = 1;
  double anchor_height = 1;
};

/// Of row `row` of the rows of this stride; the whole picture where there is no grid.
Cell cell_at(const HeadSpec &spec, size_t level, uint32_t row);

/// Pixels of the input in one unit, along the axis with this side of the input and of the anchor.
double side_of(HeadSpec::Unit unit, const Cell &cell, double side, double anchor);

}  // namespace goshawk
