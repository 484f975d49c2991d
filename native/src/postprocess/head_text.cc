#include "head_text.h"

#include <cmath>

#include "best_class.h"

namespace goshawk {

void vector_of(const HeadSpec &spec, const Segment &segment, const float *const *data, std::vector<float> &values) {
  const HeadSpec::Vector &vector = *spec.vector;
  const RowView &view = segment.views[vector.output];
  const float *from = data[view.tensor] + view.start + vector.at;
  values.clear();
  double squares = 0;
  for (size_t i = 0; i < vector.length; i++) squares += double(from[i]) * double(from[i]);
  const double norm = std::sqrt(squares);
  if (!std::isfinite(norm) || (vector.normalised && norm == 0)) return;
  for (size_t i = 0; i < vector.length; i++) values.push_back(vector.normalised ? float(double(from[i]) / norm) : from[i]);
}

void read_line(const HeadSpec &spec, const Segment &segment, const float *const *data, ReadLine &line) {
  const HeadSpec::Text &text = *spec.text;
  const RowView &view = segment.views[text.output];
  const size_t count = size_t(spec.class_count) + 1;
  const size_t none = text.blank_first ? 0 : size_t(spec.class_count);
  line.labels.clear();
  line.invalid = 0;
  size_t before = count;
  double sum = 0;
  for (size_t step = 0; step < segment.rows; step++) {
    const float *values = data[view.tensor] + view.start + step * view.row_step + text.at * view.value_step;
    const size_t best = size_t(best_class(values, view.value_step, int(count)));
    const double top = double(values[best * view.value_step]);
    if (!std::isfinite(top)) {
      line.invalid += 1;
      continue;
    }
    const bool is_new = best != before && best != none;
    before = best;
    if (!is_new) continue;
    line.labels.push_back(uint32_t(text.blank_first ? best - 1 : best));
    double all = 1;
    if (text.softmax) {
      all = 0;
      for (size_t i = 0; i < count; i++) all += std::exp(double(values[i * view.value_step]) - top);
    }
    sum += text.softmax ? 1 / all : top;
  }
  line.score = line.labels.empty() ? 0 : sum / double(line.labels.size());
}

}  // namespace goshawk
