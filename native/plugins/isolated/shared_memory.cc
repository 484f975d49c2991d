#include "shared_memory.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace goshawk::isolated {

namespace {

/// Of Linux 6.3: nobody can run it. Older headers do not have it.
constexpr unsigned noexec_seal = 0x0008U;

int new_file() {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int file = ::memfd_create("goshawk-tensor", flags | noexec_seal);
  return file < 0 && errno == EINVAL ? ::memfd_create("goshawk-tensor", flags) : file;
}

}  // namespace

SharedMemory::~SharedMemory() {
  if (data_ != nullptr) ::munmap(data_, bytes_);
  if (file_ >= 0) ::close(file_);
}

bool SharedMemory::map() {
  // The pages are there before the first frame is.
  void *memory = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file_, 0);
  if (memory == MAP_FAILED) return false;
  data_ = memory;
  return true;
}

bool SharedMemory::create(size_t bytes) {
  bytes_ = bytes == 0 ? 1 : bytes;
  file_ = new_file();
  if (file_ < 0 || ::ftruncate(file_, off_t(bytes_)) != 0) return false;
  if (::fcntl(file_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return false;
  return map();
}

std::string SharedMemory::keep_secret() {
  ::madvise(data_, bytes_, MADV_DONTDUMP);
  return ::mlock(data_, bytes_) == 0 ? "" : std::strerror(errno);
}

bool SharedMemory::open(int file, size_t bytes) {
  file_ = file;
  bytes_ = bytes == 0 ? 1 : bytes;
  struct stat about = {};
  return file_ >= 0 && ::fstat(file_, &about) == 0 && size_t(about.st_size) >= bytes_ && map();
}

}  // namespace goshawk::isolated
