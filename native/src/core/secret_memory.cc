#include "secret_memory.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace goshawk {

namespace {

[[noreturn]] void fail(int number, const char *what) {
  throw std::system_error(number, std::generic_category(), what);
}

}  // namespace

#ifdef __linux__

void forbid_dumps() {
  const rlimit none = {0, 0};
  // May be forbidden, and is the lesser half: where a program takes dumps the limit is that program's to look at.
  setrlimit(RLIMIT_CORE, &none);
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) fail(errno, "PR_SET_DUMPABLE");
}

SecretPages secret_pages(size_t bytes) {
  const size_t page = size_t(sysconf(_SC_PAGESIZE));
  SecretPages pages;
  pages.bytes = bytes == 0 ? page : (bytes + page - 1) / page * page;
  void *memory = mmap(nullptr, pages.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail(errno, "memory for an encrypted model");
  pages.data = memory;
  madvise(memory, pages.bytes, MADV_DONTDUMP);
  if (mlock(memory, pages.bytes) != 0) pages.lock_problem = std::strerror(errno);
  return pages;
}

void forget(const SecretPages &pages) {
  explicit_bzero(pages.data, pages.bytes);
  munmap(pages.data, pages.bytes);
}

namespace {

[[noreturn]] void close_and_fail(int file, const char *what) {
  const int problem = errno;
  close(file);
  fail(problem, what);
}

// Of Linux 6.3; older headers do not have it.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

int new_memory_file() {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int file = memfd_create("goshawk-model", flags | MFD_NOEXEC_SEAL);
  return file < 0 && errno == EINVAL ? memfd_create("goshawk-model", flags) : file;
}

}  // namespace

int memory_file(const void *bytes, size_t count) {
  const int file = new_memory_file();
  if (file < 0) fail(errno, "memfd_create");
  const char *from = static_cast<const char *>(bytes);
  for (size_t done = 0; done < count;) {
    const ssize_t written = write(file, from + done, count - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) close_and_fail(file, "memory for an encrypted model");
    done += size_t(written);
  }
  constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (count > 0 && fcntl(file, F_ADD_SEALS, seals) != 0) close_and_fail(file, "F_ADD_SEALS");
  return file;
}

SecretPages lock_file(int file) {
  struct stat about = {};
  if (fstat(file, &about) != 0) fail(errno, "memory for an encrypted model");
  SecretPages pages;
  if (about.st_size == 0) return pages;
  pages.bytes = size_t(about.st_size);
  // Private and read alone: so a sealed file can be mapped on every kernel, and what is locked are the pages of the file.
  void *memory = mmap(nullptr, pages.bytes, PROT_READ, MAP_PRIVATE, file, 0);
  if (memory == MAP_FAILED) fail(errno, "memory for an encrypted model");
  pages.data = memory;
  madvise(memory, pages.bytes, MADV_DONTDUMP);
  if (mlock(memory, pages.bytes) != 0) pages.lock_problem = std::strerror(errno);
  return pages;
}

void let_go(const SecretPages &pages) {
  if (pages.data != nullptr) munmap(pages.data, pages.bytes);
}

#else

void forbid_dumps() { fail(ENOSYS, "PR_SET_DUMPABLE"); }
SecretPages secret_pages(size_t) { fail(ENOSYS, "memory for an encrypted model"); }
void forget(const SecretPages &) {}
int memory_file(const void *, size_t) { fail(ENOSYS, "memfd_create"); }
SecretPages lock_file(int) { fail(ENOSYS, "memfd_create"); }
void let_go(const SecretPages &) {}

#endif

}  // namespace goshawk
