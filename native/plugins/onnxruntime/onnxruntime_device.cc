#include "onnxruntime_device.h"

#include <dlfcn.h>

#include "../error_words.h"
#include "../host_memory.h"
#include "../symbol.h"

namespace goshawk::onnxruntime {

using plugin::fail;
using plugin::option;

goshawk_status judge(const OrtApi *api, OrtStatus *status, goshawk_error *error) {
  if (status == nullptr) return GOSHAWK_OK;
  const std::string words = api->GetErrorMessage(status);
  goshawk_status code = GOSHAWK_FAILED;
  switch (api->GetErrorCode(status)) {
    case ORT_NO_SUCHFILE: code = GOSHAWK_NOT_FOUND; break;
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
    case ORT_NO_MODEL: code = GOSHAWK_CORRUPT; break;
    case ORT_NOT_IMPLEMENTED: code = GOSHAWK_UNSUPPORTED; break;
    case ORT_INVALID_ARGUMENT: code = GOSHAWK_INVALID; break;
    // There is no code for want of memory.
    default: code = plugin::status_of_words(words, GOSHAWK_FAILED); break;
  }
  api->ReleaseStatus(status);
  return fail(error, code, words);
}

namespace {

goshawk_status allocate(goshawk_device *, uint64_t bytes, goshawk_buffer *out, goshawk_error *error) {
  return plugin::allocate_on_host(bytes, out, error);
}

/// The newest version of the C API that this header and that library share; each only ever adds at the end.
const OrtApi *shared_api(const OrtApiBase *base) {
  constexpr uint32_t oldest = 14;
  for (uint32_t version = ORT_API_VERSION; version >= oldest; version--) {
    if (const OrtApi *api = base->GetApi(version)) return api;
  }
  return nullptr;
}

goshawk_status open_library(goshawk_device &device, const char *path, goshawk_error *error) {
  // Never closed: its thread pools and static state outlive every session.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char *words = dlerror();
    return fail(error, GOSHAWK_NOT_FOUND, words != nullptr ? words : "ONNX Runtime does not load.");
  }
  const OrtApiBase *(*get_base)() = nullptr;
  if (!plugin::find_symbol(library, get_base, "OrtGetApiBase")) {
    return fail(error, GOSHAWK_INCOMPATIBLE, std::string(path) + " has no symbol OrtGetApiBase: it is no ONNX Runtime.");
  }
  const OrtApiBase *base = get_base();
  device.version = base->GetVersionString();
  device.api = shared_api(base);
  if (device.api == nullptr) {
    return fail(error, GOSHAWK_INCOMPATIBLE, "ONNX Runtime " + device.version + " shares no API version with the header " +
                                                 std::to_string(ORT_API_VERSION) + " that the plugin was built with.");
  }
  device.description = "{\"engine\":\"onnxruntime\",\"device\":\"cpu\",\"version\":" +
                       goshawk::plugin::json_text(device.version) + "}";
  GOSHAWK_TRY(device.api, CreateEnv(ORT_LOGGING_LEVEL_ERROR, "goshawk", &device.env));
  GOSHAWK_TRY(device.api, CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &device.memory));
  return GOSHAWK_OK;
}

}  // namespace

const goshawk_memory_api memory_api = {sizeof(goshawk_memory_api), 0, allocate, plugin::release_on_host, nullptr, nullptr, nullptr,
                                       plugin::wrap_on_host, plugin::unwrap_on_host};

void device_close(goshawk_device *device) {
  if (device->memory != nullptr) device->api->ReleaseMemoryInfo(device->memory);
  if (device->env != nullptr) device->api->ReleaseEnv(device->env);
  delete device;
}

goshawk_status device_open(const goshawk_options *options, goshawk_device **out, goshawk_error *error) {
  auto device = new goshawk_device;
  const goshawk_status status = open_library(*device, option(options, "library", "libonnxruntime.so.1"), error);
  if (status != GOSHAWK_OK) {
    device_close(device);
    return status;
  }
  *out = device;
  return GOSHAWK_OK;
}

const char *device_describe(goshawk_device *device) { return device->description.c_str(); }

}  // namespace goshawk::onnxruntime
