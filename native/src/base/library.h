#pragma once

#include <string>

namespace goshawk {

/// A shared library that stays loaded for the life of the process: engines leave threads and static state behind that
/// an unload would pull the code from under.
class Library {
 public:
  Library() = default;
  /// Throws Failure `native-library` with dlerror's own words.
  explicit Library(const std::string &path);

  /// Null where the library has no such symbol.
  void *find(const char *symbol) const;
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  void *handle_ = nullptr;
};

}  // namespace goshawk
