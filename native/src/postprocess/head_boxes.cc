#include "head_boxes.h"

#include <cmath>
#include <limits>

namespace goshawk {

namespace {

using Format = HeadSpec::Format;

/// Value `which` of a box, the mean of its distribution where it is one.
double value_of(const HeadSpec::Boxes &boxes, const RowView &view, const float *data, size_t row, size_t which) {
  const float *base = data + view.start + row * view.row_step;
  if (boxes.bins == 0) return double(base[(boxes.at + which) * view.value_step]);
  const float *from = base + (boxes.at + which * boxes.bins) * view.value_step;
  // A NaN makes the mean one, whatever the largest is.
  double top = -std::numeric_limits<double>::infinity();
  for (size_t k = 0; k < boxes.bins; k++) top = std::fmax(top, double(from[k * view.value_step]));
  double sum = 0;
  double mean = 0;
  for (size_t k = 0; k < boxes.bins; k++) {
    const double weight = std::exp(double(from[k * view.value_step]) - top);
    sum += weight;
    mean += weight * double(k);
  }
  return mean / sum;
}

}  // namespace

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double transformed(double raw, const HeadSpec::Transform &transform) {
  double value = raw * transform.gain;
  if (transform.activation == HeadSpec::Activation::sigmoid) value = sigmoid(value);
  if (transform.activation == HeadSpec::Activation::tanh) value = std::tanh(value);
  if (transform.activation == HeadSpec::Activation::exp) value = std::exp(value);
  value = value * transform.scale + transform.bias;
  return transform.power == 1 ? value : std::pow(value, transform.power);
}

void add_box(const HeadSpec &spec, const Segment &segment, const float *values, size_t row, int32_t class_id, double score,
             Candidates &into) {
  into.row = uint32_t(segment.base + row);
  if (!spec.boxes) return into.add(class_id, score, 0, 0, spec.input_width, spec.input_height);
  const HeadSpec::Boxes &boxes = *spec.boxes;
  const Cell cell = cell_at(spec, segment.level, uint32_t(row));
  const RowView &view = segment.views[boxes.output];
  const double a = value_of(boxes, view, values, row, 0);
  const double b = value_of(boxes, view, values, row, 1);
  const double c = value_of(boxes, view, values, row, 2);
  const double d = value_of(boxes, view, values, row, 3);
  const double x = side_of(boxes.unit, cell, spec.input_width, cell.anchor_width);
  const double y = side_of(boxes.unit, cell, spec.input_height, cell.anchor_height);
  switch (boxes.format) {
    case Format::xyxy: return into.add(class_id, score, a * x, b * y, c * x, d * y);
    case Format::yxyx: return into.add(class_id, score, b * x, a * y, d * x, c * y);
    case Format::ltrb: {
      const double px = cell.x * cell.stride;
      const double py = cell.y * cell.stride;
      return into.add(class_id, score, px - a * x, py - b * y, px + c * x, py + d * y);
    }
    case Format::cxcywh: break;
  }
  const double px = boxes.relative ? cell.x * cell.stride : 0;
  const double py = boxes.relative ? cell.y * cell.stride : 0;
  into.add_centred(class_id, score, transformed(a, boxes.centre) * x + px, transformed(b, boxes.centre) * y + py,
                   transformed(c, boxes.size) * side_of(boxes.size_unit, cell, spec.input_width, cell.anchor_width),
                   transformed(d, boxes.size) * side_of(boxes.size_unit, cell, spec.input_height, cell.anchor_height));
}

}  // namespace goshawk
