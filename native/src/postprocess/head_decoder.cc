#include "head_decoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "best_class.h"
#include "head_boxes.h"

namespace goshawk {

namespace {

using Activation = HeadSpec::Activation;
using Background = HeadSpec::Background;

/// From a value of the network to a factor of the score.
struct Rule {
  Rule(const HeadSpec::Score &score, double threshold)
      : squashes(score.activation == Activation::sigmoid), power(score.power), floor(lowest(threshold)) {}

  double of(double raw) const {
    const double score = squashes ? sigmoid(raw) : raw;
    return power == 1 ? score : std::pow(score, power);
  }
  /// A value below it can't reach the threshold, and its sigmoid need not be computed.
  float lowest(double threshold) const {
    if (power != 1) return -std::numeric_limits<float>::infinity();
    if (!squashes) {
      const float rounded = float(threshold);
      return double(rounded) > threshold ? std::nextafter(rounded, -std::numeric_limits<float>::infinity()) : rounded;
    }
    // Near 1 a sigmoid is too flat to tell; the margin is far above what exp and log round.
    if (!(threshold > 0 && threshold < 0.999)) return -std::numeric_limits<float>::infinity();
    return float(std::log(threshold / (1 - threshold)) - 1e-3);
  }

  bool squashes;
  double power;
  float floor;
};

}  // namespace

/// One run over one segment.
struct HeadDecoder::Run {
  Run(const HeadSpec &head, const DecodeOptions &chosen, Candidates &out)
      : spec(head), options(chosen), threshold(chosen.score_threshold), into(out), scores(head.scores, threshold),
        objectness(head.objectness.value_or(HeadSpec::Score{}), threshold) {}

  void over(const Segment &chosen, const float *const *data) {
    segment = &chosen;
    const RowView &view = chosen.views[spec.scores.output];
    values = at(data, view, spec.scores.at);
    row_step = view.row_step;
    step = view.value_step;
    boxes = spec.boxes ? data[chosen.views[spec.boxes->output].tensor] : nullptr;
    if (spec.objectness) {
      const RowView &own = chosen.views[spec.objectness->output];
      presence = at(data, own, spec.objectness->at);
      presence_step = own.row_step;
    }
    if (spec.classes) return named(data);
    if (spec.scores.activation != Activation::softmax && step > 1) return planes();
    rows();
  }

 private:
  static const float *at(const float *const *data, const RowView &view, size_t value) {
    return data[view.tensor] + view.start + value * view.value_step;
  }

  bool wanted(int class_id) const { return options.wanted == nullptr || options.wanted[class_id] != 0; }

  void add(size_t row, int class_id, double score) const {
    if (!(score < threshold) && wanted(class_id)) add_box(spec, *segment, boxes, row, class_id, score, into);
  }

  /// The network names the class of each row.
  void named(const float *const *data) {
    const RowView &view = segment->views[spec.classes->output];
    const float *ids = at(data, view, spec.classes->at);
    double rows = double(segment->rows);
    if (spec.count) {
      const double said = double(data[segment->views[*spec.count].tensor][0]);
      // A NaN: none.
      rows = said < rows ? said : said >= rows ? rows : 0;
    }
    for (size_t i = 0; double(i) < rows; i++) {
      const double factor = presence == nullptr ? 1 : objectness.of(double(presence[i * presence_step]));
      const double score = factor * scores.of(double(values[i * row_step]));
      if (score < threshold) continue;
      const double id = double(ids[i * view.row_step]) - spec.classes->first;
      // A NaN is no class either.
      if (!(id >= -0.5 && id < spec.class_count - 0.5)) {
        into.invalid += 1;
        continue;
      }
      add(i, int(std::floor(id + 0.5)), score);
    }
  }

  /// The classes of a row follow each other, or there is a softmax over them.
  void rows() {
    const float *const own = presence;
    const size_t own_step = presence_step;
    const float least = objectness.floor;
    const size_t count = segment->rows;
    for (size_t i = 0; i < count; i++) {
      if (own == nullptr) {
        row(i, 1);
        continue;
      }
      const float raw = own[i * own_step];
      if (raw < least) continue;
      const double factor = objectness.of(double(raw));
      // A class score is at most 1, so the product can only be smaller. A NaN goes on, to be counted.
      if (!(factor < threshold)) row(i, factor);
    }
  }

