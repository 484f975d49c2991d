#include "cuda_driver.h"

#include <dlfcn.h>

namespace goshawk::tensorrt {

#define GOSHAWK_TEXT(name) #name
// Expanded first, so that the text is the versioned name.
#define GOSHAWK_SYMBOL(name) GOSHAWK_TEXT(name)

const Cuda &cuda() {
  static const Cuda table = [] {
    Cuda t;
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char *words = dlerror();
      t.problem = words != nullptr ? words : "libcuda.so.1 does not load";
      return t;
    }
#define X(name)                                                                       \
  t.name = reinterpret_cast<decltype(t.name)>(dlsym(library, GOSHAWK_SYMBOL(name)));  \
  if (t.name == nullptr && t.problem.empty()) {                                       \
    t.problem = std::string("libcuda.so.1 is too old: it has no ") + GOSHAWK_SYMBOL(name); \
  }
    GOSHAWK_CUDA_FUNCTIONS(X)
#undef X
    return t;
  }();
  return table;
}

goshawk_status judge(CUresult result, const char *what, goshawk_error *error) {
  if (result == CUDA_SUCCESS) return GOSHAWK_OK;
  const char *name = nullptr;
  const char *words = nullptr;
  cuda().cuGetErrorName(result, &name);
  cuda().cuGetErrorString(result, &words);
  goshawk_status code = GOSHAWK_FAILED;
  switch (result) {
    case CUDA_ERROR_OUT_OF_MEMORY: code = GOSHAWK_OUT_OF_MEMORY; break;
    case CUDA_ERROR_NO_DEVICE:
    case CUDA_ERROR_INVALID_DEVICE: code = GOSHAWK_NOT_FOUND; break;
    case CUDA_ERROR_NO_BINARY_FOR_GPU:
    case CUDA_ERROR_UNSUPPORTED_PTX_VERSION:
    case CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: code = GOSHAWK_INCOMPATIBLE; break;
    // After these the context is of no more use.
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_LAUNCH_FAILED:
    case CUDA_ERROR_LAUNCH_TIMEOUT:
    case CUDA_ERROR_ASSERT:
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_ECC_UNCORRECTABLE:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED:
    case CUDA_ERROR_DEVICE_UNAVAILABLE: code = GOSHAWK_DEVICE_LOST; break;
    default: break;
  }
  return plugin::fail(error, code, std::string(what) + ": " + (name != nullptr ? name : "CUDA error") + ", " +
                                       (words != nullptr ? words : "unknown"));
}

}  // namespace goshawk::tensorrt
