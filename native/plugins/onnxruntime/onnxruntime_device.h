#pragma once

#include <onnxruntime_c_api.h>

#include <string>

#include "../plugin_support.h"

struct goshawk_device {
  const OrtApi *api = nullptr;
  OrtEnv *env = nullptr;
  OrtMemoryInfo *memory = nullptr;
  std::string version;
  std::string description;
};

namespace goshawk::onnxruntime {

/// Takes the status over. GOSHAWK_OK for null, else the nearest status with ONNX Runtime's own words.
goshawk_status judge(const OrtApi *api, OrtStatus *status, goshawk_error *error);

// Every call that can fail: says why and returns.
#define GOSHAWK_TRY(api, call)                                                           \
  do {                                                                                   \
    const goshawk_status goshawk_try_status = goshawk::onnxruntime::judge((api), (api)->call, error);          \
    if (goshawk_try_status != GOSHAWK_OK) return goshawk_try_status;                     \
  } while (false)

extern const goshawk_memory_api memory_api;
goshawk_status device_open(const goshawk_options *, goshawk_device **out, goshawk_error *);
void device_close(goshawk_device *);
const char *device_describe(goshawk_device *);

}  // namespace goshawk::onnxruntime
