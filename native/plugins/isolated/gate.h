// How a frame crosses from one process to the other and back: two counters in shared memory and a futex. No byte of the
// frame is copied, and no system call is made but one to wake the other side.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>

namespace goshawk::isolated {

/// One per execution context. The agent's side asks and waits, the engine's side answers.
struct Gate {
  std::atomic<uint32_t> asked;
  std::atomic<uint32_t> answered;
  int32_t status;
  char message[1000];

  void say(int32_t code, const char *words) {
    status = code;
    std::strncpy(message, words != nullptr ? words : "", sizeof message - 1);
    message[sizeof message - 1] = '\0';
  }
  std::string words() const { return std::string(message, strnlen(message, sizeof message)); }
};
static_assert(std::atomic<uint32_t>::is_always_lock_free, "The counters are used by two processes.");

/// Returns when the word is not `seen`, was woken, or the time is over (`limit_ms` < 0: never). May return early.
inline void wait_while(std::atomic<uint32_t> &word, uint32_t seen, int limit_ms = -1) {
  timespec limit = {limit_ms / 1000, (limit_ms % 1000) * 1'000'000L};
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAIT, seen, limit_ms < 0 ? nullptr : &limit, nullptr, 0);
}

inline void wake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace goshawk::isolated
