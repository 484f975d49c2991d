#pragma once

#include <optional>
#include <vector>

#include "../base/geometry.h"
#include "head_decoder.h"
#include "nms.h"

namespace goshawk {

struct Detection {
  int32_t class_id;
  float score;
  /// Pixels of the frame, clipped to it.
  double x1, y1, x2, y2;
};

/// A box around its centre in pixels of the frame, rotated by `angle` radians.
struct RotatedBox {
  double cx, cy, width, height, angle;
};

/// An output as it is; half floats are widened.
struct RawTensor {
  /// As goshawk_engine.h numbers them.
  uint32_t dtype = 0;
  std::vector<int64_t> dims;
  std::vector<uint8_t> bytes;
};

/// What was found, and of a head that has them the masks and points: as many of each as there are detections.
struct Found {
  std::vector<Detection> detections;
  std::vector<Mask> masks;
  /// Row by row, one mask after the other.
  std::vector<uint8_t> mask_values;
  /// As many per detection as the head has.
  std::vector<Keypoint> points;
  /// Of a head with angles, one per detection.
  std::vector<RotatedBox> rotated;
  /// Of a head with depths, for the one finding that it has.
  std::optional<Grid> depth;
  std::vector<float> depth_values;
  /// Of a head with a vector, for the one finding that it has.
  std::vector<float> vector;
  /// Of a head with a text: its labels.
  std::vector<uint32_t> text;
  /// Of a head whose outputs a module reads, in its order.
  std::vector<RawTensor> raw;
  /// Before the cap.
  uint32_t candidates = 0;
  /// Above the threshold, but NaN or infinite.
  uint32_t invalid = 0;
};

struct DetectOptions {
  DecodeOptions decode;
  double iou_threshold = 0.45;
  uint32_t max_detections = 300;
  /// Candidates kept for NMS.
  size_t max_candidates = goshawk::max_candidates;
};

/// Outputs of the network to detections in the frame. Keeps its buffers: one per thread.
class Postprocessor {
 public:
  /// Throws Failure where the tensors are not those of the head.
  Postprocessor(HeadSpec head, const std::vector<TensorShape> &tensors) : decoder_(std::move(head), tensors) {}

  /// The outputs are wanted as they are, and `run` reads none of them.
  bool gives_raw() const { return decoder_.spec().raw; }
  /// `data`: of every tensor of HeadSpec::tensors, in their order. Best score first.
  void run(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out);

 private:
  /// One finding that stands for the frame.
  static void add_whole(const Geometry &geometry, Found &out);
  void add_vector(const float *const *data, const Geometry &geometry, Found &out);
  void add_text(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out);
  /// Each part of a map that hangs together is one rotated box.
  void add_boxes_of_map(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out);
  /// Each class of a map is one detection, with the hull of its places as its box.
  void add_regions(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out);
  /// A depth map is one detection, the whole frame.
  void add_depth(const float *const *data, const Geometry &geometry, Found &out);
  /// The points of one figure: the box is around those that reach the threshold, the score is the mean of all.
  void add_figure(const float *const *data, const Geometry &geometry, const DetectOptions &options, Found &out);
  /// Indices of the candidates that NMS keeps, best score first.
  const std::vector<uint32_t> &kept(const float *const *data, const DetectOptions &options);
  void add_parts(const float *const *data, size_t index, const Geometry &geometry, Found &out);

  HeadDecoder decoder_;
  Candidates candidates_;
  ClassMap map_;
  MapRegions regions_;
  ReadLine line_;
  Nms nms_;
  std::vector<double> sums_;
  std::vector<float> depths_;
  std::vector<float> angles_;
};

}  // namespace goshawk
