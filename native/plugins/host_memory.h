// Tensors in ordinary memory, for engines that compute on the CPU.
#pragma once

#include <cstdlib>
#include <string>

#include "plugin_support.h"

namespace goshawk::plugin {

inline goshawk_status allocate_on_host(uint64_t bytes, goshawk_buffer *out, goshawk_error *error) {
  void *memory = std::aligned_alloc(64, (size_t(bytes) + 63) / 64 * 64);
  if (memory == nullptr) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no memory for " + std::to_string(bytes) + " bytes.");
  }
  out->bytes = bytes;
  out->host = memory;
  return GOSHAWK_OK;
}

inline void release_on_host(goshawk_device *, goshawk_buffer *buffer) {
  std::free(buffer->host);
  buffer->host = nullptr;
}

inline goshawk_status wrap_on_host(goshawk_device *, void *host, uint64_t bytes, goshawk_buffer *out, goshawk_error *) {
  out->bytes = bytes;
  out->host = host;
  return GOSHAWK_OK;
}

inline void unwrap_on_host(goshawk_device *, goshawk_buffer *buffer) { buffer->host = nullptr; }

}  // namespace goshawk::plugin
