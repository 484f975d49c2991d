#include "cuda_driver.h"

#include <dlfcn.h>

#include "../symbol.h"
#include "cuda_status.h"

namespace goshawk::tensorrt {

#define GOSHAWK_TEXT(name) #name
// Expanded first, so that the text is the versioned name.
#define GOSHAWK_SYMBOL(name) GOSHAWK_TEXT(name)

// cuda_status.h knows numbers only.
static_assert(CUDA_ERROR_OUT_OF_MEMORY == 2 && CUDA_ERROR_DEINITIALIZED == 4 && CUDA_ERROR_NO_DEVICE == 100 &&
              CUDA_ERROR_INVALID_DEVICE == 101 && CUDA_ERROR_INVALID_CONTEXT == 201 &&
              CUDA_ERROR_NO_BINARY_FOR_GPU == 209 && CUDA_ERROR_ECC_UNCORRECTABLE == 214 &&
              CUDA_ERROR_NVLINK_UNCORRECTABLE == 220 && CUDA_ERROR_UNSUPPORTED_PTX_VERSION == 222 &&
              CUDA_ERROR_ILLEGAL_ADDRESS == 700 && CUDA_ERROR_LAUNCH_TIMEOUT == 702 &&
              CUDA_ERROR_CONTEXT_IS_DESTROYED == 709 && CUDA_ERROR_ASSERT == 710 &&
              CUDA_ERROR_HARDWARE_STACK_ERROR == 714 && CUDA_ERROR_ILLEGAL_INSTRUCTION == 715 &&
              CUDA_ERROR_MISALIGNED_ADDRESS == 716 && CUDA_ERROR_INVALID_ADDRESS_SPACE == 717 &&
              CUDA_ERROR_INVALID_PC == 718 && CUDA_ERROR_LAUNCH_FAILED == 719 &&
              CUDA_ERROR_SYSTEM_DRIVER_MISMATCH == 803);

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
  if (!plugin::find_symbol(library, t.name, GOSHAWK_SYMBOL(name)) && t.problem.empty()) {        \
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
  return plugin::fail(error, status_of_cuda(result), std::string(what) + ": " + (name != nullptr ? name : "CUDA error") + ", " +
                                       (words != nullptr ? words : "unknown"));
}

goshawk_status driver_state() {
  size_t free = 0, total = 0;
  const goshawk_status status = status_of_cuda(cuda().cuMemGetInfo(&free, &total));
  // Only what stays: this call has reasons of its own to fail, and they are not what is asked for.
  return status == GOSHAWK_PROCESS_LOST || status == GOSHAWK_DEVICE_LOST ? status : GOSHAWK_OK;
}

}  // namespace goshawk::tensorrt
