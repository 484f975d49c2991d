// The CUDA driver API, opened at run time: nothing of CUDA is linked, so that where the driver is missing the plugin
// still loads and can say so.
#pragma once

#include <cuda.h>

#include <string>

#include "../plugin_support.h"

namespace goshawk::tensorrt {

/// Every function that is used. cuda.h maps some names to versioned ones (cuMemAlloc -> cuMemAlloc_v2), and so does this.
#define GOSHAWK_CUDA_FUNCTIONS(X)                                                                                  \
  X(cuInit) X(cuDriverGetVersion) X(cuGetErrorString) X(cuGetErrorName) X(cuDeviceGet) X(cuDeviceGetName)          \
  X(cuDeviceGetAttribute) X(cuDevicePrimaryCtxRetain) X(cuDevicePrimaryCtxRelease) X(cuDevicePrimaryCtxSetFlags)   \
  X(cuCtxPushCurrent) X(cuCtxPopCurrent) X(cuMemAlloc) X(cuMemFree) X(cuMemHostAlloc) X(cuMemFreeHost)             \
  X(cuMemHostGetDevicePointer) X(cuMemcpyHtoDAsync) X(cuMemcpyDtoHAsync) X(cuStreamCreate) X(cuStreamDestroy)      \
  X(cuStreamSynchronize) X(cuStreamBeginCapture) X(cuStreamEndCapture) X(cuGraphInstantiateWithFlags) X(cuGraphLaunch)      \
  X(cuGraphDestroy) X(cuGraphExecDestroy) X(cuModuleLoadData) X(cuModuleUnload) X(cuModuleGetFunction)             \
  X(cuLaunchKernel) X(cuMemGetInfo) X(cuMemcpyDtoDAsync)

struct Cuda {
#define X(name) decltype(&::name) name = nullptr;
  GOSHAWK_CUDA_FUNCTIONS(X)
#undef X
  std::string problem;
};

/// Loaded once. `problem` is "" or why there is no driver, in the loader's words.
const Cuda &cuda();

/// GOSHAWK_OK, or the nearest status with the driver's own name and words for the error.
goshawk_status judge(CUresult result, const char *what, goshawk_error *error);

/// GOSHAWK_OK, or what the driver says of the current context when it is asked for nothing in particular: an error that
/// stays is returned by every call.
goshawk_status driver_state();

/// The device's context is current on this thread while this lives.
class Current {
 public:
  explicit Current(CUcontext context) { ok_ = cuda().cuCtxPushCurrent(context) == CUDA_SUCCESS; }
  ~Current() {
    CUcontext before = nullptr;
    if (ok_) cuda().cuCtxPopCurrent(&before);
  }
  Current(const Current &) = delete;
  Current &operator=(const Current &) = delete;

 private:
  bool ok_ = false;
};

}  // namespace goshawk::tensorrt
