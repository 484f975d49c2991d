// A device that computes nothing and answers as it is told to: late, in another order, never, or with a fault.
#pragma once

#include <atomic>
#include <condition_variable>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "../plugin_support.h"
#include "mapped_picture.h"

namespace goshawk::reference {

/// What goes wrong, as told by options. Counts start at 1; 0: never.
struct Faults {
  long late_ms = 0;
  /// Every second answer overtakes the one before it.
  bool reorder = false;
  /// The n-th frame is never answered, unless it is cancelled.
  long never_at = 0;
  /// The n-th frame and those after it hold the thread that submits them for so long, deaf to cancel, as a GPU that hangs.
  long hang_at = 0;
  long hang_ms = 3600 * 1000;
  /// Only the n-th.
  bool hang_once = false;
  long no_memory_at_allocation = 0;
  long no_memory_at_frame = 0;
  /// From this frame on every one fails.
  long fail_from = 0;
  /// From this frame on the device is gone; opened anew it is there.
  long lost_at = 0;
  /// From this frame on no device of the process works again.
  long process_lost_at = 0;
  long build_ms = 0;
  /// A build with more scratch memory than this has none.
  long most_workspace = 1L << 40;
  bool null_engine = false;
  /// The n-th frame, or step of a build, ends the process by SIGABRT.
  long crash_at = 0;
  /// The n-th frame writes where there is nothing.
  long fault_at = 0;
  /// Memory, as bits, whose pictures its letterbox takes; its letterbox is offered where it is given, 0 too.
  long picture_memories = -1;
  /// The n-th picture that its letterbox is given is not imported.
  long no_import_at = 0;
  /// The n-th picture that its letterbox is given holds it for `hang_ms`.
  long hang_letterbox_at = 0;

  /// `GOSHAWK_REFERENCE_FAULTS=hang_at=5,hang_ms=100` stands for options that are not given: for a process that can't be
  /// given any.
  static Faults from(const goshawk_options *options);
};

/// Answers on one thread, in the order of their time.
class FakeDevice {
 public:
  explicit FakeDevice(const Faults &faults);
  ~FakeDevice();

  using Answer = std::function<void(bool cancelled)>;
  /// `owner` is what cancel names.
  void answer_after(std::chrono::milliseconds delay, const void *owner, Answer answer);
  void cancel(const void *owner);
  /// Returns once nothing of this owner is outstanding.
  void drain(const void *owner);

  bool allocation_fails();
  /// Number of this frame, from 1.
  long next_frame();

  /// True from the first frame on that lost the process, on every device.
  static std::atomic<bool> process_lost;
  /// What hangs goes on: for a test that frees everything.
  static std::atomic<bool> let_go;
  /// Holds the calling thread until then, or for `hang_ms`.
  void hang() const;

  /// Number of this picture, from 1, copied or in its memory.
  long next_picture() { return ++pictures_; }

  const Faults faults;
  PictureCache pictures{plugin::most_imports};
  const std::string description = "{\"device\":\"reference\",\"engine\":\"reference\",\"version\":\"1\"}";

 private:
  struct Entry {
    std::chrono::steady_clock::time_point at;
    const void *owner;
    Answer answer;
    bool cancelled = false;
  };
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  const void *answering_ = nullptr;
  long allocations_ = 0;
  std::atomic<long> pictures_{0};
  long frames_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace goshawk::reference
