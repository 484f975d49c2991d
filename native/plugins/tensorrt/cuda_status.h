// What an error of CUDA's driver means. By number, so that it is tested where there is no cuda.h; cuda_driver.cc holds the
// numbers against their names.
#pragma once

#include "../goshawk_engine.h"

namespace goshawk::tensorrt {

inline goshawk_status status_of_cuda(int result) {
  switch (result) {
    case 0: return GOSHAWK_OK;
    case 2: return GOSHAWK_OUT_OF_MEMORY;
    case 100:  // NO_DEVICE
    case 101: return GOSHAWK_NOT_FOUND;  // INVALID_DEVICE
    case 209:  // NO_BINARY_FOR_GPU
    case 222:  // UNSUPPORTED_PTX_VERSION
    case 803: return GOSHAWK_INCOMPATIBLE;  // SYSTEM_DRIVER_MISMATCH
    // Opened anew it may be there again.
    case 46:   // DEVICE_UNAVAILABLE
    case 201:  // INVALID_CONTEXT
    case 709: return GOSHAWK_DEVICE_LOST;  // CONTEXT_IS_DESTROYED
    // Of most of these CUDA says that any further work returns the same error until the process is started again. After
    // the others the context is of no use, and it is the one that all of the process share.
    case 4:    // DEINITIALIZED
    case 214:  // ECC_UNCORRECTABLE
    case 220:  // NVLINK_UNCORRECTABLE
    case 226:  // CONTAINED
    case 700:  // ILLEGAL_ADDRESS
    case 702:  // LAUNCH_TIMEOUT
    case 710:  // ASSERT
    case 714:  // HARDWARE_STACK_ERROR
    case 715:  // ILLEGAL_INSTRUCTION
    case 716:  // MISALIGNED_ADDRESS
    case 717:  // INVALID_ADDRESS_SPACE
    case 718:  // INVALID_PC
    case 719:  // LAUNCH_FAILED
    case 721:  // TENSOR_MEMORY_LEAK
    case 810:  // MPS_CLIENT_TERMINATED
    case 911: return GOSHAWK_PROCESS_LOST;  // EXTERNAL_DEVICE
    default: return GOSHAWK_FAILED;
  }
}

}  // namespace goshawk::tensorrt
