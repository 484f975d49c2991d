// Between JavaScript values and the core's structs. Misuse by our own TypeScript throws a TypeError in one sentence.
#pragma once

#include <napi.h>

#include "../base/failure.h"
#include "../core/detector.h"

namespace goshawk::bindings {

Napi::Error to_error(Napi::Env env, const std::string &code, const std::string &message);
inline Napi::Error to_error(Napi::Env env, const Failure &failure) {
  return to_error(env, failure.code(), failure.what());
}

/// Runs `body`; a Failure or any other C++ exception becomes a JavaScript error with a code.
template <typename Body>
auto guarded(Napi::Env env, Body &&body) -> decltype(body()) {
  try {
    return body();
  } catch (const Failure &failure) {
    throw to_error(env, failure);
  } catch (const Napi::Error &) {
    throw;
  } catch (const std::exception &error) {
    throw to_error(env, "native-internal", error.what());
  }
}

/// Throws a TypeError that says so.
[[noreturn]] void misuse(Napi::Env env, const std::string &key, const std::string &expected);
Napi::Value get(const Napi::Object &object, const char *key);
double get_number(const Napi::Object &object, const char *key);
int get_int(const Napi::Object &object, const char *key);
bool get_bool(const Napi::Object &object, const char *key);
std::string get_string(const Napi::Object &object, const char *key);
Napi::Object get_object(const Napi::Object &object, const char *key);
Options get_options(const Napi::Object &object, const char *key);
/// What stands for the text at `key`.
template <typename Enum>
Enum choose(const Napi::Object &object, const char *key,
            std::initializer_list<std::pair<const char *, Enum>> choices) {
  const std::string text = get_string(object, key);
  std::string known;
  for (const auto &[name, value] : choices) {
    if (text == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw Napi::TypeError::New(object.Env(), "\"" + std::string(key) + "\" is \"" + text + "\"; known are " + known + ".");
}

/// The bytes stay JavaScript's.
Image image_of(const Napi::Uint8Array &bytes, double width, double height, double step, Encoding encoding);
/// { data: Uint8Array, width, height, step, encoding }
Image to_image(const Napi::Object &object);
/// { width, height, layout, dtype, colorOrder, scale, mean, std, fit, pad }: the bundle's input contract.
InputSpec to_input(const Napi::Object &object);
/// { scoreThreshold, iouThreshold, maxDetections, maxCandidates, multiLabel, wanted? }
void to_settings(const Napi::Object &object, int class_count, FrameTask &task);

/// Counts beyond a million are a million.
uint32_t bounded_count(double value);
/// Throws a TypeError that names the value unless it is a Uint8Array.
Napi::Uint8Array bytes_of(const Napi::Value &value, const char *name);
/// thumbnail_bytes.
Napi::Uint8Array thumbnail_of(const Napi::Value &value);
/// One byte per class.
std::vector<uint8_t> wanted_classes(const Napi::Value &value, int class_count);

/// `head` and how many detections, numbers of points, masks, depth maps, rotated boxes, raw tensors, numbers of a vector and
/// characters of a text follow; `embedding`; six numbers per detection: class,
/// score, x1, y1, x2, y2; x, y and score of each point; centre, size and angle of each rotated box; the vector; the text; six per mask and depth map: x, y, width and height of a cell, columns,
/// rows; and as they are the bytes of the masks and, from the next whole number on, the float32 of the depths; then of each raw tensor its type, how many
/// sides it has, its sides, and its bytes up to the next whole number.
/// native/frame-call.ts reads it.
Napi::Float64Array from_found(Napi::Env env, const Found &found, std::initializer_list<double> head = {},
                              const std::vector<float> &embedding = {});

}  // namespace goshawk::bindings
