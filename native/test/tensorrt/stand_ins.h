// What the test and its two stand-ins, for the driver and for TensorRT, say to each other.
#pragma once

#include <functional>

struct World {
  bool integrated = false;
  /// How much longer the GPU reads mapped memory than its own, microseconds a copy.
  int uncached_us = 0;
  /// What TensorRT reads is not captured.
  bool refuses_capture = false;
  int version = 0;
  int dla_cores = 0;
  /// Of the last build: the core, and flags of the builder and of the network, as bits.
  int built_for_dla = -1;
  unsigned builder_flags = 0;
  unsigned network_flags = 0;
  /// Where plans are read for.
  int read_for_dla = -1;

  int device_allocations = 0;
  int launches_of_graphs = 0;
  int contexts_with_memory = 0;
  int contexts_without_memory = 0;
  /// Where the last frame had its activations.
  void *activations = nullptr;
};

extern "C" {
World *goshawk_test_world();
/// Does it, or captures it; false where the stream is being captured and `capturable` is false.
bool goshawk_test_enqueue(void *stream, const std::function<void()> *work, bool capturable);
}
