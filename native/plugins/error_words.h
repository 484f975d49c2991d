// What an engine's words mean, where it gives no code with them. A code always goes first: see the callers.
#pragma once

#include <cctype>
#include <initializer_list>
#include <string>

#include "goshawk_engine.h"

namespace goshawk::plugin {

inline bool says_one_of(const std::string &words, std::initializer_list<const char *> parts) {
  std::string lower;
  for (const char c : words) lower += char(std::tolower(static_cast<unsigned char>(c)));
  for (const char *part : parts) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

/// A fault of the GPU that CUDA ends only with the process, in the words of its driver and of its runtime.
inline bool says_process_lost(const std::string &words) {
  return says_one_of(words, {"illegal memory access", "illegaladdress", "illegal_address",
                             "illegal instruction", "illegalinstruction", "illegal_instruction",
                             "misaligned address", "misalignedaddress", "misaligned_address",
                             "unspecified launch failure", "launchfailure", "error_launch_failed",
                             "launch timed out", "launchtimeout", "launch_timeout",
                             "device-side assert", "cudaerrorassert", "error_assert",
                             "hardware stack error", "hardwarestackerror", "hardware_stack_error",
                             "invalid program counter", "invalidpc", "invalid_pc",
                             "not supported on global/shared address space", "invalidaddressspace",
                             "invalid_address_space",
                             "uncorrectable ecc", "eccuncorrectable", "ecc_uncorrectable"});
}

inline bool says_no_memory(const std::string &words) {
  return says_one_of(words, {"out of memory", "outofmemory", "out_of_memory", "memoryallocation", "bad_alloc",
                             "failed to allocate", "cannot allocate memory", "insufficient memory", "not enough memory"});
}

/// `otherwise` where the words say neither.
inline goshawk_status status_of_words(const std::string &words, goshawk_status otherwise) {
  if (says_process_lost(words)) return GOSHAWK_PROCESS_LOST;
  return says_no_memory(words) ? GOSHAWK_OUT_OF_MEMORY : otherwise;
}

/// Words about a plan that would not be read.
inline goshawk_status status_of_plan(const std::string &words) {
  const bool of_another = says_one_of(words, {"version", "compute", "platform", "device"});
  return status_of_words(words, of_another ? GOSHAWK_INCOMPATIBLE : GOSHAWK_CORRUPT);
}

}  // namespace goshawk::plugin
