#include "locked_process.h"

#include <cerrno>
#include <cstring>

#ifdef __linux__
#include <sys/mman.h>
#include <sys/resource.h>
#endif

namespace goshawk {

#ifdef __linux__

std::string lock_all_memory() {
  // What is reserved and never used, as CUDA does, costs nothing.
  return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? "" : std::strerror(errno);
}

std::string lock_process() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return std::strerror(errno);
  if (limit.rlim_cur != RLIM_INFINITY) {
    return "it may lock " + std::to_string(limit.rlim_cur) + " bytes, and has to be allowed all (LimitMEMLOCK=infinity)";
  }
  return lock_all_memory();
}

#else

std::string lock_all_memory() { return std::strerror(ENOSYS); }
std::string lock_process() { return std::strerror(ENOSYS); }

#endif

}  // namespace goshawk
