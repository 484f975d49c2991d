// What every plugin needs to say "no" across the C line, and to read its options.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <string>
#include <vector>

#include "goshawk_engine.h"

namespace goshawk::plugin {

inline goshawk_status fail(goshawk_error *error, goshawk_status code, const std::string &message) {
  if (error != nullptr && error->struct_size >= offsetof(goshawk_error, message) + 2) {
    error->code = code;
    const size_t room = error->struct_size - offsetof(goshawk_error, message);
    std::snprintf(error->message, room, "%s", message.c_str());
  }
  return code;
}

/// Work that makes strings and reads files, in front of the C line that no exception may cross.
template <typename Work>
goshawk_status guarded(goshawk_error *error, Work &&work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc &) {
    return fail(error, GOSHAWK_OUT_OF_MEMORY, "There is no memory left.");
  } catch (const std::exception &problem) {
    return fail(error, GOSHAWK_FAILED, problem.what());
  }
}

/// False where the file can't be opened.
inline bool read_file(const char *path, std::vector<char> &bytes) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return false;
  bytes.assign(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
  return true;
}

inline const char *option(const goshawk_options *options, const char *key, const char *fallback) {
  if (options == nullptr) return fallback;
  for (uint32_t i = 0; i < options->count; i++) {
    if (std::strcmp(options->items[i].key, key) == 0) return options->items[i].value;
  }
  return fallback;
}

inline long option_number(const goshawk_options *options, const char *key, long fallback) {
  const char *text = option(options, key, nullptr);
  if (text == nullptr) return fallback;
  char *end = nullptr;
  const long value = std::strtol(text, &end, 10);
  return end != text && *end == '\0' ? value : fallback;
}

inline size_t dtype_bytes(goshawk_dtype dtype) {
  switch (dtype) {
    case GOSHAWK_FLOAT32:
    case GOSHAWK_INT32:
      return 4;
    case GOSHAWK_FLOAT16:
      return 2;
    case GOSHAWK_INT64:
      return 8;
    default:
      return 1;
  }
}

/// What a plugin's one function answers: its table to a host of the same ABI.
inline goshawk_status offer(const goshawk_plugin &table, uint32_t own_abi_major, uint32_t host_abi_major,
                            const goshawk_plugin **out, goshawk_error *error) {
  if (host_abi_major != own_abi_major) {
    return fail(error, GOSHAWK_INCOMPATIBLE, "The plugin speaks ABI " + std::to_string(own_abi_major) +
                                                 ", the host speaks " + std::to_string(host_abi_major) + ".");
  }
  *out = &table;
  return GOSHAWK_OK;
}

inline std::string json_text(const std::string &text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\u%04x", c);
      out += hex;
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace goshawk::plugin