  void row(size_t i, double factor) {
    const float *first = values + i * row_step;
    const int classes = spec.class_count;
    if (spec.scores.activation == Activation::softmax) return softened(i, first, best_class(first, step, classes), factor);
    if (step != 1) return options.multi_label ? every(i, first, factor) : add(i, 0, factor * scores.of(double(first[0])));
    const float top = top_of(first, classes);
    if (top < floor_for(factor)) return;
    if (options.multi_label) return every(i, first, factor);
    const int best = std::isnan(top) ? best_class(first, 1, classes) : int(std::find(first, first + classes, top) - first);
    add(i, best, factor * scores.of(double(first[best])));
  }

  /// A class score below it can't reach the threshold with this factor.
  float floor_for(double factor) const {
    const bool shrinks = factor == 1 || (factor >= 0 && factor <= 1 && threshold > 0);
    return shrinks ? scores.floor : -std::numeric_limits<float>::infinity();
  }

  void every(size_t i, const float *first, double factor) {
    const bool plain = !scores.squashes && scores.power == 1;
    const float least = floor_for(factor);
    const double most = threshold;
    const int classes = spec.class_count;
    const size_t apart = step;
    for (int c = 0; plain && c < classes; c++) {
      const double score = factor * double(first[size_t(c) * apart]);
      if (!(score < most)) add(i, c, score);
    }
    for (int c = 0; !plain && c < classes; c++) {
      const float raw = first[size_t(c) * apart];
      if (!(raw < least)) add(i, c, factor * scores.of(double(raw)));
    }
  }

  /// One row whose scores are a softmax over its classes, and its background where it has one.
  void softened(size_t i, const float *row, int best, double factor) {
    const int classes = spec.class_count;
    const double top = double(row[size_t(best) * step]);
    const double power = scores.power;
    double sum = 0;
    if (spec.scores.background != Background::none) {
      const float *nothing = spec.scores.background == Background::before ? row - step : row + size_t(classes) * step;
      sum = std::exp(double(*nothing) - top);
      const double most = 1 / (1 + sum);
      if (factor * (power == 1 ? most : std::pow(most, power)) < threshold) return;
    }
    for (int c = 0; c < classes; c++) sum += std::exp(double(row[size_t(c) * step]) - top);
    const int first = options.multi_label ? 0 : best;
    const int last = options.multi_label ? classes - 1 : best;
    for (int c = first; c <= last; c++) {
      add(i, c, factor * scores.of(std::exp(double(row[size_t(c) * step]) - top) / sum));
    }
  }

  /// The values of a class lie together, so a block of rows is read class by class: the loop over rows becomes vectors and
  /// the block stays in the first-level cache. Where objectness leaves few rows, those are read alone.
  void planes() {
    double factors[BestOf::block];
    BestOf best;
    for (size_t start = 0; start < segment->rows; start += BestOf::block) {
      const size_t count = std::min(segment->rows - start, BestOf::block);
      if (presence == nullptr) {
        best.read(values + start, step, spec.class_count, count);
        for (size_t k = 0; k < count; k++) {
          if (!(best.score[k] < scores.floor)) decide(start + k, best.id[k], best.score[k], 1);
        }
        continue;
      }
      const bool few = weigh(start, count, factors) * 16 < count;
      if (!few) best.read(values + start, step, spec.class_count, count);
      for (size_t k = 0; k < count; k++) {
        if (factors[k] < threshold) continue;
        const float *row = values + start + k;
        const int id = few ? best_class(row, step, spec.class_count) : best.id[k];
        decide(start + k, id, row[size_t(id) * step], factors[k]);
      }
    }
  }

  /// The objectness of each row, and how many of them can reach the threshold.
  size_t weigh(size_t start, size_t count, double *factors) const {
    size_t alive = 0;
    for (size_t k = 0; k < count; k++) {
      const float raw = presence[(start + k) * presence_step];
      factors[k] = raw < objectness.floor ? -std::numeric_limits<double>::infinity() : objectness.of(double(raw));
      alive += factors[k] < threshold ? 0 : 1;
    }
    return alive;
  }

