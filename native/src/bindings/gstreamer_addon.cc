// GStreamer for JavaScript: goshawk_gstreamer.node, an addon of its own so that goshawk.node needs no GStreamer. Types of
// what it exports stand in native/gstreamer.ts.
#include <napi.h>

#include "../gstreamer/pipeline.h"
#include "block_buffers.h"
#include "notifier.h"
#include "picture_value.h"

namespace goshawk::bindings {

namespace {

std::string text(const Napi::Object &object, const char *key) { return object.Get(key).ToString().Utf8Value(); }

const char *memory_name(DeviceMemory memory) {
  switch (memory) {
    case DeviceMemory::dmabuf: return "dmabuf";
    case DeviceMemory::memfd: return "memfd";
    case DeviceMemory::nvmm: return "nvmm";
  }
  return "";
}

gstreamer::Options to_options(const Napi::Object &object) {
  gstreamer::Options options;
  const Napi::Array launches = object.Get("launches").As<Napi::Array>();
  for (uint32_t i = 0; i < launches.Length(); i++) {
    const Napi::Object one = launches.Get(i).As<Napi::Object>();
    gstreamer::Launch launch;
    launch.text = text(one, "text");
    const Napi::Array needs = one.Get("needs").As<Napi::Array>();
    for (uint32_t j = 0; j < needs.Length(); j++) launch.needs.push_back(needs.Get(j).ToString().Utf8Value());
    options.launches.push_back(std::move(launch));
  }
  const Napi::Array properties = object.Get("properties").As<Napi::Array>();
  for (uint32_t i = 0; i < properties.Length(); i++) {
    const Napi::Object one = properties.Get(i).As<Napi::Object>();
    options.properties.push_back({text(one, "element"), text(one, "name"), text(one, "value")});
  }
  options.key_frames_only = object.Get("keyFramesOnly").ToBoolean();
  if (object.Has("deviceMemories")) options.device_memories = object.Get("deviceMemories").ToNumber().Uint32Value();
  if (object.Has("mostHeld")) options.most_held = object.Get("mostHeld").ToNumber().Uint32Value();
  if (object.Has("stream")) options.stream = object.Get("stream").ToBoolean();
  options.max_pixels = uint64_t(object.Get("maxPixels").ToNumber().DoubleValue());
  return options;
}

class GstPipeline : public Napi::ObjectWrap<GstPipeline> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "GstPipeline",
                       {InstanceMethod<&GstPipeline::take>("take"), InstanceMethod<&GstPipeline::release>("release"),
                        InstanceMethod<&GstPipeline::copy>("copy"),
                        InstanceMethod<&GstPipeline::counts>("counts"), InstanceMethod<&GstPipeline::stop>("stop"),
                        InstanceMethod<&GstPipeline::close>("close")});
  }
  explicit GstPipeline(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    gstreamer::Options options = to_options(info[0].As<Napi::Object>());
    notifier_ = std::make_shared<Notifier>(info.Env(), info[1].As<Napi::Function>(), "goshawk gstreamer", true);
    pipeline_ = gstreamer::make_pipeline(std::move(options), [notifier = notifier_] { notifier->notify(); });
  }
  ~GstPipeline() override { shut(); }

 private:
  Napi::Value take(const Napi::CallbackInfo &info) {
    const Napi::Env env = info.Env();
    notifier_->rearm();
    if (!pipeline_) return env.Null();
    Napi::Object out = Napi::Object::New(env);
    if (std::optional<gstreamer::Picture> picture = pipeline_->take_picture()) {
      out.Set("picture", picture_value(env, std::move(*picture)));
    }
    const std::deque<gstreamer::Event> events = pipeline_->take_events();
    Napi::Array list = Napi::Array::New(env, events.size());
    uint32_t index = 0;
    for (const gstreamer::Event &event : events) {
      Napi::Object item = Napi::Object::New(env);
      item.Set("kind", event.kind);
      item.Set("domain", event.domain);
      item.Set("code", event.code);
      item.Set("text", event.text);
      list.Set(index++, item);
    }
    out.Set("events", list);
    out.Set("stream", stream_value(env));
    return out;
  }

  Napi::Array stream_value(Napi::Env env) {
    const std::deque<gstreamer::StreamPiece> pieces = pipeline_->take_stream();
    Napi::Array list = Napi::Array::New(env, pieces.size());
    uint32_t index = 0;
    for (const gstreamer::StreamPiece &piece : pieces) {
      Napi::Object item = Napi::Object::New(env);
      item.Set("jpeg", piece.jpeg);
      if (piece.time_ns >= 0) item.Set("timeNs", Napi::BigInt::New(env, piece.time_ns));
      item.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, piece.bytes.data(), piece.bytes.size()));
      list.Set(index++, item);
    }
    return list;
  }

  Napi::Object picture_value(Napi::Env env, gstreamer::Picture picture) {
    const uint32_t id = next_id_++;
    Napi::Object value = Napi::Object::New(env);
    value.Set("id", double(id));
    if (picture.device != nullptr) {
      value.Set("device", picture_handle(env, picture.device));
      value.Set("memory", memory_name(picture.device->memory));
    } else {
      value.Set("bytes", bytes_of(env, *picture.lease));
    }
    value.Set("width", picture.width);
    value.Set("height", picture.height);
    value.Set("step", picture.step);
    value.Set("sequence", double(picture.sequence));
    if (picture.time_ns) value.Set("timeNs", Napi::BigInt::New(env, *picture.time_ns));
    held_.emplace(id, Held{std::move(picture.lease), std::move(picture.device)});
    return value;
  }

  Napi::Value bytes_of(Napi::Env env, const Lease &lease) {
    return Napi::Uint8Array::New(env, lease.size, buffers_.of(env, lease.block), 0);
  }

  /// (id): the pixels of a picture that stayed where it was, copied now; the same again until it is released. Null where that
  /// can't be.
  Napi::Value copy(const Napi::CallbackInfo &info) {
    const auto held = held_.find(info[0].ToNumber().Uint32Value());
    if (held == held_.end()) return info.Env().Null();
    auto &[lease, device] = held->second;
    if (lease == nullptr && device != nullptr) lease = gstreamer::copy_picture(*device, copies_);
    return lease == nullptr ? info.Env().Null() : bytes_of(info.Env(), *lease);
  }

  Napi::Value release(const Napi::CallbackInfo &info) {
    held_.erase(info[0].ToNumber().Uint32Value());
    return info.Env().Undefined();
  }

  Napi::Value counts(const Napi::CallbackInfo &info) {
    const gstreamer::Counts counts = pipeline_ ? pipeline_->counts() : last_;
    Napi::Object value = Napi::Object::New(info.Env());
    value.Set("bytes", double(counts.bytes));
    value.Set("decodeErrors", double(counts.decode_errors));
    value.Set("overrun", double(counts.overrun));
    value.Set("inDeviceMemory", double(counts.in_device_memory));
    value.Set("copied", double(counts.copied));
    value.Set("held", double(counts.held));
    return value;
  }

  Napi::Value stop(const Napi::CallbackInfo &info) {
    if (pipeline_) pipeline_->stop();
    return info.Env().Undefined();
  }

  /// Nothing is told after it. Pictures that are held stay good.
  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }

  void shut() {
    if (!pipeline_) return;
    last_ = pipeline_->counts();
    pipeline_.reset();
    notifier_->stop();
    buffers_.clear();
  }

  std::shared_ptr<Notifier> notifier_;
  std::unique_ptr<gstreamer::Pipeline> pipeline_;
  gstreamer::Counts last_;
  /// For pictures that the processor asks for; also after the end, because those that are held stay good.
  BlockPool copies_{6};
  BlockBuffers buffers_;
  struct Held {
    std::shared_ptr<Lease> lease;
    std::shared_ptr<DevicePicture> device;
  };
  std::map<uint32_t, Held> held_;
  uint32_t next_id_ = 1;
};

}  // namespace

}  // namespace goshawk::bindings

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("GstPipeline", goshawk::bindings::GstPipeline::define(env));
  exports.Set("version", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
                return Napi::String::New(info.Env(), goshawk::gstreamer::version());
              }));
  exports.Set("streamProblem", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
                return Napi::String::New(info.Env(), goshawk::gstreamer::stream_problem());
              }));
  exports.Set("surfaceProblem", Napi::Function::New(env, [](const Napi::CallbackInfo &info) -> Napi::Value {
                return Napi::String::New(info.Env(), goshawk::gstreamer::surface_problem());
              }));
  return exports;
}

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
