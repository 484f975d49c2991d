#pragma once

namespace goshawk {

/// Tells the scheduler that the calling thread computes for long stretches and is in no hurry: it gets its full share of
/// the processor, in longer pieces, and a thread that wakes for a moment (JavaScript's) goes first. Without it that
/// thread waits a whole slice of every thread that computes. Linux 6.12 and newer; elsewhere nothing changes.
void become_compute_thread();

}  // namespace goshawk
