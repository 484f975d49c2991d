#include "tensorrt_library.h"

#include <dlfcn.h>

#include "../error_words.h"
#include "../symbol.h"
#include "cuda_driver.h"

namespace goshawk::tensorrt {

void Logger::log(Severity severity, const char *message) noexcept {
  constexpr char marks[] = "FEWIV";
  const auto rank = size_t(severity);
  file_.write(rank < sizeof marks - 1 ? marks[rank] : 'V', message);
  if (severity > Severity::kERROR) return;
  try {
    words_.say(message);
  } catch (...) {
    // Out of memory while saying what went wrong: the fallback words will do.
  }
}

goshawk_status Call::fail(goshawk_status code, const char *fallback, goshawk_error *error) const {
  const std::string said = words(fallback);
  const goshawk_status driver = driver_state();
  return plugin::fail(error, driver != GOSHAWK_OK ? driver : plugin::status_of_words(said, code), said);
}

std::string version_text(int32_t version) {
  // Until 9.x a digit and two pairs were packed as 1000 * major, from 10.0 on as 10000 * major.
  const int32_t unit = version >= 100000 ? 10000 : 1000;
  return std::to_string(version / unit) + "." + std::to_string(version % unit / 100) + "." +
         std::to_string(version % 100);
}

std::string header_version() {
  return std::to_string(NV_TENSORRT_MAJOR) + "." + std::to_string(NV_TENSORRT_MINOR) + "." +
         std::to_string(NV_TENSORRT_PATCH);
}

namespace {

void *open_library(const char *name, goshawk_error *error) {
  const std::string file = std::string(name) + ".so." + std::to_string(NV_TENSORRT_MAJOR);
  void *library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char *words = dlerror();
    plugin::fail(error, GOSHAWK_NOT_FOUND, words != nullptr ? words : file + " does not load.");
  }
  return library;
}

}  // namespace

goshawk_status Library::open(goshawk_error *error) {
  void *library = open_library("libnvinfer", error);
  if (library == nullptr) return GOSHAWK_NOT_FOUND;
  int32_t (*get_version)() = nullptr;
  const bool answers = plugin::find_symbol(library, get_version, "getInferLibVersion");
  plugin::find_symbol(library, create_builder, "createInferBuilder_INTERNAL");
  if (!plugin::find_symbol(library, create_runtime, "createInferRuntime_INTERNAL") || !answers) {
    return plugin::fail(error, GOSHAWK_INCOMPATIBLE, "libnvinfer lacks getInferLibVersion or createInferRuntime_INTERNAL.");
  }
  const int32_t own = get_version();
  version = version_text(own);
  const bool same_major = version.substr(0, version.find('.')) == std::to_string(NV_TENSORRT_MAJOR);
  if (!same_major || own < NV_TENSORRT_VERSION) {
    return plugin::fail(error, GOSHAWK_INCOMPATIBLE,
                        "TensorRT " + version + " is installed, but the plugin was compiled against " + header_version() +
                            "; compile it again on this device.");
  }
  return GOSHAWK_OK;
}

void *(*open_parser(goshawk_error *error))(void *, void *, int) {
  void *library = open_library("libnvonnxparser", error);
  if (library == nullptr) return nullptr;
  void *(*create)(void *, void *, int) = nullptr;
  if (!plugin::find_symbol(library, create, "createNvOnnxParser_INTERNAL"))
    plugin::fail(error, GOSHAWK_INCOMPATIBLE, "libnvonnxparser lacks createNvOnnxParser_INTERNAL.");
  return create;
}

}  // namespace goshawk::tensorrt
