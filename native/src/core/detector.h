#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "../base/device_picture.h"
#include "../base/failure.h"
#include "../base/image.h"
#include "../postprocess/postprocess.h"
#include "../preprocess/letterbox.h"
#include "engine.h"

namespace goshawk {

/// An input that is fed the same bytes with every picture.
struct ConstantInput {
  std::string tensor;
  goshawk_dtype dtype = 0;
  std::vector<int64_t> dims;
  std::vector<uint8_t> bytes;
};

struct DetectorSpec {
  InputSpec input;
  std::string input_tensor;
  /// The model's other inputs.
  std::vector<ConstantInput> constants;
  HeadSpec head;
  /// Output whose values every result carries as they are; empty: none.
  std::string embedding_tensor;
  /// Frames under way at once: contexts, buffer sets and threads.
  int slots = 1;
  /// Frames that may wait for a slot.
  int queue = 2;
  /// Frames that one run of the network takes at most; more than 1 needs an engine whose first dimension is free.
  int max_batch = 1;
  /// How long a frame waits for others to run with.
  std::chrono::milliseconds max_wait{0};
  /// From submit to result; 0: for ever.
  std::chrono::milliseconds timeout{0};
  /// With a time-out: an engine that still works on a frame so long after it was asked to end is given up with its slot.
  std::chrono::milliseconds give_up{1000};
  /// How long close waits for an engine that does not answer before it leaves the rest behind.
  std::chrono::milliseconds close_timeout{10000};
  /// The engine's device does the letterbox: it was opened with its kernels.
  bool device_preprocess = false;
  /// Run every context once while the detector is made, so that the first frame is as fast as the next.
  bool warm_up = true;
};

struct FrameTask {
  /// Stays valid until the result was given.
  Image image;
  /// Keeps what `image.pieces` points to.
  std::shared_ptr<Pieces> pieces;
  /// Where the pixels did not come to the processor: `image` has their size alone.
  std::shared_ptr<DevicePicture> picture;
  double score_threshold = 0.25;
  double iou_threshold = 0.45;
  uint32_t max_detections = 300;
  bool multi_label = false;
  uint32_t max_candidates = 1000;
  /// Empty: all classes; else one byte per class.
  std::vector<uint8_t> wanted;
  /// Zeros, thumbnail_bytes, for the thumbnail of the frame; or null. Written only while the pixels are read.
  uint8_t *thumbnail = nullptr;
};

struct FrameResult {
  Verdict verdict;
  Found found;
  std::vector<float> embedding;
  double preprocess_ms = 0;
  /// Of the whole batch.
  double infer_ms = 0;
  double postprocess_ms = 0;
};

/// Frames in, detections out, on threads of its own.
///
/// INVARIANTS
/// - every accepted frame gets exactly one result: done, failed, timed out or cancelled;
/// - the pixels of a frame are never read after its result was given;
/// - a slot takes its next frame only when the engine has answered for the last one, however late: two frames never
///   share buffers. A slot whose engine does not even end when it is asked to is given up, with its thread, context and
///   buffers, and a new one takes its place. After as many as there are slots, two at least, the next one is lost; when
///   all are lost every frame fails with `native-device-lost`. Without a time-out none is given up;
/// - after close no result is given any more, and nothing of the detector runs (but for slots that were left behind).
class Detector {
 public:
  using Done = std::function<void(FrameResult &&)>;

  /// Creates contexts, binds their buffers and warms them up. Blocks for as long as that takes. Throws Failure where the engine, its tensors and the head don't fit.
  Detector(std::shared_ptr<Engine> engine, const DetectorSpec &spec);
  ~Detector();
  Detector(const Detector &) = delete;
  Detector &operator=(const Detector &) = delete;

  /// `done` is called on another thread, or on this one from cancel and close. Throws Failure for a bad frame and
  /// where the queue is full. Gives an id for cancel.
  uint64_t submit(FrameTask &&task, Done &&done);
  /// False where the frame already has its result.
  bool cancel(uint64_t id);
  /// Cancels what waits, lets what runs end, joins. Idempotent. False where slots had to be left behind.
  bool close();

  /// Slots whose engine has not answered in time, so far.
  int stuck() const;
  /// Slots that were given up since the start.
  int given_up() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace goshawk
