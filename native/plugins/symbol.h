// A function of a library that is opened at run time.
#pragma once

#include <dlfcn.h>

namespace goshawk::plugin {

/// False, and null, where the library has no such symbol.
template <typename Function>
bool find_symbol(void *library, Function *&function, const char *name) {
  function = reinterpret_cast<Function *>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace goshawk::plugin
