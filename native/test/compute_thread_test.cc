// What the kernel says of a thread's slice: of one that computes, and of one that must be prompt. Kernels before 6.12 say 0 throughout.
#include "../src/base/compute_thread.h"
#include "../src/core/prompt_thread.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "check.h"

namespace goshawk::test {

namespace {

struct Attributes {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t slice_ns, deadline, period;
};

Attributes attributes() {
  Attributes now = {};
  syscall(SYS_sched_getattr, 0, &now, sizeof now, 0);
  return now;
}

}  // namespace

void compute_threads() {
  const Attributes before = attributes();
  {
    const ComputeThread computing;
    const Attributes now = attributes();
    CHECK(now.policy == before.policy && now.nice == before.nice);
    CHECK(now.slice_ns == 2 * before.slice_ns);
    // Threads of an engine that are started meanwhile inherit it.
    Attributes started = {};
    std::thread([&started] { started = attributes(); }).join();
    CHECK(started.slice_ns == now.slice_ns);
  }
  CHECK(attributes().slice_ns == before.slice_ns);
}

void prompt_threads() {
  const Attributes before = attributes();
  // A thread of its own: the mark can't be taken back.
  std::thread([&before] {
    make_thread_prompt();
    const Attributes now = attributes();
    // -10 where that is allowed.
    CHECK(now.policy == before.policy && now.nice == (setpriority(PRIO_PROCESS, 0, -10) == 0 ? -10 : before.nice));
    CHECK(now.slice_ns <= before.slice_ns && (before.slice_ns == 0 || now.slice_ns <= 500'000));
    Attributes started = {};
    std::thread([&started] { started = attributes(); }).join();
    // What it starts does not go first: the kernel puts a child of a negative niceness back to 0.
    CHECK(started.slice_ns == before.slice_ns && started.nice == (now.nice < 0 ? 0 : before.nice));
  }).join();
  CHECK(attributes().slice_ns == before.slice_ns);
}

}  // namespace goshawk::test
