// The compressed stream of a camera beside its pictures: what goes into the decoder, as an MPEG transport stream.
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace goshawk::gstreamer {

struct StreamPiece {
  /// A whole JPEG; otherwise bytes of the transport stream, cut anywhere.
  bool jpeg = false;
  /// Of the stream, nanoseconds: of a JPEG, or of the first picture of the transport stream that begins with this piece.
  int64_t time_ns = -1;
  std::vector<uint8_t> bytes;
};

class StreamTap {
 public:
  explicit StreamTap(std::function<void()> notify) : notify_(std::move(notify)) {}
  ~StreamTap();
  StreamTap(const StreamTap &) = delete;
  StreamTap &operator=(const StreamTap &) = delete;

  /// On the thread that feeds the decoder. What nobody takes in time is dropped, from one keyframe to the next.
  void feed(GstBuffer *buffer, GstCaps *caps);
  std::deque<StreamPiece> take();
  /// Nothing runs after it.
  void close();

 private:
  static GstFlowReturn on_sample(void *sink, gpointer data);
  bool open(const std::string &media);
  void put(StreamPiece piece);

  const std::function<void()> notify_;
  GstElement *pipeline_ = nullptr;
  GstElement *source_ = nullptr;
  std::string media_;
  bool closed_ = false;
  bool broken_ = false;

  std::mutex mutex_;
  std::deque<StreamPiece> pieces_;
  size_t waiting_ = 0;
  bool full_ = false;
  int64_t begins_ns_ = -1;
};

/// The element that is missing for it; "": none is.
std::string stream_problem();

}  // namespace goshawk::gstreamer
