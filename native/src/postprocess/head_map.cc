#include "head_map.h"

#include <algorithm>
#include <cmath>

#include "best_class.h"
#include "head_boxes.h"

namespace goshawk {

namespace {

using Activation = HeadSpec::Activation;

/// Places whose probability is computed at most: an exponential for every class of every pixel would cost more than the network.
constexpr size_t most_samples = 4096;

/// Written so that a loop over it becomes vectors.
bool is_finite(float value) { return value - value == 0; }

double score_of(const HeadSpec &spec, const float *row, size_t step, int class_id) {
  const double own = double(row[size_t(class_id) * step]);
  if (spec.scores.activation == Activation::sigmoid) return sigmoid(own);
  if (spec.scores.activation != Activation::softmax) return own;
  double sum = 0;
  for (int c = 0; c < spec.class_count; c++) sum += std::exp(double(row[size_t(c) * step]) - own);
  return 1 / sum;
}

/// The network names the class of each place.
void read_named(const float *ids, size_t row_step, const HeadSpec &spec, std::vector<int32_t> &classes) {
  const double end = spec.class_count - 0.5;
  for (size_t i = 0; i < classes.size(); i++) {
    const double id = double(ids[i * row_step]) - spec.classes->first;
    classes[i] = id >= -0.5 && id < end ? int32_t(id + 0.5) : -1;
  }
}

/// The scores of a place follow each other.
void read_rows(const float *values, size_t row_step, int class_count, std::vector<int32_t> &classes) {
  for (size_t i = 0; i < classes.size(); i++, values += row_step) {
    const float top = top_of(values, class_count);
    classes[i] = is_finite(top) ? int32_t(std::find(values, values + class_count, top) - values) : -1;
  }
}

/// The scores of a class lie together: block by block, so that the best of each place stay in the first-level cache.
void read_planes(const float *values, size_t step, int class_count, std::vector<int32_t> &classes) {
  BestOf best;
  for (size_t start = 0; start < classes.size(); start += BestOf::block) {
    const size_t count = std::min(classes.size() - start, BestOf::block);
    best.read(values + start, step, class_count, count);
    for (size_t k = 0; k < count; k++) classes[start + k] = is_finite(best.score[k]) ? best.id[k] : -1;
  }
}

}  // namespace

void ClassMap::read(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data) {
  columns_ = columns;
  lines_ = segment.rows / columns;
  cell_width_ = spec.input_width / double(columns_);
  cell_height_ = spec.input_height / double(lines_);
  classes_.resize(segment.rows);
  find_classes(spec, segment, data);
  find_hulls(size_t(spec.class_count));
  find_scores(spec, segment, data);
}

void ClassMap::find_classes(const HeadSpec &spec, const Segment &segment, const float *const *data) {
  const bool named = spec.classes.has_value();
  const RowView &view = segment.views[named ? spec.classes->output : spec.scores.output];
  const size_t at = named ? spec.classes->at : spec.scores.at;
  const float *values = data[view.tensor] + view.start + at * view.value_step;
  if (named) return read_named(values, view.row_step, spec, classes_);
  if (view.value_step == 1) return read_rows(values, view.row_step, spec.class_count, classes_);
  read_planes(values, view.value_step, spec.class_count, classes_);
}

void ClassMap::find_hulls(size_t class_count) {
  regions_.clear();
  index_.assign(class_count, -1);
  const int32_t *line = classes_.data();
  for (size_t y = 0; y < lines_; y++, line += columns_) {
    // Neighbours are mostly of one class.
    for (size_t begin = 0, end = 0; begin < columns_; begin = end) {
      const int32_t class_id = line[begin];
      while (end < columns_ && line[end] == class_id) end += 1;
      if (class_id < 0) continue;
      int32_t &index = index_[size_t(class_id)];
      if (index < 0) {
        index = int32_t(regions_.size());
        regions_.push_back({class_id, 0, 0, begin, y, end - 1, y});
      }
      ClassRegion &region = regions_[size_t(index)];
      region.left = std::min(region.left, begin);
      region.right = std::max(region.right, end - 1);
      region.bottom = y;
    }
  }
}

void ClassMap::find_scores(const HeadSpec &spec, const Segment &segment, const float *const *data) {
  const RowView &view = segment.views[spec.scores.output];
  const float *values = data[view.tensor] + view.start + spec.scores.at * view.value_step;
  const auto sample = [&](size_t i) {
    const int32_t class_id = classes_[i];
    if (class_id < 0) return;
    ClassRegion &region = regions_[size_t(index_[size_t(class_id)])];
    region.samples += 1;
    region.score += spec.classes ? 1 : score_of(spec, values + i * view.row_step, view.value_step, class_id);
  };
  const size_t step = (classes_.size() + most_samples - 1) / most_samples;
  for (size_t i = 0; i < classes_.size(); i += step) sample(i);
  for (ClassRegion &region : regions_) {
    // It lies between all samples: its first place then.
    const auto line = classes_.begin() + std::ptrdiff_t(region.top * columns_);
    if (region.samples == 0) sample(size_t(std::find(line, line + std::ptrdiff_t(columns_), region.class_id) - classes_.begin()));
    region.score = std::min(1.0, region.score / double(region.samples));
  }
  std::sort(regions_.begin(), regions_.end(), [](const ClassRegion &a, const ClassRegion &b) {
    return a.score != b.score ? a.score > b.score : a.class_id < b.class_id;
  });
}

Mask ClassMap::hull(const ClassRegion &region) const {
  Mask mask;
  mask.x = double(region.left) * cell_width_;
  mask.y = double(region.top) * cell_height_;
  mask.cell_width = cell_width_;
  mask.cell_height = cell_height_;
  mask.columns = uint32_t(region.right - region.left + 1);
  mask.rows = uint32_t(region.bottom - region.top + 1);
  return mask;
}

void ClassMap::append(const ClassRegion &region, std::vector<uint8_t> &values) const {
  const size_t width = region.right - region.left + 1;
  const size_t first = values.size();
  values.resize(first + width * (region.bottom - region.top + 1));
  uint8_t *to = values.data() + first;
  for (size_t y = region.top; y <= region.bottom; y++, to += width) {
    const int32_t *from = classes_.data() + y * columns_ + region.left;
    for (size_t x = 0; x < width; x++) to[x] = from[x] == region.class_id ? 255 : 0;
  }
}

}  // namespace goshawk
