#include "prompt_thread.h"

#include <cstdint>

#include "slice.h"

namespace goshawk {

namespace {

/// Above what one turn of the event loop usually computes.
constexpr uint64_t prompt_slice_ns = 500'000;

}  // namespace

void make_thread_prompt() {
  const uint64_t now = slice_ns();
  if (now > prompt_slice_ns) set_slice_ns(prompt_slice_ns, false);
}

}  // namespace goshawk
