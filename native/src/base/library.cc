#include "library.h"

#include <dlfcn.h>

#include "failure.h"

namespace goshawk {

Library::Library(const std::string &path) {
  handle_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle_ == nullptr) {
    const char *words = dlerror();
    throw Failure("native-library", words != nullptr ? words : "The library " + path + " does not load.");
  }
}

void *Library::find(const char *symbol) const { return handle_ == nullptr ? nullptr : dlsym(handle_, symbol); }

}  // namespace goshawk
