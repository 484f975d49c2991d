#include "pipeline.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include <atomic>
#include <thread>

#include "device_capture.h"
#include "picture.h"

namespace goshawk::gstreamer {

namespace {

template <typename Type>
struct Unref {
  void operator()(Type *object) const { gst_object_unref(object); }
};
template <typename Type>
using Owned = std::unique_ptr<Type, Unref<Type>>;

/// What the streaming threads share; it outlives them, because the pipeline's state is NULL before it goes.
struct Shared {
  Shared(Options options, std::function<void()> notify)
      : options(std::move(options)), outbox(std::move(notify)), pool(this->options.blocks),
        capture(this->options.device_memories, this->options.most_held), tap([this] { outbox.notify(); }) {}

  const Options options;
  Outbox outbox;
  BlockPool pool;
  DeviceCapture capture;
  StreamTap tap;
  std::atomic<uint64_t> in_device_memory{0};
  std::atomic<uint64_t> copied{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> decode_errors{0};
  std::atomic<uint64_t> overrun{0};
  /// Of the one streaming thread of the appsink.
  uint64_t sequence = 0;
  bool told_size = false;
  bool told_layout = false;

  std::mutex mutex;
  bool stopping = false;
  GstBus *bus = nullptr;
};

/// A Jetson's surface of which enough are held. One that nobody can read ends the pipeline.
std::optional<Picture> copy_surface(GstBuffer *buffer, GstCaps *caps, Refusal refusal, Shared &shared) {
  if (refusal != Refusal::full) {
    const char *words = "its pictures lie in a memory of the board (NVMM) in a way that is not read here: block linear, or no surface";
    if (!std::exchange(shared.told_layout, true)) shared.outbox.put(Event{"error", "goshawk", 0, words});
    return std::nullopt;
  }
  const std::shared_ptr<DevicePicture> surface = shared.capture.take(buffer, caps, refusal, true);
  Picture picture;
  if (surface != nullptr) picture.lease = copy_picture(*surface, shared.pool);
  if (picture.lease == nullptr) return std::nullopt;
  picture.width = surface->width;
  picture.height = surface->height;
  picture.step = surface->width;
  return picture;
}

/// The decoder's own buffer, or a copy of it; nothing where there is no room for one.
std::optional<Picture> take_picture(GstBuffer *buffer, GstCaps *caps, GstVideoInfo &info, Shared &shared) {
  Refusal refusal = Refusal::none;
  Picture picture;
  picture.device = shared.capture.take(buffer, caps, refusal);
  if (picture.device != nullptr) {
    shared.in_device_memory.fetch_add(1);
    picture.width = picture.device->width;
    picture.height = picture.device->height;
    picture.step = picture.device->width;
    return picture;
  }
  if (refusal != Refusal::not_wanted) shared.copied.fetch_add(1);
  if (is_nvmm(caps)) return copy_surface(buffer, caps, refusal, shared);
  GstVideoFrame frame;
  if (!gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ)) return std::nullopt;
  std::optional<Picture> copy = copy_picture(frame, shared.pool);
  gst_video_frame_unmap(&frame);
  return copy;
}

GstFlowReturn on_sample(GstAppSink *sink, gpointer data) {
  Shared &shared = *static_cast<Shared *>(data);
  GstSample *sample = gst_app_sink_try_pull_sample(sink, 0);
  if (sample == nullptr) return GST_FLOW_OK;
  GstVideoInfo info;
  GstBuffer *buffer = gst_sample_get_buffer(sample);
  GstCaps *caps = gst_sample_get_caps(sample);
  GstFlowReturn result = GST_FLOW_OK;
  if (buffer != nullptr && caps != nullptr && video_info_of(caps, info)) {
    const uint64_t pixels = uint64_t(GST_VIDEO_INFO_WIDTH(&info)) * uint64_t(GST_VIDEO_INFO_HEIGHT(&info));
    if (GST_VIDEO_INFO_WIDTH(&info) < 2 || GST_VIDEO_INFO_HEIGHT(&info) < 2 || pixels > shared.options.max_pixels) {
      const std::string size =
          std::to_string(GST_VIDEO_INFO_WIDTH(&info)) + "x" + std::to_string(GST_VIDEO_INFO_HEIGHT(&info));
      if (!shared.told_size) shared.outbox.put(Event{"size", "", 0, size});
      shared.told_size = true;
      result = GST_FLOW_ERROR;
    } else {
      if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_CORRUPTED)) shared.decode_errors.fetch_add(1);
      std::optional<Picture> picture = take_picture(buffer, caps, info, shared);
      const uint64_t sequence = shared.sequence++;
      if (picture) {
        picture->sequence = sequence;
        if (GST_BUFFER_PTS_IS_VALID(buffer)) picture->time_ns = int64_t(GST_BUFFER_PTS(buffer));
        shared.outbox.put(std::move(*picture));
      } else {
        shared.overrun.fetch_add(1);
      }
    }
  }
  gst_sample_unref(sample);
  return result;
}

