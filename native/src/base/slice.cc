#include "slice.h"

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

/// SCHED_FLAG_RESET_ON_FORK
constexpr uint64_t reset_on_fork = 1;

bool read(SchedulingAttributes &into) {
  return syscall(SYS_sched_getattr, 0, &into, sizeof into, 0) == 0 && into.policy == SCHED_OTHER;
}

}  // namespace

uint64_t slice_ns() {
  SchedulingAttributes now = {};
  return read(now) ? now.runtime_ns : 0;
}

bool set_slice_ns(uint64_t slice, bool inherited) {
  SchedulingAttributes now = {};
  if (!read(now)) return false;
  now.size = sizeof now;
  now.runtime_ns = slice;
  // Whoever may not raise priorities may set this flag and not take it back: only a thread that never asks otherwise has it.
  if (!inherited) now.flags |= reset_on_fork;
  return syscall(SYS_sched_setattr, 0, &now, 0) == 0;
}

bool set_nice(int32_t nice) {
  SchedulingAttributes now = {};
  if (!read(now)) return false;
  if (now.nice <= nice) return true;
  now.size = sizeof now;
  now.nice = nice;
  now.flags |= reset_on_fork;
  return syscall(SYS_sched_setattr, 0, &now, 0) == 0;
}

}  // namespace goshawk
