// One launch instead of hundreds: what a frame puts into a stream, captured as a CUDA graph. Knows no NVIDIA header, so
// that its decisions are tested where there is no GPU.
#pragma once

#include <cstdint>

#include "../plugin_support.h"

namespace goshawk::tensorrt {

/// Some engines can't be captured (they synchronise, or use other streams): then every frame is enqueued plainly, and
/// nothing but speed is lost.
///
/// `Driver` has the types Stream, Graph, Executable and Result, whose 0 is success, and as static functions: begin(stream),
/// end(stream, graph), instantiate(executable, graph), launch(executable, stream), destroy(graph), destroy(executable).
template <typename Driver>
class FrameGraph {
 public:
  using Stream = typename Driver::Stream;

  /// `enqueue(error)` puts one frame into the stream; `judge(result, error)` words a failed launch.
  template <typename Enqueue, typename Judge>
  goshawk_status run(Stream stream, Enqueue &&enqueue, Judge &&judge, goshawk_error *error) {
    // Lazy work of the first run can't be captured.
    if (frames_++ == 1 && !failed_) capture(stream, enqueue);
    return captured() ? judge(Driver::launch(executable_, stream), error) : enqueue(error);
  }

  /// Something that the graph holds has changed: a shape, an address. It is captured anew with the frame after the next.
  void drop() {
    if (captured()) Driver::destroy(executable_);
    executable_ = nullptr;
    frames_ = 0;
  }

  bool captured() const { return executable_ != nullptr; }
  /// To capture it; since the last change.
  bool tried() const { return captured() || failed_; }

 private:
  template <typename Enqueue>
  void capture(Stream stream, Enqueue &&enqueue) {
    failed_ = true;
    if (Driver::begin(stream) != typename Driver::Result{}) return;
    goshawk_error ignored = {};
    const goshawk_status status = enqueue(&ignored);
    typename Driver::Graph graph = nullptr;
    // Ends the capture also where enqueueing failed, or the stream stays unusable.
    const bool ended = Driver::end(stream, &graph) == typename Driver::Result{} && graph != nullptr;
    if (status == GOSHAWK_OK && ended && Driver::instantiate(&executable_, graph) == typename Driver::Result{}) {
      failed_ = false;
    } else {
      executable_ = nullptr;
    }
    if (ended) Driver::destroy(graph);
  }

  typename Driver::Executable executable_ = nullptr;
  /// Since the last change.
  uint64_t frames_ = 0;
  bool failed_ = false;
};

}  // namespace goshawk::tensorrt
