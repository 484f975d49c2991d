#include "head_regions.h"

#include <algorithm>
#include <cmath>

namespace goshawk {

namespace {

/// What is smaller is a speck.
constexpr double least_side = 3;
constexpr double least_grown = least_side + 2;
constexpr size_t most_regions = 1000;

}  // namespace

void MapRegions::read(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data) {
  const HeadSpec::Regions &regions = *spec.regions;
  const RowView &view = segment.views[regions.output];
  values_ = data[view.tensor] + view.start + regions.at * view.value_step;
  step_ = view.row_step;
  threshold_ = regions.threshold;
  const size_t places = segment.rows, lines = places / columns;
  seen_.assign(places, 0);
  lines_.assign(lines, RowSpan{0, 1, 0});
  found_.clear();
  for (size_t place = 0; place < places && found_.size() < most_regions; place++) {
    if (seen_[place] != 0 || !(double(values_[place * step_]) > threshold_)) continue;
    fill(place, columns, lines);
    hull_of_rows(spans_, hull_);
    LeastBox box = box_around(hull_);
    if (!(std::min(box.width, box.height) >= least_side)) continue;
    const double score = mean_inside(box, columns, lines);
    const double distance = (box.width * box.height * regions.grow) / (2 * (box.width + box.height));
    box.width = box.width + 2 * distance;
    box.height = box.height + 2 * distance;
    if (std::min(box.width, box.height) >= least_grown) found_.push_back({box, score});
  }
}

/// Marks what touches `first`; its left- and rightmost place in each line.
void MapRegions::fill(size_t first, size_t columns, size_t lines) {
  size_t top = lines, bottom = 0;
  stack_.assign(1, first);
  seen_[first] = 1;
  while (!stack_.empty()) {
    const size_t place = stack_.back();
    stack_.pop_back();
    const size_t x = place % columns, y = place / columns;
    RowSpan &line = lines_[y];
    if (line.left > line.right) {
      line = {int64_t(y), int64_t(x), int64_t(x)};
    } else {
      line.left = std::min(line.left, int64_t(x));
      line.right = std::max(line.right, int64_t(x));
    }
    top = std::min(top, y);
    bottom = std::max(bottom, y);
    for (size_t v = y == 0 ? 0 : y - 1; v <= std::min(lines - 1, y + 1); v++) {
      for (size_t u = x == 0 ? 0 : x - 1; u <= std::min(columns - 1, x + 1); u++) {
        const size_t other = v * columns + u;
        if (seen_[other] != 0 || !(double(values_[other * step_]) > threshold_)) continue;
        seen_[other] = 1;
        stack_.push_back(other);
      }
    }
  }
  spans_.assign(lines_.begin() + std::ptrdiff_t(top), lines_.begin() + std::ptrdiff_t(bottom) + 1);
  std::fill(lines_.begin() + std::ptrdiff_t(top), lines_.begin() + std::ptrdiff_t(bottom) + 1, RowSpan{0, 1, 0});
}

/// Mean over the places whose points lie in the box.
double MapRegions::mean_inside(const LeastBox &box, size_t columns, size_t lines) const {
  const double reach_x = (box.width * std::abs(box.cos) + box.height * std::abs(box.sin)) / 2;
  const double reach_y = (box.width * std::abs(box.sin) + box.height * std::abs(box.cos)) / 2;
  const auto end = [](double value, size_t most) { return int64_t(std::min(double(most), std::max(0.0, value))); };
  const int64_t left = end(std::floor(box.cx - reach_x), columns - 1), right = end(std::ceil(box.cx + reach_x), columns - 1);
  const int64_t top = end(std::floor(box.cy - reach_y), lines - 1), bottom = end(std::ceil(box.cy + reach_y), lines - 1);
  // The corners themselves are inside, however they were rounded.
  const double half_width = box.width / 2 + 1e-6, half_height = box.height / 2 + 1e-6;
  double sum = 0;
  size_t count = 0;
  for (int64_t y = top; y <= bottom; y++) {
    for (int64_t x = left; x <= right; x++) {
      const double dx = double(x) - box.cx, dy = double(y) - box.cy;
      if (std::abs(dx * box.cos + dy * box.sin) > half_width || std::abs(dy * box.cos - dx * box.sin) > half_height) continue;
      const double value = double(values_[(size_t(y) * columns + size_t(x)) * step_]);
      if (!std::isfinite(value)) continue;
      sum += value;
      count += 1;
    }
  }
  return count == 0 ? 0 : sum / double(count);
}

}  // namespace goshawk
