// Makes room in a writer's history without waiting for what another writer sends.
#pragma once

#include <chrono>
#include <mutex>
#include <thread>

#include "api.h"

namespace goshawk::dds {

/// False where the oldest message was not sent by then. To take it out of the line, Fast DDS waits for whatever its thread is
/// sending, by the deadline only where it was built for strict real time (2.14.4 and 3.1.2; 2.6 knows none). So the message is
/// removed when it has left the line, and the lock is let go meanwhile. One that is in line for seconds is tried again and
/// again, in vain (the network of a reader is gone): that one may not stop those for the others.
inline bool remove_oldest(rtps::WriterHistory &history, std::unique_lock<HistoryMutex> &lock,
                          std::chrono::steady_clock::time_point deadline) {
  constexpr std::chrono::microseconds pause{200};
  constexpr int64_t longest_in_line_ns = 3'000'000'000;
  rtps::CacheChange_t *oldest = nullptr;
  while (history.get_min_change(&oldest) && in_line(*oldest)) {
    rtps::Time_t now;
    rtps::Time_t::now(now);
    if (now.to_ns() - oldest->sourceTimestamp.to_ns() > longest_in_line_ns) break;
    lock.unlock();
    std::this_thread::sleep_for(pause);
    if (std::chrono::steady_clock::now() >= deadline || !lock.try_lock_until(deadline)) return false;
  }
  return history.remove_min_change();
}

}  // namespace goshawk::dds
