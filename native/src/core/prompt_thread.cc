#include "prompt_thread.h"

#include <cstdint>

#include "../base/slice.h"

namespace goshawk {

namespace {

/// Above what one turn of the event loop usually computes.
constexpr uint64_t prompt_slice_ns = 500'000;

/// The slice does not help who has just had its share: it waits for the scheduler's next tick, 4 ms on many kernels. With
/// ten times the weight of the threads that compute it has hardly ever had its share.
constexpr int32_t prompt_nice = -10;

}  // namespace

void make_thread_prompt() {
  const uint64_t now = slice_ns();
  if (now > prompt_slice_ns) set_slice_ns(prompt_slice_ns, false);
  // Where this is not allowed the slice must do.
  set_nice(prompt_nice);
}

}  // namespace goshawk
