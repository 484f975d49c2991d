// Single stages, on the calling thread: for the comparison with the TypeScript reference, and for benchmarks.
#include "../preprocess/jpeg.h"
#include "../preprocess/thumbnail.h"
#include "convert.h"
#include "head_value.h"
#include "pieces_value.h"
#include "registry.h"

namespace goshawk::bindings {

/// (image, input, "best" | "scalar", destination: Uint8Array, keepPad) -> { left, top, width, height }
Napi::Value letterbox(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Image image = to_image(info[0].As<Napi::Object>());
    const std::shared_ptr<Pieces> pieces = pieces_of(info[0].As<Napi::Object>().Get("pieces"), image);
    image.pieces = pieces.get();
    const InputSpec input = to_input(info[1].As<Napi::Object>());
    const bool scalar = info[2].As<Napi::String>().Utf8Value() == "scalar";
    const bool keeps_pad = info[4].ToBoolean();
    Napi::Uint8Array out = info[3].As<Napi::Uint8Array>();
    if (out.ByteLength() != input.tensor_bytes() || reinterpret_cast<uintptr_t>(out.Data()) % 4 != 0) {
      throw Napi::TypeError::New(env, "The destination must have " + std::to_string(input.tensor_bytes()) +
                                          " bytes, aligned to 4.");
    }
    check_image(image);
    // Tables stay from call to call, as they do in a slot; the JavaScript thread is the only caller.
    thread_local std::unique_ptr<Letterbox> kept;
    thread_local InputSpec kept_input;
    thread_local bool kept_scalar = false, kept_pad = false;
    thread_local JpegDecoder jpeg;
    const bool same = kept != nullptr && kept_scalar == scalar && kept_pad == keeps_pad && kept_input.width == input.width &&
                      kept_input.height == input.height && kept_input.channels_last == input.channels_last &&
                      kept_input.dtype == input.dtype && kept_input.bgr == input.bgr && kept_input.grey == input.grey && kept_input.fit == input.fit &&
                      kept_input.pad == input.pad && std::equal(input.alpha, input.alpha + 3, kept_input.alpha) &&
                      std::equal(input.beta, input.beta + 3, kept_input.beta);
    if (!same) {
      kept = std::make_unique<Letterbox>(input, scalar ? Simd::scalar : Simd::best);
      if (keeps_pad) kept->keep_pad();
    }
    kept_input = input;
    kept_scalar = scalar;
    kept_pad = keeps_pad;
    Geometry geometry;
    if (image.encoding == Encoding::jpeg) {
      if (image.pieces != nullptr) image.pieces->gather();
      uint32_t width = 0, height = 0;
      jpeg.size(image, width, height);
      geometry = kept->run(jpeg.decode(image, input), width, height, out.Data());
    } else {
      geometry = kept->run(image, out.Data());
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("left", geometry.left);
    result.Set("top", geometry.top);
    result.Set("width", geometry.width);
    result.Set("height", geometry.height);
    result.Set("sourceWidth", geometry.source_width);
    result.Set("sourceHeight", geometry.source_height);
    return result;
  });
}

/// (image, destination: Uint8Array of zeros)
Napi::Value thumbnail(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Image image = to_image(info[0].As<Napi::Object>());
    const std::shared_ptr<Pieces> pieces = pieces_of(info[0].As<Napi::Object>().Get("pieces"), image);
    image.pieces = pieces.get();
    check_image(image);
    if (image.encoding == Encoding::jpeg) throw Failure("native-bad-frame", "The image is still compressed.");
    make_thumbnail(image, thumbnail_of(info[1]).Data());
    return env.Undefined();
  });
}

namespace {

/// The outputs of a network: { name, dims, data: Float32Array } each.
struct Outputs {
  std::vector<TensorShape> shapes;
  std::vector<const float *> data;
};

Outputs to_outputs(const Napi::Value &value) {
  Outputs outputs;
  const Napi::Array list = array_of(value, "outputs");
  for (uint32_t i = 0; i < list.Length(); i++) {
    const Napi::Object output = list.Get(i).As<Napi::Object>();
    TensorShape shape;
    shape.name = get_string(output, "name");
    double values = 1;
    const Napi::Array dims = array_of(get(output, "dims"), "dims");
    for (uint32_t d = 0; d < dims.Length(); d++) {
      shape.dims.push_back(dims.Get(d).ToNumber().Int64Value());
      values *= double(shape.dims.back());
    }
    const Napi::Value data = get(output, "data");
    if (!data.IsTypedArray() || data.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) {
      misuse(value.Env(), "data", "a Float32Array");
    }
    const size_t held = data.As<Napi::Float32Array>().ElementLength();
    if (values != double(held)) {
      throw Failure("native-model-output", "Output \"" + shape.name + "\" holds " + std::to_string(held) + " values.");
    }
    outputs.shapes.push_back(std::move(shape));
    outputs.data.push_back(data.As<Napi::Float32Array>().Data());
  }
  return outputs;
}

}  // namespace

/// (outputs: { name, dims, data }[], head, classCount, input, frame: { width, height }, settings)
/// -> the numbers of a result
Napi::Value postprocess(const Napi::CallbackInfo &info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const Outputs outputs = to_outputs(info[0]);
    const InputSpec input = to_input(info[3].As<Napi::Object>());
    const HeadSpec head = to_head(info[1].As<Napi::Object>(), info[2].ToNumber().Int32Value(), input);
    Postprocessor postprocessor(head, outputs.shapes);
    std::vector<const float *> data;
    for (const std::string &name : head.tensors()) data.push_back(outputs.data[index_of(outputs.shapes, name)]);
    const Napi::Object frame = info[4].As<Napi::Object>();
    FrameTask task;
    to_settings(info[5].As<Napi::Object>(), head.class_count, task);
    const Geometry geometry = letterbox_geometry(get_int(frame, "width"), get_int(frame, "height"), input);
    DetectOptions options;
    options.decode = {task.score_threshold, task.multi_label, task.wanted.empty() ? nullptr : task.wanted.data()};
    options.iou_threshold = task.iou_threshold;
    options.max_detections = task.max_detections;
    options.max_candidates = task.max_candidates;
    Found found;
    postprocessor.run(data.data(), geometry, options, found);
    return from_found(env, found, {double(found.candidates), double(found.invalid), 0, 0, 0, 0});
  });
}

}  // namespace goshawk::bindings
