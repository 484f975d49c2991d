#include "crash_note.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "../base/failure.h"

namespace goshawk {

namespace {

constexpr int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr size_t signal_count = sizeof signals / sizeof signals[0];

struct sigaction previous[signal_count];
char note_path[4096];
std::atomic<bool> installed{false};

/// Which plugin a thread is inside of. A key and no thread_local: the first look at a thread_local of a library that was
/// loaded later may allocate, which a handler may not, and it looks on threads that know nothing of this library.
pthread_key_t mark;
const bool marks = [] { return pthread_key_create(&mark, nullptr) == 0; }();

const char *marked() { return marks ? static_cast<const char *>(pthread_getspecific(mark)) : nullptr; }

/// Only what is allowed in a signal handler: no allocation, no stdio.
void write_note(int signal, const char *plugin) {
  const int file = open(note_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return;
  char line[160];
  size_t length = 0;
  if (signal >= 10) line[length++] = char('0' + signal / 10);
  line[length++] = char('0' + signal % 10);
  line[length++] = ' ';
  const size_t name = strnlen(plugin, 100);
  std::memcpy(line + length, plugin, name);
  length += name;
  line[length++] = '\n';
  const ssize_t written = write(file, line, length);
  (void)written;
  close(file);
}

struct sigaction *previous_of(int signal) {
  for (size_t i = 0; i < signal_count; i++) {
    if (signals[i] == signal) return &previous[i];
  }
  return nullptr;
}

/// Whoever handled it before does so now, on what the kernel says of it, which is how V8 knows a trap of WebAssembly.
/// False where that was nobody.
bool hand_on(const struct sigaction &before, int signal, siginfo_t *info, void *context) {
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    if (before.sa_sigaction == nullptr) return false;
    before.sa_sigaction(signal, info, context);
    return true;
  }
  if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) return false;
  before.sa_handler(signal);
  return true;
}

void on_signal(int signal, siginfo_t *info, void *context) {
  const struct sigaction *before = previous_of(signal);
  const char *plugin = marked();
  if (plugin != nullptr) {
    write_note(signal, plugin);
  } else if (hand_on(*before, signal, info, context)) {
    // It may have been nothing to die of: this handler stays.
    return;
  }
  sigaction(signal, before, nullptr);
  // A fault happens again when this handler returns, with the kernel's own code and address. What was sent does not.
  if (info->si_code > 0) return;
  siginfo_t again = *info;
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), signal, &again) != 0) raise(signal);
}

}  // namespace

void note_crashes(const std::string &path) {
  if (path.size() >= sizeof note_path) throw Failure("native-invalid", "The path of the crash note is too long.");
  std::memcpy(note_path, path.c_str(), path.size() + 1);
  if (installed.exchange(true)) return;
  for (size_t i = 0; i < signal_count; i++) {
    // Known before the handler may run.
    sigaction(signals[i], nullptr, &previous[i]);
    struct sigaction action = {};
    action.sa_sigaction = on_signal;
    // The mask of before, which the handler of before relies on.
    action.sa_mask = previous[i].sa_mask;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(signals[i], &action, nullptr);
  }
}

InsidePlugin::InsidePlugin(const char *name) : before_(marked()) {
  if (marks) pthread_setspecific(mark, name);
}

InsidePlugin::~InsidePlugin() {
  if (marks) pthread_setspecific(mark, before_);
}

}  // namespace goshawk
