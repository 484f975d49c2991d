#include <algorithm>

#include "../core/prompt_thread.h"
#include "convert.h"
#include "head_value.h"
#include "picture_value.h"
#include "pieces_value.h"
#include "registry.h"

namespace goshawk::bindings {

namespace {

const napi_type_tag detector_tag = {0x1d2c3b4a59687716, 0x8f9e0d1c2b3a4956};

struct DetectorHolder : Closable {
  std::shared_ptr<Detector> detector;
  std::shared_ptr<Registry> registry;
  int class_count = 0;

  ~DetectorHolder() override {
    registry->remove(this);
    shut_down();
  }
  void shut_down() override {
    if (detector != nullptr) detector->close();
    detector.reset();
  }
};

/// Creates contexts and runs them once: off the JavaScript thread.
class CreateWorker : public Napi::AsyncWorker {
 public:
  CreateWorker(Napi::Env env, std::shared_ptr<Engine> engine, DetectorSpec spec)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), engine_(std::move(engine)),
        spec_(std::move(spec)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    try {
      detector_ = std::make_shared<Detector>(engine_, spec_);
    } catch (const Failure &failure) {
      verdict_ = {failure.code(), failure.what()};
    } catch (const std::exception &error) {
      verdict_ = {"native-internal", error.what()};
    }
    engine_.reset();
  }

  void OnOK() override {
    const Napi::Env env = Env();
    if (!verdict_.ok()) {
      deferred_.Reject(to_error(env, verdict_.code, verdict_.message).Value());
      return;
    }
    auto *holder = new DetectorHolder;
    holder->detector = std::move(detector_);
    holder->class_count = spec_.head.class_count;
    holder->registry = Registry::of(env).shared_from_this();
    holder->registry->add(holder);
    auto external = Napi::External<DetectorHolder>::New(env, holder, [](Napi::Env, DetectorHolder *own) { delete own; });
    external.TypeTag(&detector_tag);
    deferred_.Resolve(external);
  }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Engine> engine_;
  DetectorSpec spec_;
  std::shared_ptr<Detector> detector_;
  Verdict verdict_;
};

/// Waits for what runs: off the JavaScript thread.
class CloseWorker : public Napi::AsyncWorker {
 public:
  CloseWorker(Napi::Env env, std::shared_ptr<Detector> detector)
      : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)), detector_(std::move(detector)) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    if (detector_ != nullptr) ended_ = detector_->close();
    detector_.reset();
  }
  void OnOK() override { deferred_.Resolve(Napi::Boolean::New(Env(), ended_)); }

 private:
  Napi::Promise::Deferred deferred_;
  std::shared_ptr<Detector> detector_;
  bool ended_ = true;
};

DetectorHolder &holder_of(const Napi::Value &value) {
  if (!value.IsExternal() || !value.As<Napi::External<DetectorHolder>>().CheckTypeTag(&detector_tag)) {
    throw Napi::TypeError::New(value.Env(), "The first argument must be a detector.");
  }
  return *value.As<Napi::External<DetectorHolder>>().Data();
}

}  // namespace

