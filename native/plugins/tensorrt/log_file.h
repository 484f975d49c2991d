// What an engine says, in a file for whoever looks for a fault: a first contact with a board fails in words that stand
// nowhere else. Knows no NVIDIA header, so that it is tested where there is none.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <string>

namespace goshawk::tensorrt {

/// Lines "W text", appended; several processes may write to one file. Stops at its limit, once and for all: the first words are
/// those that count. Never fails: who can't write a log computes all the same.
class LogFile {
 public:
  explicit LogFile(size_t limit = size_t(16) << 20) : limit_(limit) {}
  ~LogFile() {
    if (file_ >= 0) ::close(file_);
  }
  LogFile(const LogFile &) = delete;
  LogFile &operator=(const LogFile &) = delete;

  void open(const char *path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (file_ >= 0) ::close(file_);
    file_ = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat known = {};
    written_ = file_ >= 0 && ::fstat(file_, &known) == 0 ? size_t(known.st_size) : 0;
  }

  void write(char severity, const char *text) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (file_ < 0 || written_ >= limit_) return;
    try {
      std::string line = {severity, ' '};
      for (; *text != '\0' && line.size() < most_; text++) line += *text == '\n' || *text == '\r' ? ' ' : *text;
      line += '\n';
      // In one piece, or another process's line would lie inside it.
      const ssize_t done = ::write(file_, line.data(), line.size());
      written_ += done > 0 ? size_t(done) : limit_;
    } catch (...) {
      // Out of memory: the line is lost.
    }
  }

 private:
  static constexpr size_t most_ = 4096;
  const size_t limit_;
  std::mutex mutex_;
  int file_ = -1;
  size_t written_ = 0;
};

}  // namespace goshawk::tensorrt
