// Encodings of cameras that the letterbox does not read: on the calling thread, or aside on one of the pool.
#include "../preprocess/convert.h"

#include <algorithm>

#include "convert.h"
#include "pieces_value.h"
#include "registry.h"

namespace goshawk::bindings {

namespace {

struct Conversion {
  RawPicture picture;
  uint8_t *out;
  size_t out_bytes;
};

/// (data: Uint8Array, width, height, step, encoding, destination: Uint8Array)
Conversion conversion_of(const Napi::CallbackInfo &info) {
  static constexpr const char *names[] = {
      "rgba8",          "bgra8",          "uyvy",           "nv21",           "mono16",       "mono16be",
      "bayer_rggb8",    "bayer_bggr8",    "bayer_gbrg8",    "bayer_grbg8",    "bayer_rggb16", "bayer_bggr16",
      "bayer_gbrg16",   "bayer_grbg16",   "bayer_rggb16be", "bayer_bggr16be", "bayer_gbrg16be",
      "bayer_grbg16be",
  };
  const std::string name = info[4].ToString().Utf8Value();
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) throw Napi::TypeError::New(info.Env(), "There is no encoding \"" + name + "\" to convert.");
  const Napi::Uint8Array bytes = bytes_of(info[0], "data");
  // Out-of-range values become sizes that are refused.
  const Image header = image_of(bytes, info[1].ToNumber(), info[2].ToNumber(), info[3].ToNumber(), Encoding::rgb8);
  Napi::Uint8Array out = bytes_of(info[5], "destination");
  return {{header.data, header.bytes, header.width, header.height, header.step, RawEncoding(found - names)},
          out.Data(),
          out.ByteLength()};
}

/// Puts a message in pieces together, and converts it: off the JavaScript thread.
class ConvertWorker : public Napi::AsyncWorker {
 public:
  ConvertWorker(Napi::Env env, const Conversion &work, std::shared_ptr<Pieces> pieces, const Napi::Value &from,
                const Napi::Value &to)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), work_(work), pieces_(std::move(pieces)),
        from_(Napi::Persistent(from.As<Napi::Object>())), to_(Napi::Persistent(to.As<Napi::Object>())) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      if (pieces_ != nullptr) pieces_->gather();
      convert_picture(work_.picture, work_.out, work_.out_bytes);
    } catch (const Failure &failure) {
      verdict_ = {failure.code(), failure.what()};
    } catch (const std::exception &error) {
      verdict_ = {"native-internal", error.what()};
    }
    pieces_.reset();
  }

  void OnOK() override {
    if (verdict_.ok()) deferred_.Resolve(Env().Undefined());
    else deferred_.Reject(to_error(Env(), verdict_.code, verdict_.message).Value());
  }

 private:
  Napi::Promise::Deferred deferred_;
  Conversion work_;
  std::shared_ptr<Pieces> pieces_;
  /// Both stay where they are until it is done.
  Napi::ObjectReference from_, to_;
  Verdict verdict_;
};

}  // namespace

Napi::Value convert_picture_value(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Conversion work = conversion_of(info);
    convert_picture(work.picture, work.out, work.out_bytes);
    return info.Env().Undefined();
  });
}

/// The same, and the pieces in which the data came, or undefined: a promise.
Napi::Value convert_picture_aside(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Conversion work = conversion_of(info);
    Image whole;
    whole.data = work.picture.data;
    whole.bytes = work.picture.bytes;
    auto *worker = new ConvertWorker(info.Env(), work, pieces_of(info[6], whole), info[0], info[5]);
    const Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  });
}

}  // namespace goshawk::bindings
