#pragma once

#include <cstdint>

namespace goshawk {

/// The piece of processor time that the scheduler gives the calling thread at once, in nanoseconds; 0: this kernel does not
/// say (before Linux 6.12), or the thread is not an ordinary one. Of two threads the one with the shorter slice goes first
/// when it wakes; over time each still gets its full share.
uint64_t slice_ns();
/// `inherited`: by threads and processes that the calling thread starts. False where the kernel refuses.
bool set_slice_ns(uint64_t slice, bool inherited);

/// Puts the calling thread, and nothing that it starts, before threads of a higher niceness. False where the kernel refuses:
/// below the niceness of before it takes a privilege (root, CAP_SYS_NICE, or systemd's LimitNICE).
bool set_nice(int32_t nice);

}  // namespace goshawk
