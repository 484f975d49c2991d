#include "head_decoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "head_boxes.h"

namespace goshawk {

namespace {

using Activation = HeadSpec::Activation;
using Background = HeadSpec::Background;

/// Index of the largest score, the first of equals; a NaN wins so that it is counted and not hidden.
int best_class(const float *data, size_t step, int class_count) {
  int best = 0;
  float top = data[0];
  for (int c = 1; c < class_count; c++) {
    const float value = data[size_t(c) * step];
    if (!(value <= top)) {
      if (std::isnan(top)) break;
      best = c;
      top = value;
    }
  }
  return best;
}

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

/// A NaN counts as one that does. Without an early end, so that the loop becomes vectors.
bool any_reaches(const float *data, int class_count, float floor) {
  int reaches = 0;
  for (int c = 0; c < class_count; c++) reaches |= !(data[c] < floor);
  return reaches != 0;
}

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
    if (!options.multi_label && spec.scores.activation != Activation::softmax && step > 1) return planes();
    rows();
  }

 private:
  static const float *at(const float *const *data, const RowView &view, size_t value) {
    return data[view.tensor] + view.start + value * view.value_step;
  }

  /// False: the row can't reach the threshold. A NaN goes on, to be counted.
  bool factor_of(size_t row, double &factor) const {
    factor = 1;
    if (presence == nullptr) return true;
    const float raw = presence[row * presence_step];
    if (raw < objectness.floor) return false;
    factor = objectness.of(double(raw));
    return !(factor < threshold);
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

  /// The classes of a row follow each other, or are far apart and all of them count.
  void rows() {
    const int classes = spec.class_count;
    const bool softmax = spec.scores.activation == Activation::softmax;
    // A factor of at most 1 makes no score larger that is above 0.
    const bool sifts = !softmax && step == 1 && threshold > 0;
    for (size_t i = 0; i < segment->rows; i++) {
      double factor;
      if (!factor_of(i, factor)) continue;
      const float *row = values + i * row_step;
      if (sifts && factor <= 1 && !any_reaches(row, classes, scores.floor)) continue;
      const int best = best_class(row, step, classes);
      if (softmax) {
        softened(i, row, best, factor);
        continue;
      }
      if (!options.multi_label) {
        add(i, best, factor * scores.of(double(row[size_t(best) * step])));
        continue;
      }
      for (int c = 0; c < classes; c++) add(i, c, factor * scores.of(double(row[size_t(c) * step])));
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
  /// the block stays in the first-level cache.
  void planes() {
    constexpr size_t block = 512;
    float best[block];
    int32_t best_id[block];
    // Without objectness the best value alone decides.
    const float floor = presence == nullptr ? scores.floor : -std::numeric_limits<float>::infinity();
    for (size_t start = 0; start < segment->rows; start += block) {
      const size_t count = std::min(segment->rows - start, block);
      for (size_t i = 0; i < count; i++) {
        best[i] = values[start + i];
        best_id[i] = 0;
      }
      for (int c = 1; c < spec.class_count; c++) {
        const float *row = values + size_t(c) * step + start;
        for (size_t i = 0; i < count; i++) {
          const bool better = !(row[i] <= best[i]) & (best[i] == best[i]);
          best_id[i] = better ? c : best_id[i];
          best[i] = better ? row[i] : best[i];
        }
      }
      for (size_t i = 0; i < count; i++) {
        if (best[i] < floor) continue;
        const double factor =
            presence == nullptr ? 1 : objectness.of(double(presence[(start + i) * presence_step]));
        add(start + i, best_id[i], factor * scores.of(double(best[i])));
      }
    }
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
  std::vector<TensorShape> read;
  for (const std::string &name : spec_.tensors()) read.push_back(tensors[index_of(tensors, name)]);
  segments_ = segments_of(spec_, read);
}

void HeadDecoder::run(const float *const *data, const DecodeOptions &options, Candidates &into) const {
  into.clear();
  Run run(spec_, options, into);
  for (const Segment &segment : segments_) run.over(segment, data);
}

}  // namespace goshawk
