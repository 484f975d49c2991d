#pragma once

#include <cstdint>

namespace goshawk {

/// While it lives the scheduler takes the calling thread, and threads that it starts, for ones that compute for long
/// stretches and are in no hurry: they get their full share of the processor, in longer pieces, and a thread that wakes
/// for a moment (JavaScript's) goes first. Without it that thread waits a whole slice of every thread that computes.
/// Linux 6.12 and newer; elsewhere nothing changes.
class ComputeThread {
 public:
  ComputeThread();
  ~ComputeThread();
  ComputeThread(const ComputeThread &) = delete;
  ComputeThread &operator=(const ComputeThread &) = delete;

 private:
  /// Of before; 0: nothing was changed.
  uint64_t slice_ns_ = 0;
};

}  // namespace goshawk
