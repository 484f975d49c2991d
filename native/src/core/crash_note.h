#pragma once

#include <string>

namespace goshawk {

/// From here on a deadly signal (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) on a thread that is inside an engine appends one
/// line "<signal> <plugin>\n" to the file before the process dies as it would have anyway. The next start reads who it was.
/// On any other thread the signal goes to whoever handled it before: V8 makes exceptions of some, and a fault of a library
/// that is no engine blames none. Neither does one on a thread that an engine started itself.
void note_crashes(const std::string &path);

/// While it lives, the calling thread is inside this plugin. `name` stays valid for ever, as a plugin's name does.
class InsidePlugin {
 public:
  explicit InsidePlugin(const char *name);
  ~InsidePlugin();
  InsidePlugin(const InsidePlugin &) = delete;
  InsidePlugin &operator=(const InsidePlugin &) = delete;

 private:
  const char *before_;
};

}  // namespace goshawk
