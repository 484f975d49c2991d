#pragma once

#include <string>

namespace goshawk {

/// From here on a deadly signal (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) inside an engine appends one line
/// "<signal> <plugin>\n" to the file before the process dies as it would have anyway. The next start reads who it was.
/// Call it on the JavaScript thread: faults there that no engine caused (V8 uses some itself) are not noted.
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
