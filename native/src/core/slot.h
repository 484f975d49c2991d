#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "../preprocess/jpeg.h"
#include "detector.h"

namespace goshawk {

/// What one run under way needs: execution contexts with their bound buffers, and the scratch memory of both ends.
/// Nothing is allocated per frame once the sizes are known. For a batch there is one context per number of frames, all on
/// the same buffers, so that no shape changes between two frames.
class Slot {
 public:
  Slot(std::shared_ptr<Engine> engine, const DetectorSpec &spec);

  /// `place`: of the frame in its batch.
  void preprocess(const FrameTask &task, size_t place);
  /// Submits and waits for the answer, however long. The status of the engine; the words go to `message`.
  goshawk_status infer(size_t frames, std::string &message);
  void postprocess(const FrameTask &task, size_t place, FrameResult &result);
  void cancel();

 private:
  struct Place {
    Place(const InputSpec &spec) : letterbox(spec) { letterbox.keep_pad(); }
    Letterbox letterbox;
    JpegDecoder jpeg;
    Geometry geometry;
  };

  /// An output that is read.
  struct Output {
    Output() = default;
    /// `frames`: in the run whose shape `info` has.
    Output(const Buffer &buffer, TensorInfo info, int64_t frames);
    /// As float32, of the frame at this place of its batch, until the next call.
    const float *values(size_t place);
    /// As it is, of the same frame.
    RawTensor raw(size_t place);

    const Buffer *buffer = nullptr;
    /// Of one frame.
    TensorInfo info;
    size_t count = 0;
    std::vector<float> widened;
  };

  void check_input(const TensorInfo &declared, const DetectorSpec &spec, const std::vector<int64_t> &shape) const;
  void make_constants(const DetectorSpec &spec, uint32_t picture);
  void bind_outputs(Context &context, int64_t frames, const DetectorSpec &spec);
  void keep(Output &output, Output &&next) const;
  /// `thumbnail`: see FrameTask.
  void fill_input(const Image &image, uint32_t width, uint32_t height, uint8_t *thumbnail, size_t place);
  void fill_input(DevicePicture &picture, uint8_t *thumbnail, size_t place);
  /// Where a picture of this size comes to lie, for the device's letterbox.
  goshawk_letterbox place_picture(uint32_t width, uint32_t height, size_t place);
  static void completed(void *user, goshawk_status status, const char *message);
  uint32_t find(const std::string &name, bool input) const;

  std::shared_ptr<Engine> engine_;
  /// [n - 1] runs n frames.
  std::vector<std::unique_ptr<Context>> contexts_;
  std::vector<std::unique_ptr<Place>> places_;
  size_t input_bytes_;
  bool device_preprocess_;
  /// Memory, as bits, whose pictures the device's letterbox takes.
  uint32_t picture_memories_;
  /// Of a picture that it does not take: its planes in one piece.
  std::vector<uint8_t> joined_;
  std::unique_ptr<Buffer> input_;
  struct Constant {
    uint32_t index;
    std::vector<int64_t> dims;
    std::unique_ptr<Buffer> buffer;
  };
  std::vector<Constant> constants_;
  std::vector<std::unique_ptr<Buffer>> outputs_;
  /// Of every tensor that the head reads, in its order, and where their values are in the frame under way.
  std::vector<Output> read_;
  std::vector<const float *> values_;
  std::optional<Postprocessor> postprocessor_;
  /// Without a buffer where none is asked for.
  Output embedding_;

  std::mutex mutex_;
  std::condition_variable answered_;
  bool done_ = false;
  goshawk_status status_ = GOSHAWK_OK;
  std::string message_;
};

}  // namespace goshawk
