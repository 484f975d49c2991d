// How many files this process has open: none may stay behind.
#pragma once

#include <dirent.h>

namespace goshawk::test {

inline int open_files() {
  int count = 0;
  DIR *folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) count += 1;
  ::closedir(folder);
  return count;
}

}  // namespace goshawk::test
