// Segments of shared memory that processes left which were killed.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace goshawk::dds {

namespace left {

constexpr const char *folder = "/dev/shm";
/// Who makes a segment opens its lock's file and locks it then: between the two it is nobody's, for no longer than that.
constexpr time_t seconds_to_lock = 10;

/// `fastdds_<16 hexadecimal digits>_el`, and `fastrtps_...` of the versions before 2.14: the lock of a segment.
inline bool is_lock(std::string_view name) {
  constexpr std::string_view suffix = "_el";
  for (const std::string_view prefix : {"fastdds_", "fastrtps_"}) {
    if (name.size() != prefix.size() + 16 + suffix.size() || name.substr(0, prefix.size()) != prefix) continue;
    const std::string_view id = name.substr(prefix.size(), 16);
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return name.substr(prefix.size() + 16) == suffix && std::all_of(id.begin(), id.end(), is_digit);
  }
  return false;
}

/// Holds the lock, or -1: its process lives, it is another user's, or it is too young to tell.
inline int lock_of_nobody(const std::string &path) {
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return -1;
  struct stat file {};
  const bool ours = fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == geteuid();
  if (ours && time(nullptr) - file.st_mtime >= seconds_to_lock && flock(fd, LOCK_EX | LOCK_NB) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace left

/// A process that is killed leaves its segment, 64 MiB of memory with our sizes, and nothing takes it away: an agent that is
/// killed often would fill the machine's memory. What has no process any more is told by its lock, as `fastdds shm clean` tells
/// it. Never throws: what can't be removed stays.
inline void remove_left_segments() {
  std::error_code failed;
  std::vector<std::string> locks;
  for (std::filesystem::directory_iterator entry(left::folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (left::is_lock(entry->path().filename().native())) locks.push_back(entry->path().native());
  }
  for (const std::string &lock : locks) {
    const int held = left::lock_of_nobody(lock);
    if (held < 0) continue;
    unlink(lock.substr(0, lock.size() - 3).c_str());
    unlink(lock.c_str());
    close(held);
  }
}

}  // namespace goshawk::dds
