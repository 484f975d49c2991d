#include "compute_thread.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace goshawk {

namespace {

/// As the kernel defines it (VER0); libc has no name for it.
struct SchedulingAttributes {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime_ns;
  uint64_t deadline_ns;
  uint64_t period_ns;
};

constexpr uint64_t long_slice_ns = 20'000'000;

/// Gives the slice of before; 0 where the kernel knows none, or refuses.
uint64_t change_slice(uint64_t slice_ns) {
  SchedulingAttributes now = {};
  if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) != 0 || now.policy != SCHED_OTHER) return 0;
  const uint64_t before = now.runtime_ns;
  now.size = sizeof now;
  now.runtime_ns = slice_ns;
  return syscall(SYS_sched_setattr, 0, &now, 0) == 0 ? before : 0;
}

}  // namespace

ComputeThread::ComputeThread() : slice_ns_(change_slice(long_slice_ns)) {}

ComputeThread::~ComputeThread() {
  if (slice_ns_ != 0) change_slice(slice_ns_);
}

}  // namespace goshawk
