// Who is blamed for a signal, and who gets it after the note: each case is a process of its own that dies, or does not.
#include "../src/core/crash_note.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <functional>
#include <iterator>
#include <pthread.h>
#include <string>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "check.h"

namespace goshawk::test {

namespace {

constexpr size_t page_size = 4096;
volatile char *page = nullptr;

std::string note_file() { return "/tmp/goshawk-native-test-" + std::to_string(getpid()) + ".crashes"; }

void fault() { page[7] = 1; }
void inside(const char *engine, const std::function<void()> &work) {
  const InsidePlugin mark(engine);
  work();
}
void on_a_thread(const std::function<void()> &work) { std::thread(work).join(); }
/// As another process does it, or a debugger: the kernel has found no fault.
void sent(int signal) { syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal); }

void handle(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(signal, &action, nullptr);
}

/// What V8 does with a trap of WebAssembly: it knows it by the kernel's code and address, and goes on.
void recover(int, siginfo_t *info, void *) {
  const bool kernels = info->si_code == SEGV_ACCERR && info->si_addr == const_cast<char *>(page) + 7;
  if (!kernels) _exit(90);
  mprotect(const_cast<char *>(page), page_size, PROT_READ | PROT_WRITE);
}

/// The last one in line: says what it saw by its exit status.
void tell(int, siginfo_t *info, void *) {
  const bool kernels = info->si_code == SEGV_ACCERR && info->si_addr == const_cast<char *>(page) + 7;
  _exit(kernels ? 40 : info->si_code == SI_TKILL ? 41 : 42);
}

struct End {
  /// Exit status, or minus the signal.
  int how = 0;
  std::string note;
};

End end_of(const std::function<void()> &work) {
  const std::string file = note_file();
  unlink(file.c_str());
  const pid_t child = fork();
  if (child == 0) {
    // Of the sanitizers, whose reports are not wanted here.
    for (const int each : {SIGSEGV, SIGABRT, SIGBUS}) signal(each, SIG_DFL);
    work();
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  std::ifstream stream(file);
  const std::string note{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  unlink(file.c_str());
  return {WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status), note};
}

void check(const char *what, const End &end, int how, const char *note) {
  if (end.how == how && end.note == note) return;
  std::fprintf(stderr, "%s: ended with %d and the note \"%s\"\n", what, end.how, end.note.c_str());
  std::exit(1);
}

}  // namespace

void crash_notes() {
  page = static_cast<char *>(mmap(nullptr, page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  CHECK(page != MAP_FAILED);
  const std::string file = note_file();
  const auto notes = [&file] { note_crashes(file); };

  check("a fault inside of an engine", end_of([&] { notes(); inside("tensorrt", fault); }), -SIGSEGV, "11 tensorrt\n");
  check("an abort inside of an engine", end_of([&] { notes(); inside("onnxruntime", [] { std::abort(); }); }), -SIGABRT,
        "6 onnxruntime\n");
  check("a signal that is sent to a thread inside of an engine",
        end_of([&] { notes(); inside("tensorrt", [] { sent(SIGBUS); }); }), -SIGBUS, "7 tensorrt\n");
  check("a fault on the engine's thread, between two frames", end_of([&] {
          notes();
          on_a_thread([] {
            inside("tensorrt", [] {});
            fault();
          });
        }),
        -SIGSEGV, "");
  check("a fault on another thread, while an engine works", end_of([&] {
          notes();
          inside("tensorrt", [] { on_a_thread(fault); });
        }),
        -SIGSEGV, "");
  check("a signal that is sent to another thread", end_of([&] {
          notes();
          inside("tensorrt", [] { on_a_thread([] { sent(SIGSEGV); }); });
        }),
        -SIGSEGV, "");
  check("the handler of before, after the note", end_of([&] {
          handle(SIGSEGV, tell);
          notes();
          inside("tensorrt", fault);
        }),
        40, "11 tensorrt\n");
  check("the handler of before, where nobody is blamed", end_of([&] {
          handle(SIGSEGV, tell);
          notes();
          on_a_thread(fault);
        }),
        40, "");
  check("the handler of before, for what was sent", end_of([&] {
          handle(SIGSEGV, tell);
          notes();
          inside("tensorrt", [] { sent(SIGSEGV); });
        }),
        41, "11 tensorrt\n");
  check("a fault that is no crash", end_of([&] {
          handle(SIGSEGV, recover);
          notes();
          fault();
          if (page[7] != 1) _exit(91);
        }),
        0, "");
  check("an engine that crashes after a fault that was no crash", end_of([&] {
          handle(SIGSEGV, recover);
          notes();
          fault();
          inside("tensorrt", [] { sent(SIGSEGV); });
        }),
        90, "11 tensorrt\n");
  munmap(const_cast<char *>(page), page_size);
  std::printf("crash notes: 11 processes\n");
}

}  // namespace goshawk::test
