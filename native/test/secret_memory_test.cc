// What is kept off the disk: pages that are locked, files that nobody changes or runs, and a process without swap.
#include "../src/core/secret_memory.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "../plugins/isolated/shared_memory.h"
#include "../src/base/locked_process.h"
#include "check.h"

namespace goshawk::test {

namespace {

/// Under a sanitizer mlock does nothing, and says that it did: `node native/test/run.mjs none` looks at what is locked.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool locks = false;
#else
constexpr bool locks = true;
#endif

/// Of this process, in kB, as the kernel says it; -1 where it says nothing.
long locked_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.compare(0, 6, "VmLck:") == 0) return std::stol(line.substr(6));
  }
  return -1;
}

/// Whether the mapping with this address is locked (`lo`) or in no dump (`dd`). It may be a part of a larger one.
bool has_flags(const void *address, const char *wanted) {
  std::ifstream maps("/proc/self/smaps");
  bool found = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0;
    unsigned long end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2 && line.find('-') < 17) {
      const auto wanted_at = reinterpret_cast<unsigned long>(address);
      found = begin <= wanted_at && wanted_at < end;
    } else if (found && line.compare(0, 8, "VmFlags:") == 0) {
      return line.find(wanted) != std::string::npos;
    }
  }
  return false;
}

void files_are_locked() {
  const std::vector<char> bytes(300'000, 's');
  const int file = memory_file(bytes.data(), bytes.size());
  char other = 'x';
  CHECK(pwrite(file, &other, 1, 0) < 0 && errno == EPERM);
  CHECK(ftruncate(file, 0) != 0);
  // Before Linux 6.3 it could be made a program; never one that says something else.
  struct stat about = {};
  CHECK(fstat(file, &about) == 0);
  if ((about.st_mode & 0111) == 0) CHECK(fchmod(file, 0700) != 0);
  const long before = locked_kb();
  const SecretPages pages = lock_file(file);
  CHECK(pages.bytes == bytes.size());
  CHECK(std::memcmp(pages.data, bytes.data(), bytes.size()) == 0);
  if (locks && pages.lock_problem.empty() && before >= 0) {
    CHECK(locked_kb() >= before + 292);
    CHECK(has_flags(pages.data, " lo"));
    CHECK(has_flags(pages.data, " dd"));
  }
  let_go(pages);
  CHECK(before < 0 || locked_kb() == before);
  close(file);
}

void a_growing_file_is_locked_as_it_is() {
  const int file = memory_file(nullptr, 0);
  const SecretPages nothing = lock_file(file);
  CHECK(nothing.data == nullptr && nothing.bytes == 0 && nothing.lock_problem.empty());
  let_go(nothing);
  CHECK(write(file, "plan", 4) == 4);
  const SecretPages pages = lock_file(file);
  CHECK(pages.bytes == 4 && std::memcmp(pages.data, "plan", 4) == 0);
  let_go(pages);
  close(file);
  bool refused = false;
  try {
    lock_file(-1);
  } catch (const std::exception &) {
    refused = true;
  }
  CHECK(refused);
}

void shared_memory_is_locked() {
  const long before = locked_kb();
  {
    isolated::SharedMemory memory;
    CHECK(memory.create(200'000));
    const std::string problem = memory.keep_secret();
    if (locks && problem.empty() && before >= 0) {
      CHECK(locked_kb() >= before + 196);
      CHECK(has_flags(memory.data(), " lo"));
      CHECK(has_flags(memory.data(), " dd"));
    }
  }
  CHECK(before < 0 || locked_kb() == before);
}

/// What may not be locked is said. In a process of its own, and not as root, for whom there is no limit.
void shared_memory_says_that_it_is_not_locked() {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    const rlimit limit = {65'536, 65'536};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) _exit(1);
    if (geteuid() == 0 && setuid(65'534) != 0) _exit(2);
    isolated::SharedMemory small;
    isolated::SharedMemory large;
    if (!small.create(20'000) || !large.create(200'000)) _exit(3);
    if (!small.keep_secret().empty()) _exit(4);
    _exit(locks && large.keep_secret().empty() ? 5 : 0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

constexpr int not_tried = 77;

/// In a process of its own: it is for good.
void a_process_is_locked_or_refused() {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    rlimit limit = {65'536, 65'536};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) _exit(6);
    if (lock_process().find("LimitMEMLOCK") == std::string::npos) _exit(1);
    limit = {RLIM_INFINITY, RLIM_INFINITY};
    // For root alone, and in a container not always for it.
    const bool raised = setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
    if (raised && !lock_process().empty()) _exit(2);
    if (!raised && !lock_all_memory().empty()) _exit(not_tried);
    void *later = mmap(nullptr, 65'536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (later == MAP_FAILED) _exit(3);
    static_cast<char *>(later)[0] = 1;
    if (!locks) _exit(0);
    if (locked_kb() == 0) _exit(4);
    _exit(has_flags(later, " lo") ? 0 : 5);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  if (WEXITSTATUS(status) == not_tried) std::printf("secret memory: a locked process was not tried, it may not lock all\n");
  else CHECK(WEXITSTATUS(status) == 0);
}

}  // namespace

void secret_memory() {
  // What an emulator (RUNNER, see run.mjs) locks is its own, and what it tells of the kernel's limits is not ours.
  if (std::getenv("RUNNER") != nullptr) {
    std::printf("secret memory: not tried on an emulator\n");
    return;
  }
  // First: a process of one thread is copied.
  a_process_is_locked_or_refused();
  shared_memory_says_that_it_is_not_locked();
  files_are_locked();
  a_growing_file_is_locked_as_it_is();
  shared_memory_is_locked();
}

}  // namespace goshawk::test
