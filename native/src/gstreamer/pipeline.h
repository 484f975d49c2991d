// One GStreamer pipeline whose pictures come out as nv12. It has a thread of its own: parsing, connecting and tearing down
// may each wait for a network.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../base/block_pool.h"
#include "../base/device_picture.h"
#include "stream_tap.h"

namespace goshawk::gstreamer {

/// A text to parse, for where all of these elements are installed.
struct Launch {
  std::vector<std::string> needs;
  std::string text;
};

/// What must not stand in a text: an address with a password.
struct Property {
  std::string element;
  std::string name;
  std::string value;
};

struct Options {
  /// The first one whose elements are there; its pictures end in an appsink named `out`.
  std::vector<Launch> launches;
  std::vector<Property> properties;
  bool key_frames_only = false;
  size_t blocks = 6;
  uint64_t max_pixels = 0;
  /// Memory, as bits of DeviceMemory, that pictures may stay in; 0: all are copied.
  uint32_t device_memories = 0;
  /// Buffers of the decoder that are held at once; a picture more is copied.
  uint32_t most_held = 4;
  /// The compressed stream too.
  bool stream = false;
};

struct Picture {
  /// One of the two: the copied picture, or the decoder's own.
  std::shared_ptr<Lease> lease;
  std::shared_ptr<DevicePicture> device;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t step = 0;
  /// Of the stream, nanoseconds.
  std::optional<int64_t> time_ns;
  /// Counts every picture that was decoded.
  uint64_t sequence = 0;
};

struct Event {
  /// `error`, `missing` (an element or decoder: text), `size` (width x height: text), `ended`, `closed`.
  std::string kind;
  /// Of an error: GStreamer's own domain and number.
  std::string domain;
  int code = 0;
  std::string text;
};

struct Counts {
  /// Bytes before decoders, pictures or parts that could not be read, and pictures that found no room.
  uint64_t bytes = 0;
  uint64_t decode_errors = 0;
  uint64_t overrun = 0;
  /// Pictures that stayed where they were, those that were copied although they need not have been, and buffers held now.
  uint64_t in_device_memory = 0;
  uint64_t copied = 0;
  uint32_t held = 0;
};

/// What the streaming threads leave for JavaScript: the newest picture, and what happened.
class Outbox {
 public:
  explicit Outbox(std::function<void()> notify) : notify_(std::move(notify)) {}

  void put(Picture picture) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      newest_ = std::move(picture);
    }
    notify_();
  }
  void put(Event event) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (events_.size() < 64 || event.kind == "closed") events_.push_back(std::move(event));
    }
    notify_();
  }
  void notify() const { notify_(); }
  std::optional<Picture> take_picture() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(newest_, std::nullopt);
  }
  std::deque<Event> take_events() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(events_, {});
  }

 private:
  const std::function<void()> notify_;
  std::mutex mutex_;
  std::optional<Picture> newest_;
  std::deque<Event> events_;
};

class Pipeline {
 public:
  virtual ~Pipeline() = default;
  virtual std::optional<Picture> take_picture() = 0;
  virtual std::deque<Event> take_events() = 0;
  virtual std::deque<StreamPiece> take_stream() = 0;
  virtual Counts counts() const = 0;
  /// At once; the event `closed` follows when nothing of it runs any more.
  virtual void stop() = 0;
};

/// Starts at once. `notify` is called on any thread: something can be taken.
std::unique_ptr<Pipeline> make_pipeline(Options options, std::function<void()> notify);

/// The picture for the processor; null where it can't be mapped, or no block of the pool is free.
std::shared_ptr<Lease> copy_picture(DevicePicture &picture, BlockPool &pool);

std::string version();
/// Why pictures can't stay in the memory of a Jetson here; "": they can.
std::string surface_problem();

}  // namespace goshawk::gstreamer
