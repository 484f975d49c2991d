// The only file that registers names with JavaScript; their types stand in native/index.ts.
#include "../base/kept_memory.h"
#include "../core/crash_note.h"
#include "../core/service_notify.h"
#include "../preprocess/jpeg.h"
#include "../preprocess/letterbox.h"
#include "convert.h"
#include "registry.h"
#include "v4l2_binding.h"

namespace goshawk::bindings {

namespace {

Napi::Value features(const Napi::CallbackInfo &info) {
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("simd", simd_name());
  // "" where JPEG can be read.
  out.Set("jpegProblem", JpegDecoder::unavailable());
  out.Set("abi", std::to_string(GOSHAWK_ABI_MAJOR) + "." + std::to_string(GOSHAWK_ABI_MINOR));
  return out;
}

Napi::Value note_crashes_at(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    note_crashes(info[0].As<Napi::String>().Utf8Value());
    return info.Env().Undefined();
  });
}

Napi::Value notify(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    notify_service(info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::String>().Utf8Value());
    return info.Env().Undefined();
  });
}

/// For pictures that somebody else's addon allocates. 32 MiB is the most that glibc takes.
Napi::Value keep_pictures_memory(const Napi::CallbackInfo &info) {
  keep_freed_memory(32 << 20, 64 << 20);
  return info.Env().Undefined();
}

Napi::Value shut_down(const Napi::CallbackInfo &info) {
  Registry::of(info.Env()).shut_down();
  return info.Env().Undefined();
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const std::shared_ptr<Registry> registry = Registry::make(env);
  env.SetInstanceData(new std::shared_ptr<Registry>(registry));
  env.AddCleanupHook([registry] { registry->shut_down(); });
  const auto add = [&](const char *name, Napi::Value (*function)(const Napi::CallbackInfo &)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("features", features);
  add("shutDown", shut_down);
  add("noteCrashes", note_crashes_at);
  add("notify", notify);
  add("keepPicturesMemory", keep_pictures_memory);
  add("openEngine", open_engine);
  add("describeDevice", describe_device);
  add("describeEngine", describe_engine);
  add("closeEngine", close_engine);
  add("buildEngine", build_engine);
  add("createDetector", create_detector);
  add("detect", detect);
  add("cancel", cancel);
  add("closeDetector", close_detector);
  add("stuckSlots", stuck_slots);
  add("givenUpSlots", given_up_slots);
  add("letterbox", letterbox);
  add("thumbnail", thumbnail);
  add("convertPicture", convert_picture_value);
  add("convertPictureAside", convert_picture_aside);
  add("postprocess", postprocess);
  add("forbidDumps", forbid_dumps_value);
  add("secretBytes", secret_bytes);
  add("lockMemoryFile", lock_memory_file_value);
  add("lockProcess", lock_process_value);
  add("memoryFile", memory_file_value);
#ifdef __linux__
  define_v4l2(env, exports);
#endif
  return exports;
}

}  // namespace

}  // namespace goshawk::bindings

static Napi::Object Init(Napi::Env env, Napi::Object exports) { return goshawk::bindings::init(env, exports); }

NODE_API_MODULE(goshawk, Init)
