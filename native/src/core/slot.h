#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "../preprocess/jpeg.h"
#include "detector.h"

namespace goshawk {

/// What one frame under way needs: an execution context with its bound buffers, and the scratch memory of both ends.
/// Nothing is allocated per frame once the sizes are known.
class Slot {
 public:
  Slot(std::shared_ptr<Engine> engine, const DetectorSpec &spec);

  void preprocess(const Image &image);
  /// Submits and waits for the answer, however long. The status of the engine; the words go to `message`.
  goshawk_status infer(std::string &message);
  void postprocess(const FrameTask &task, FrameResult &result);
  void cancel() { context_.cancel(); }

 private:
  void fill_input(const Image &image, uint32_t width, uint32_t height);
  static void completed(void *user, goshawk_status status, const char *message);
  uint32_t find(const std::string &name, bool input) const;
  const float *output_values();

  std::shared_ptr<Engine> engine_;
  Context context_;
  Letterbox letterbox_;
  bool device_preprocess_;
  JpegDecoder jpeg_;
  Postprocessor postprocessor_;
  Geometry geometry_;
  std::unique_ptr<Buffer> input_;
  std::vector<std::unique_ptr<Buffer>> outputs_;
  const Buffer *output_ = nullptr;
  TensorInfo output_info_;
  std::vector<float> widened_;

  std::mutex mutex_;
  std::condition_variable answered_;
  bool done_ = false;
  goshawk_status status_ = GOSHAWK_OK;
  std::string message_;
};

}  // namespace goshawk