GstPadProbeReturn before_decoder(GstPad *pad, GstPadProbeInfo *info, gpointer data) {
  Shared &shared = *static_cast<Shared *>(data);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  shared.bytes.fetch_add(gst_buffer_get_size(buffer), std::memory_order_relaxed);
  if (shared.options.stream) {
    GstCaps *caps = gst_pad_get_current_caps(pad);
    shared.tap.feed(buffer, caps);
    if (caps != nullptr) gst_caps_unref(caps);
  }
  const bool skip = shared.options.key_frames_only && GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return skip ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

/// What is held of a Jetson's decoder is on top of what it needs itself.
void give_more_buffers(GstElement *element, const Shared &shared) {
  GParamSpec *extra = g_object_class_find_property(G_OBJECT_GET_CLASS(element), "num-extra-surfaces");
  if (shared.options.device_memories == 0 || extra == nullptr || !G_IS_PARAM_SPEC_UINT(extra)) return;
  const guint most = G_PARAM_SPEC_UINT(extra)->maximum;
  const guint wanted = shared.options.most_held + 1;
  g_object_set(element, "num-extra-surfaces", wanted < most ? wanted : most, nullptr);
}

void on_element(GstBin *, GstBin *, GstElement *element, gpointer data) {
  GstElementFactory *factory = gst_element_get_factory(element);
  if (factory == nullptr) return;
  const gchar *kind = gst_element_factory_get_metadata(factory, GST_ELEMENT_METADATA_KLASS);
  if (kind == nullptr || g_strrstr(kind, "Decoder") == nullptr) return;
  give_more_buffers(element, *static_cast<Shared *>(data));
  GstPad *pad = gst_element_get_static_pad(element, "sink");
  if (pad == nullptr) return;
  // A bin of decoders (decodebin) is one by its class too; its pad leads to the same bytes.
  if (!GST_IS_BIN(element)) gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, before_decoder, data, nullptr);
  gst_object_unref(pad);
}

/// Only pictures are asked for: a camera's sound costs the network and nobody hears it.
gboolean on_select_stream(GstElement *, guint, GstCaps *caps, gpointer) {
  const GstStructure *structure = gst_caps_get_size(caps) > 0 ? gst_caps_get_structure(caps, 0) : nullptr;
  const gchar *media = structure == nullptr ? nullptr : gst_structure_get_string(structure, "media");
  return media == nullptr || g_str_equal(media, "video");
}

bool has_all(const std::vector<std::string> &names) {
  for (const std::string &name : names) {
    GstElementFactory *factory = gst_element_factory_find(name.c_str());
    if (factory == nullptr) return false;
    gst_object_unref(factory);
  }
  return true;
}

Event error_event(GError *error, const gchar *debug) {
  Event event{"error", error == nullptr ? "" : g_quark_to_string(error->domain), error == nullptr ? 0 : error->code,
              error == nullptr ? "" : error->message};
  if (debug != nullptr) event.text += std::string("\n") + debug;
  return event;
}

/// The pipeline of the options, ready to play; null after an event that says why not.
Owned<GstElement> build(Shared &shared) {
  const Launch *chosen = nullptr;
  std::string missing;
  for (const Launch &launch : shared.options.launches) {
    if (has_all(launch.needs)) {
      chosen = &launch;
      break;
    }
    for (const std::string &name : launch.needs)
      if (!has_all({name})) missing = name;
  }
  if (chosen == nullptr) {
    shared.outbox.put(Event{"missing", "", 0, missing});
    return nullptr;
  }
  GError *error = nullptr;
  Owned<GstElement> pipeline(gst_parse_launch_full(chosen->text.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, &error));
  if (error != nullptr || !pipeline) {
    shared.outbox.put(error_event(error, nullptr));
    g_clear_error(&error);
    return nullptr;
  }
  if (!GST_IS_BIN(pipeline.get())) {
    shared.outbox.put(Event{"error", "goshawk", 0, "it is no pipeline"});
    return nullptr;
  }
  for (const Property &property : shared.options.properties) {
    GstElement *element = gst_bin_get_by_name(GST_BIN(pipeline.get()), property.element.c_str());
    if (element == nullptr) continue;
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property.name.c_str()) != nullptr)
      gst_util_set_object_arg(G_OBJECT(element), property.name.c_str(), property.value.c_str());
    if (g_signal_lookup("select-stream", G_OBJECT_TYPE(element)) != 0 &&
        g_signal_handler_find(element, G_SIGNAL_MATCH_FUNC, 0, 0, nullptr, (gpointer)on_select_stream, nullptr) == 0)
      g_signal_connect(element, "select-stream", G_CALLBACK(on_select_stream), nullptr);
    gst_object_unref(element);
  }
  Owned<GstElement> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  if (!sink || !GST_IS_APP_SINK(sink.get())) {
    shared.outbox.put(Event{"error", "goshawk", 0, "it has no appsink named out"});
    return nullptr;
  }
  GstPad *pad = gst_element_get_static_pad(sink.get(), "sink");
  shared.capture.offer_shared_memory(pad);
  gst_object_unref(pad);
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = on_sample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, &shared, nullptr);
  g_signal_connect(pipeline.get(), "deep-element-added", G_CALLBACK(on_element), &shared);
  // Elements that stand in the text were there before anybody listened.
  GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipeline.get()));
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(elements, &item) == GST_ITERATOR_OK) {
    on_element(nullptr, nullptr, GST_ELEMENT(g_value_get_object(&item)), &shared);
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(elements);
  return pipeline;
}