Napi::Value create_detector(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  const std::shared_ptr<Engine> engine = engine_of(info[0]);
  const Napi::Object options = info[1].As<Napi::Object>();
  DetectorSpec spec;
  const Napi::Object input = get_object(options, "input");
  spec.input = to_input(input);
  spec.input_tensor = get_string(input, "tensor");
  spec.constants = to_constants(input);
  spec.head = to_head(get_object(options, "head"), get_int(options, "classCount"), spec.input);
  if (options.Has("embeddingTensor")) spec.embedding_tensor = get_string(options, "embeddingTensor");
  spec.slots = get_int(options, "slots");
  spec.queue = get_int(options, "queue");
  spec.timeout = std::chrono::milliseconds(get_int(options, "timeoutMs"));
  // Longer than the longest step between which an engine looks whether it is to end.
  spec.give_up = std::max(spec.give_up, spec.timeout / 2);
  if (options.Has("giveUpMs")) spec.give_up = std::chrono::milliseconds(get_int(options, "giveUpMs"));
  spec.close_timeout = std::chrono::milliseconds(get_int(options, "closeTimeoutMs"));
  spec.device_preprocess = get_bool(options, "devicePreprocess");
  spec.warm_up = get_bool(options, "warmUp");
  if (options.Has("maxBatch")) spec.max_batch = get_int(options, "maxBatch");
  if (options.Has("maxWaitMs")) spec.max_wait = std::chrono::milliseconds(get_int(options, "maxWaitMs"));
  if (spec.max_batch < 1 || spec.max_batch > 16 || spec.max_wait.count() < 0) {
    throw Napi::TypeError::New(env, "\"maxBatch\" must be 1 to 16 and \"maxWaitMs\" not negative.");
  }
  if (spec.slots < 1 || spec.slots > 64 || spec.queue < 0 || spec.queue > 1024) {
    throw Napi::TypeError::New(env, "\"slots\" must be 1 to 64 and \"queue\" 0 to 1024.");
  }
  // Threads compute beside it from here on, and it hands them their frames.
  make_thread_prompt();
  auto *worker = new CreateWorker(env, engine, std::move(spec));
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

namespace {

/// Places in the array of one call; native/frame-call.ts writes it. Numbers in an array, because every name of a property
/// that is asked for is looked up among all strings of the engine, which costs more than the rest of the call.
enum Place { width, height, step, encoding, score, iou, most_detections, most_candidates, multi_label, place_count };

}  // namespace

/// (detector, pixels: Uint8Array, call: Float64Array, wanted?: Uint8Array, pieces or picture?: External, thumbnail?: Uint8Array): the promise of the result as a Float64Array.
/// The first number of the call becomes the frame's id.
Napi::Value detect(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    DetectorHolder &holder = holder_of(info[0]);
    if (holder.detector == nullptr) throw Failure("native-closed", "The detector is closed.");
    const Napi::Uint8Array pixels = bytes_of(info[1], "data");
    if (!info[2].IsTypedArray() || info[2].As<Napi::TypedArray>().TypedArrayType() != napi_float64_array ||
        info[2].As<Napi::TypedArray>().ElementLength() != place_count) {
      throw Napi::TypeError::New(env, "The third argument must be a Float64Array as native/frame-call.ts makes it.");
    }
    double *call = info[2].As<Napi::Float64Array>().Data();
    if (!(call[encoding] >= 0 && call[encoding] <= double(Encoding::jpeg))) {
      throw Napi::TypeError::New(env, "There is no such encoding.");
    }
    FrameTask task;
    task.image = image_of(pixels, call[width], call[height], call[step], Encoding(int(call[encoding])));
    task.score_threshold = call[score];
    task.iou_threshold = call[iou];
    task.max_detections = bounded_count(call[most_detections]);
    task.max_candidates = bounded_count(call[most_candidates]);
    task.multi_label = call[multi_label] != 0;
    if (!info[3].IsUndefined()) task.wanted = wanted_classes(info[3], holder.class_count);
    if (is_picture(info[4])) {
      task.picture = picture_of(info[4]);
    } else {
      task.pieces = pieces_of(info[4], task.image);
      task.image.pieces = task.pieces.get();
    }
    auto pending = std::make_unique<PendingFrame>(env);
    if (!info[5].IsUndefined()) {
      Napi::Uint8Array thumbnail = thumbnail_of(info[5]);
      task.thumbnail = thumbnail.Data();
      pending->thumbnail = Napi::Persistent(thumbnail.As<Napi::Object>());
    }
    pending->pixels = Napi::Persistent(pixels.As<Napi::Object>());
    const Napi::Promise promise = pending->promise.promise();
    PendingFrame *frame = pending.get();
    const uint64_t id = holder.detector->submit(
        std::move(task), [frame, registry = holder.registry](FrameResult &&result) {
          frame->result = std::move(result);
          registry->deliver(frame);
        });
    pending.release();
    holder.registry->begin(env);
    call[0] = double(id);
    return promise;
  });
}

Napi::Value cancel(const Napi::CallbackInfo &info) {
  DetectorHolder &holder = holder_of(info[0]);
  const double id = info[1].ToNumber().DoubleValue();
  const bool done = holder.detector != nullptr && id >= 0 && holder.detector->cancel(uint64_t(id));
  return Napi::Boolean::New(info.Env(), done);
}

Napi::Value close_detector(const Napi::CallbackInfo &info) {
  DetectorHolder &holder = holder_of(info[0]);
  auto *worker = new CloseWorker(info.Env(), std::move(holder.detector));
  holder.detector = nullptr;
  const Napi::Promise promise = worker->promise();
  worker->Queue();
  return promise;
}

Napi::Value stuck_slots(const Napi::CallbackInfo &info) {
  DetectorHolder &holder = holder_of(info[0]);
  return Napi::Number::New(info.Env(), holder.detector == nullptr ? 0 : holder.detector->stuck());
}

Napi::Value given_up_slots(const Napi::CallbackInfo &info) {
  DetectorHolder &holder = holder_of(info[0]);
  return Napi::Number::New(info.Env(), holder.detector == nullptr ? 0 : holder.detector->given_up());
}

}  // namespace goshawk::bindings
