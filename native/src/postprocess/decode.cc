#include "decode.h"

#include <cmath>
#include <limits>

#include "../base/failure.h"

namespace goshawk {

namespace {

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

/// Calls found(class, score) for the wanted classes of one box; negated comparisons let NaN go on to be counted.
template <typename Found>
void each_class(const float *data, size_t step, double factor, int class_count, const DecodeOptions &options,
                Found &&found) {
  if (options.multi_label) {
    for (int c = 0; c < class_count; c++) {
      const double score = factor * double(data[size_t(c) * step]);
      if (!(score < options.score_threshold) && (options.wanted == nullptr || options.wanted[c] != 0)) found(c, score);
    }
    return;
  }
  const int best = best_class(data, step, class_count);
  const double score = factor * double(data[size_t(best) * step]);
  if (!(score < options.score_threshold) && (options.wanted == nullptr || options.wanted[best] != 0)) {
    found(best, score);
  }
}

void yolov5(const DecoderSpec &spec, const float *data, size_t rows, const DecodeOptions &options, Candidates &into) {
  const size_t width = size_t(spec.class_count) + 5;
  for (size_t i = 0; i < rows; i++, data += width) {
    // A class score is at most 1, so the product can only be smaller.
    if (double(data[4]) < options.score_threshold) continue;
    each_class(data + 5, 1, data[4], spec.class_count, options, [&](int c, double score) {
      into.add_centred(c, score, data[0], data[1], data[2], data[3]);
    });
  }
}

/// The classes lie n values apart, so a block of boxes is read class by class: the loop over boxes becomes vectors and
/// the block stays in the first-level cache.
void yolov8_best(const DecoderSpec &spec, const float *data, size_t n, const DecodeOptions &options, Candidates &into) {
  constexpr size_t block = 512;
  float best[block];
  int32_t best_id[block];
  const float *classes = data + 4 * n;
  for (size_t start = 0; start < n; start += block) {
    const size_t count = n - start < block ? n - start : block;
    for (size_t i = 0; i < count; i++) {
      best[i] = classes[start + i];
      best_id[i] = 0;
    }
    for (int c = 1; c < spec.class_count; c++) {
      const float *row = classes + size_t(c) * n + start;
      for (size_t i = 0; i < count; i++) {
        const bool better = !(row[i] <= best[i]) & (best[i] == best[i]);
        best_id[i] = better ? c : best_id[i];
        best[i] = better ? row[i] : best[i];
      }
    }
    for (size_t i = 0; i < count; i++) {
      if (double(best[i]) < options.score_threshold) continue;
      if (options.wanted != nullptr && options.wanted[best_id[i]] == 0) continue;
      const float *box = data + start + i;
      into.add_centred(best_id[i], best[i], box[0], box[n], box[2 * n], box[3 * n]);
    }
  }
}

void yolov8(const DecoderSpec &spec, const float *data, size_t n, const DecodeOptions &options, Candidates &into) {
  if (!options.multi_label) {
    yolov8_best(spec, data, n, options, into);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    const float *box = data + i;
    each_class(box + 4 * n, n, 1, spec.class_count, options, [&](int c, double score) {
      into.add_centred(c, score, box[0], box[n], box[2 * n], box[3 * n]);
    });
  }
}

void yolov10(const DecoderSpec &spec, const float *data, size_t rows, const DecodeOptions &options, Candidates &into) {
  for (size_t i = 0; i < rows; i++, data += 6) {
    if (double(data[4]) < options.score_threshold) continue;
    const double class_id = data[5];
    // A NaN is no class either.
    if (!(class_id >= -0.5 && class_id < spec.class_count - 0.5)) {
      into.invalid += 1;
      continue;
    }
    const int c = int(std::floor(class_id + 0.5));
    if (options.wanted != nullptr && options.wanted[c] == 0) continue;
    into.add(c, data[4], data[0], data[1], data[2], data[3]);
  }
}

void yolox(const DecoderSpec &spec, const float *data, const DecodeOptions &options, Candidates &into) {
  const size_t width = size_t(spec.class_count) + 5;
  for (const int stride : spec.strides) {
    const int columns = spec.input_width / stride;
    const int rows = spec.input_height / stride;
    for (int gy = 0; gy < rows; gy++) {
      for (int gx = 0; gx < columns; gx++, data += width) {
        if (double(data[4]) < options.score_threshold) continue;
        each_class(data + 5, 1, data[4], spec.class_count, options, [&](int c, double score) {
          into.add_centred(c, score, (double(data[0]) + gx) * stride, (double(data[1]) + gy) * stride,
                           std::exp(double(data[2])) * stride, std::exp(double(data[3])) * stride);
        });
      }
    }
  }
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

void fastestdet(const DecoderSpec &spec, const float *data, size_t rows, size_t columns, const DecodeOptions &options,
                Candidates &into) {
  const size_t plane = rows * columns;
  for (size_t i = 0; i < plane; i++) {
    const double objectness = std::pow(double(data[i]), 0.6);
    if (objectness < options.score_threshold) continue;
    const float *classes = data + 5 * plane + i;
    const int first = options.multi_label ? 0 : best_class(classes, plane, spec.class_count);
    const int last = options.multi_label ? spec.class_count - 1 : first;
    for (int c = first; c <= last; c++) {
      const double score = objectness * std::pow(double(classes[size_t(c) * plane]), 0.4);
      if (score < options.score_threshold || (options.wanted != nullptr && options.wanted[c] == 0)) continue;
      into.add_centred(c, score,
                       (std::tanh(double(data[plane + i])) + double(i % columns)) / double(columns) * spec.input_width,
                       (std::tanh(double(data[2 * plane + i])) + double(i / columns)) / double(rows) * spec.input_height,
                       sigmoid(data[3 * plane + i]) * spec.input_width,
                       sigmoid(data[4 * plane + i]) * spec.input_height);
    }
  }
}

/// What is found has the whole input as its box. `logits`: softmax is still to be done.
void classify(const DecoderSpec &spec, const float *data, bool logits, const DecodeOptions &options, Candidates &into) {
  const int classes = spec.class_count;
  thread_local std::vector<float> scores;
  scores.assign(data, data + classes);
  if (logits) {
    // A NaN makes every score one, so that it is counted and not hidden.
    double top = -std::numeric_limits<double>::infinity();
    for (const float value : scores) top = std::isnan(value) || std::isnan(top) ? std::nan("") : std::fmax(top, value);
    double sum = 0;
    for (const float value : scores) sum += std::exp(double(value) - top);
    for (float &value : scores) value = float(std::exp(double(value) - top) / sum);
  }
  const int first = options.multi_label ? 0 : best_class(scores.data(), 1, classes);
  const int last = options.multi_label ? classes - 1 : first;
  for (int c = first; c <= last; c++) {
    const double score = double(scores[size_t(c)]);
    if (score < options.score_threshold || (options.wanted != nullptr && options.wanted[c] == 0)) continue;
    into.add(c, score, 0, 0, spec.input_width, spec.input_height);
  }
}

std::string dims_text(const std::vector<int64_t> &dims) {
  std::string text;
  for (const int64_t side : dims) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text.empty() ? "a single value" : text;
}

}  // namespace

void check_output(const DecoderSpec &spec, const std::vector<int64_t> &dims) {
  const auto refuse = [&](const std::string &needed) {
    throw Failure("native-model-output", "The network's output is " + dims_text(dims) + ", but its decoder needs " +
                                             needed + " for " + std::to_string(spec.class_count) + " classes.");
  };
  for (const int64_t side : dims) {
    if (side < 1) refuse("a shape that is known");
  }
  const int64_t classes = spec.class_count;
  switch (spec.kind) {
    case DecoderKind::yolov5:
      if (dims.size() != 3 || dims[0] != 1 || dims[2] != classes + 5) refuse("1 x N x (5 + C)");
      break;
    case DecoderKind::yolov8:
      if (dims.size() != 3 || dims[0] != 1 || dims[1] != classes + 4) refuse("1 x (4 + C) x N");
      break;
    case DecoderKind::yolov10:
      if (dims.size() != 3 || dims[0] != 1 || dims[2] != 6) refuse("1 x N x 6");
      break;
    case DecoderKind::yolox: {
      int64_t cells = 0;
      for (const int stride : spec.strides) {
        cells += int64_t(spec.input_width / stride) * int64_t(spec.input_height / stride);
      }
      if (dims.size() != 3 || dims[0] != 1 || dims[1] != cells || dims[2] != classes + 5) {
        refuse("1 x " + std::to_string(cells) + " x (5 + C)");
      }
      break;
    }
    case DecoderKind::fastestdet:
      if (dims.size() != 4 || dims[0] != 1 || dims[1] != classes + 5) refuse("1 x (5 + C) x grid height x grid width");
      break;
    case DecoderKind::logits:
    case DecoderKind::softmax:
      if (dims.size() != 2 || dims[0] != 1 || dims[1] != classes) refuse("1 x C");
      break;
  }
}

void decode(const DecoderSpec &spec, const float *data, const std::vector<int64_t> &dims, const DecodeOptions &options,
            Candidates &into) {
  into.clear();
  switch (spec.kind) {
    case DecoderKind::yolov5: return yolov5(spec, data, size_t(dims[1]), options, into);
    case DecoderKind::yolov8: return yolov8(spec, data, size_t(dims[2]), options, into);
    case DecoderKind::yolov10: return yolov10(spec, data, size_t(dims[1]), options, into);
    case DecoderKind::yolox: return yolox(spec, data, options, into);
    case DecoderKind::fastestdet:
      return fastestdet(spec, data, size_t(dims[2]), size_t(dims[3]), options, into);
    case DecoderKind::logits: return classify(spec, data, true, options, into);
    case DecoderKind::softmax: return classify(spec, data, false, options, into);
  }
}

}  // namespace goshawk
