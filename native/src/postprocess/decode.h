#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "candidates.h"

namespace goshawk {

enum class DecoderKind { yolov5, yolov8, yolov10, yolox, fastestdet, logits, softmax };

/// How the network writes its boxes; the formulas and their sources stand in src/perception/decode/*.ts.
struct DecoderSpec {
  DecoderKind kind = DecoderKind::yolov5;
  int input_width = 0;
  int input_height = 0;
  int class_count = 0;
  /// Grids of yolox, in their order.
  std::vector<int> strides = {8, 16, 32};

  /// The network chose its boxes itself: NMS would drop what it wants to keep.
  bool final_boxes() const { return kind == DecoderKind::yolov10 || classifies(); }
  /// One value per class for the whole picture, and no boxes.
  bool classifies() const { return kind == DecoderKind::logits || kind == DecoderKind::softmax; }
};

struct DecodeOptions {
  double score_threshold = 0.25;
  /// Every class of a box that reaches the threshold is a candidate of its own (how COCO is evaluated).
  bool multi_label = false;
  /// One byte per class, or null: all. A box whose best class is not wanted is dropped.
  const uint8_t *wanted = nullptr;
};

/// Candidates kept for NMS.
constexpr size_t max_candidates = 1000;

/// Throws Failure `native-model-output` unless every access of the decoder lies inside a tensor of these dimensions.
void check_output(const DecoderSpec &spec, const std::vector<int64_t> &dims);

/// `dims` has passed check_output, and `data` holds that many values. Fills `into` from empty, without the cap.
void decode(const DecoderSpec &spec, const float *data, const std::vector<int64_t> &dims, const DecodeOptions &options,
            Candidates &into);

}  // namespace goshawk
