#include "head_rows.h"

namespace goshawk {

std::vector<Segment> segments_of(const HeadSpec &spec, const std::vector<TensorShape> &tensors) {
  const auto rows_in = [&](const HeadSpec::Output &output) {
    return row_count(output, tensors[index_of(tensors, output.tensors[0])].dims).value_or(0);
  };
  const size_t levels = spec.grid ? spec.grid->strides.size() : 1;
  std::vector<Segment> segments(levels);
  size_t base = 0;
  for (size_t level = 0; level < levels; level++) {
    Segment &segment = segments[level];
    segment.level = level;
    segment.base = base;
    segment.rows = spec.grid ? spec.rows_of_stride(level) : rows_in(spec.outputs[spec.main_output()]);
    for (const HeadSpec::Output &output : spec.outputs) {
      const bool own = output.tensors.size() > 1;
      const size_t tensor = index_of(tensors, output.tensors[own ? level : 0]);
      const size_t first = own ? 0 : base;
      if (output.axis == HeadSpec::Axis::last || output.axis == HeadSpec::Axis::all) {
        segment.views.push_back({tensor, first * output.values, output.values, 1});
        continue;
      }
      const size_t all = row_count(output, tensors[tensor].dims).value_or(0);
      segment.views.push_back({tensor, first, 1, output.axis == HeadSpec::Axis::none ? 0 : all});
    }
    base += segment.rows;
  }
  return segments;
}

Cell cell_at(const HeadSpec &spec, size_t level, uint32_t row) {
  if (!spec.grid) return {};
  const HeadSpec::Grid &grid = *spec.grid;
  const uint32_t stride = grid.strides[level];
  const uint32_t columns = spec.columns(stride);
  const uint32_t cells = spec.cells(stride);
  const uint32_t per_cell = grid.anchors.empty() ? 1 : uint32_t(grid.anchors[level].size());
  const uint32_t cell = grid.by_anchor ? row % cells : row / per_cell;
  Cell out;
  out.stride = double(stride);
  out.x = double(cell % columns) + grid.offset;
  out.y = double(cell / columns) + grid.offset;
  out.anchor_width = out.anchor_height = double(stride);
  if (grid.anchors.empty()) return out;
  const HeadSpec::Anchor &anchor = grid.anchors[level][grid.by_anchor ? row / cells : row % per_cell];
  out.anchor_width = anchor.width;
  out.anchor_height = anchor.height;
  return out;
}

double side_of(HeadSpec::Unit unit, const Cell &cell, double side, double anchor) {
  switch (unit) {
    case HeadSpec::Unit::pixels: return 1;
    case HeadSpec::Unit::fraction: return side;
    case HeadSpec::Unit::cells: return cell.stride;
    case HeadSpec::Unit::anchor: return anchor;
  }
  return 1;
}

}  // namespace goshawk
