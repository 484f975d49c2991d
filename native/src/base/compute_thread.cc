#include "compute_thread.h"

#include "slice.h"

namespace goshawk {

ComputeThread::ComputeThread() {
  const uint64_t before = slice_ns();
  // No more than it takes to be the longer one: what is longer also waits longer beside other programs.
  if (before != 0 && set_slice_ns(2 * before, true)) slice_ns_ = before;
}

ComputeThread::~ComputeThread() {
  if (slice_ns_ != 0) set_slice_ns(slice_ns_, true);
}

}  // namespace goshawk