/// False when it is over.
bool handle(GstMessage *message, Shared &shared) {
  GError *error = nullptr;
  gchar *debug = nullptr;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error(message, &error, &debug);
      shared.outbox.put(error_event(error, debug));
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning(message, &error, &debug);
      if (error != nullptr && error->domain == GST_STREAM_ERROR) shared.decode_errors.fetch_add(1);
      break;
    case GST_MESSAGE_ELEMENT: {
      const GstStructure *structure = gst_message_get_structure(message);
      if (structure == nullptr || !gst_structure_has_name(structure, "missing-plugin")) return true;
      const gchar *name = gst_structure_get_string(structure, "name");
      shared.outbox.put(Event{"missing", "", 0, name == nullptr ? "" : name});
      return true;
    }
    case GST_MESSAGE_EOS:
      shared.outbox.put(Event{"ended", "", 0, ""});
      return false;
    default:
      return GST_MESSAGE_TYPE(message) != GST_MESSAGE_APPLICATION;
  }
  const bool goes_on = GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING;
  g_clear_error(&error);
  g_free(debug);
  return goes_on;
}

void play(Shared &shared) {
  GError *error = nullptr;
  static std::once_flag once;
  static bool ready = false;
  std::call_once(once, [&] { ready = gst_init_check(nullptr, nullptr, &error); });
  if (!ready) {
    shared.outbox.put(error_event(error, nullptr));
    g_clear_error(&error);
    return;
  }
  const Owned<GstElement> pipeline = build(shared);
  if (!pipeline) return;
  const Owned<GstBus> bus(gst_element_get_bus(pipeline.get()));
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    shared.bus = bus.get();
  }
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const auto wanted = GstMessageType(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING | GST_MESSAGE_ELEMENT | GST_MESSAGE_EOS |
                                     GST_MESSAGE_APPLICATION);
  for (bool goes_on = true; goes_on;) {
    {
      const std::lock_guard<std::mutex> lock(shared.mutex);
      if (shared.stopping) break;
    }
    GstMessage *message = gst_bus_timed_pop_filtered(bus.get(), GST_CLOCK_TIME_NONE, wanted);
    if (message == nullptr) continue;
    goes_on = handle(message, shared);
    gst_message_unref(message);
  }
  {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    shared.bus = nullptr;
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  shared.tap.close();
}

class ThreadedPipeline : public Pipeline {
 public:
  ThreadedPipeline(Options options, std::function<void()> notify)
      : shared_(std::make_shared<Shared>(std::move(options), std::move(notify))) {
    // Detached: an element that does not come back from a dead network must not hold the process.
    std::thread([shared = shared_] {
      play(*shared);
      shared->outbox.put(Event{"closed", "", 0, ""});
    }).detach();
  }
  ~ThreadedPipeline() override { stop(); }

  std::optional<Picture> take_picture() override { return shared_->outbox.take_picture(); }
  std::deque<Event> take_events() override { return shared_->outbox.take_events(); }
  std::deque<StreamPiece> take_stream() override { return shared_->tap.take(); }
  Counts counts() const override {
    return {shared_->bytes.load(),  shared_->decode_errors.load(), shared_->overrun.load(), shared_->in_device_memory.load(),
            shared_->copied.load(), shared_->capture.held()};
  }
  void stop() override {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->stopping = true;
    if (shared_->bus != nullptr) {
      gst_bus_post(shared_->bus, gst_message_new_application(nullptr, gst_structure_new_empty("goshawk-stop")));
    }
  }

 private:
  const std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<Pipeline> make_pipeline(Options options, std::function<void()> notify) {
  return std::make_unique<ThreadedPipeline>(std::move(options), std::move(notify));
}

std::string version() {
  guint major = 0, minor = 0, micro = 0, nano = 0;
  gst_version(&major, &minor, &micro, &nano);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(micro);
}

}  // namespace goshawk::gstreamer