  void decide(size_t i, int best, float top, double factor) {
    if (top < floor_for(factor)) return;
    if (options.multi_label) return every(i, values + i * row_step, factor);
    add(i, best, factor * scores.of(double(top)));
  }

  const HeadSpec &spec;
  const DecodeOptions &options;
  const double threshold;
  Candidates &into;
  const Rule scores;
  const Rule objectness;
  const Segment *segment = nullptr;
  const float *values = nullptr;
  size_t row_step = 0;
  size_t step = 0;
  const float *boxes = nullptr;
  const float *presence = nullptr;
  size_t presence_step = 0;
};

HeadDecoder::HeadDecoder(HeadSpec spec, const std::vector<TensorShape> &tensors) : spec_(std::move(spec)) {
  check_outputs(spec_, tensors);
  if (spec_.raw) return;
  std::vector<TensorShape> read;
  for (const std::string &name : spec_.tensors()) read.push_back(tensors[index_of(tensors, name)]);
  segments_ = segments_of(spec_, read);
  if (spec_.map || spec_.regions) {
    const HeadSpec::Output &output = spec_.outputs[spec_.main_output()];
    const std::vector<int64_t> &dims = read[index_of(read, output.tensors[0])].dims;
    map_columns_ = size_t(dims[dims.size() - (output.axis == HeadSpec::Axis::last ? 2 : 1)]);
  }
  if (!spec_.masks) return;
  const std::vector<int64_t> &dims = read[index_of(read, spec_.outputs[spec_.masks->prototypes].tensors[0])].dims;
  prototypes_.tensor = index_of(read, spec_.outputs[spec_.masks->prototypes].tensors[0]);
  prototypes_.count = size_t(dims[1]);
  prototypes_.height = size_t(dims[2]);
  prototypes_.width = size_t(dims[3]);
}

void HeadDecoder::regions(const float *const *data, ClassMap &into) const {
  into.read(spec_, segments_[0], map_columns_, data);
}

void HeadDecoder::vector(const float *const *data, std::vector<float> &values) const {
  vector_of(spec_, segments_[0], data, values);
}

void HeadDecoder::text(const float *const *data, ReadLine &line) const { read_line(spec_, segments_[0], data, line); }

void HeadDecoder::boxes_of_map(const float *const *data, MapRegions &into) const {
  into.read(spec_, segments_[0], map_columns_, data);
}

void HeadDecoder::figure(const float *const *data, std::vector<Keypoint> &points) const {
  if (spec_.simcc) return simcc_points(spec_, segments_[0], data, points);
  keypoints_of(spec_, segments_, data, 0, points);
}

float HeadDecoder::angle(const float *const *data, const Candidates &from, size_t index) const {
  if (!spec_.angle) return 0;
  const Segment &segment = segment_of(segments_, from.rows[index]);
  const RowView &view = segment.views[spec_.angle->output];
  const size_t row = from.rows[index] - segment.base;
  return data[view.tensor][view.start + row * view.row_step + spec_.angle->at * view.value_step];
}

Grid HeadDecoder::depth(const float *const *data, std::vector<float> &values) const {
  return depth_of(spec_, segments_[0], map_columns_, data, values);
}

Mask HeadDecoder::mask(const float *const *data, const Candidates &from, size_t index, std::vector<double> &sums,
                       std::vector<uint8_t> &values) const {
  return mask_of(spec_, segments_, prototypes_, data, from.rows[index], from.boxes[index], sums, values);
}

void HeadDecoder::keypoints(const float *const *data, const Candidates &from, size_t index,
                            std::vector<Keypoint> &points) const {
  keypoints_of(spec_, segments_, data, from.rows[index], points);
}

void HeadDecoder::run(const float *const *data, const DecodeOptions &options, Candidates &into) const {
  into.clear();
  Run run(spec_, options, into);
  for (const Segment &segment : segments_) run.over(segment, data);
}

}  // namespace goshawk
