// TensorRT, opened at run time and compared with the header before the first virtual call: a header and a library of
// two major versions answer each other with plausible garbage instead of failing.
#pragma once

#include <NvInfer.h>

#include <string>

#include "../plugin_support.h"
#include "last_words.h"
#include "log_file.h"

namespace goshawk::tensorrt {

/// TensorRT tells why something failed only here.
class Logger final : public nvinfer1::ILogger {
 public:
  void log(Severity severity, const char *message) noexcept override;
  /// All that is said from here on, of every severity, is added to this file as well.
  void keep(const char *path) { file_.open(path); }
  /// A line of the plugin's own.
  void note(const std::string &text) noexcept { file_.write('G', text.c_str()); }

 private:
  friend class Call;
  LastWords words_;
  LogFile file_;
};

/// One call of TensorRT, and why it failed.
class Call {
 public:
  explicit Call(Logger &logger) : call_(logger.words_) {}
  std::string words(const char *fallback) const { return call_.words(fallback); }
  /// Fails with what was said: with what the driver says of itself, else with what the words mean, else with `code`. The
  /// device's context is current.
  goshawk_status fail(goshawk_status code, const char *fallback, goshawk_error *error) const;

 private:
  LastWords::Call call_;
};

struct Library {
  /// Of the library itself, e.g. "10.3.0".
  std::string version;
  void *(*create_runtime)(void *logger, int32_t version) = nullptr;
  void *(*create_builder)(void *logger, int32_t version) = nullptr;

  /// GOSHAWK_NOT_FOUND with the loader's words, or GOSHAWK_INCOMPATIBLE with both versions.
  goshawk_status open(goshawk_error *error);
};

/// "8.6.1": of the header.
std::string header_version();
std::string version_text(int32_t version);
/// The ONNX parser's factory, opened only for a build; null with a reason in `error`.
void *(*open_parser(goshawk_error *error))(void *network, void *logger, int version);

}  // namespace goshawk::tensorrt
