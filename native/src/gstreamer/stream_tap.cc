#include "stream_tap.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <utility>

namespace goshawk::gstreamer {

namespace {

/// A JavaScript thread that hangs for seconds loses a part of the stream, and no memory.
constexpr size_t most_waiting = 32u << 20;

const char *parser_of(const std::string &media) {
  if (media == "video/x-h264") return "h264parse";
  if (media == "video/x-h265") return "h265parse";
  return nullptr;
}

bool is_there(const char *name) {
  GstElementFactory *factory = gst_element_factory_find(name);
  if (factory == nullptr) return false;
  gst_object_unref(factory);
  return true;
}

std::vector<uint8_t> bytes_of(GstBuffer *buffer) {
  std::vector<uint8_t> bytes(gst_buffer_get_size(buffer));
  bytes.resize(gst_buffer_extract(buffer, 0, bytes.data(), bytes.size()));
  return bytes;
}

}  // namespace

StreamTap::~StreamTap() { close(); }

void StreamTap::feed(GstBuffer *buffer, GstCaps *caps) {
  if (closed_ || broken_ || caps == nullptr || !GST_BUFFER_PTS_IS_VALID(buffer)) return;
  const std::string media = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  if (media != "image/jpeg" && parser_of(media) == nullptr) return;
  const bool keyframe = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (media == "image/jpeg") {
    put(StreamPiece{true, int64_t(GST_BUFFER_PTS(buffer)), bytes_of(buffer)});
    return;
  }
  bool dropped;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    dropped = full_;
  }
  // After a hole it begins as a new stream, with a keyframe.
  if (pipeline_ != nullptr && (media != media_ || (dropped && keyframe))) {
    close();
    closed_ = false;
    const std::lock_guard<std::mutex> lock(mutex_);
    full_ = waiting_ > most_waiting / 2;
  }
  if (pipeline_ == nullptr) {
    if (!keyframe) return;
    if (!open(media)) {
      broken_ = true;
      return;
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    begins_ns_ = int64_t(GST_BUFFER_PTS(buffer));
  }
  GstSample *sample = gst_sample_new(buffer, caps, nullptr, nullptr);
  gst_app_src_push_sample(GST_APP_SRC(source_), sample);
  gst_sample_unref(sample);
}

bool StreamTap::open(const std::string &media) {
  const char *parser = parser_of(media);
  if (parser == nullptr) return false;
  // Parameter sets stand in front of each keyframe: a clip may begin with any.
  const std::string text = std::string("appsrc name=in format=time max-bytes=0 ! ") + parser + " config-interval=-1 ! " +
                           media + ",stream-format=byte-stream,alignment=au ! mpegtsmux ! appsink name=stream sync=false";
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch_full(text.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_clear_error(&error);
  if (pipeline == nullptr) return false;
  GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "stream");
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = [](GstAppSink *from, gpointer data) { return on_sample(from, data); };
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, this, nullptr);
  gst_object_unref(sink);
  pipeline_ = pipeline;
  source_ = gst_bin_get_by_name(GST_BIN(pipeline), "in");
  media_ = media;
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  return true;
}

GstFlowReturn StreamTap::on_sample(void *sink, gpointer data) {
  StreamTap &tap = *static_cast<StreamTap *>(data);
  GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), 0);
  if (sample == nullptr) return GST_FLOW_OK;
  GstBuffer *buffer = gst_sample_get_buffer(sample);
  if (buffer != nullptr) tap.put(StreamPiece{false, -1, bytes_of(buffer)});
  gst_sample_unref(sample);
  return GST_FLOW_OK;
}

void StreamTap::put(StreamPiece piece) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (full_) return;
    if (waiting_ + piece.bytes.size() > most_waiting) {
      full_ = true;
      return;
    }
    if (!piece.jpeg) piece.time_ns = std::exchange(begins_ns_, -1);
    waiting_ += piece.bytes.size();
    pieces_.push_back(std::move(piece));
  }
  notify_();
}

std::deque<StreamPiece> StreamTap::take() {
  const std::lock_guard<std::mutex> lock(mutex_);
  waiting_ = 0;
  return std::exchange(pieces_, {});
}

void StreamTap::close() {
  closed_ = true;
  if (pipeline_ == nullptr) return;
  gst_element_set_state(pipeline_, GST_STATE_NULL);
  gst_object_unref(source_);
  gst_object_unref(pipeline_);
  source_ = nullptr;
  pipeline_ = nullptr;
}

std::string stream_problem() {
  if (!gst_init_check(nullptr, nullptr, nullptr)) return "gstreamer";
  for (const char *name : {"appsrc", "h264parse", "h265parse", "mpegtsmux"})
    if (!is_there(name)) return name;
  return "";
}

}  // namespace goshawk::gstreamer
