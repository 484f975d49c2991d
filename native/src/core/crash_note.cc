#include "crash_note.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
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
pthread_t javascript_thread;
std::atomic<bool> installed{false};

thread_local const char *current_plugin = nullptr;
/// For threads that a plugin started itself: the plugin that was entered last is the best guess.
std::atomic<const char *> last_plugin{nullptr};

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

void on_signal(int signal, siginfo_t *, void *) {
  const char *plugin = current_plugin;
  if (plugin == nullptr && !pthread_equal(pthread_self(), javascript_thread)) plugin = last_plugin.load();
  if (plugin != nullptr) write_note(signal, plugin);
  for (size_t i = 0; i < signal_count; i++) {
    if (signals[i] == signal) sigaction(signal, &previous[i], nullptr);
  }
  // Delivered as soon as this handler returns, to whoever handled it before.
  raise(signal);
}

}  // namespace

void note_crashes(const std::string &path) {
  if (path.size() >= sizeof note_path) throw Failure("native-invalid", "The path of the crash note is too long.");
  std::memcpy(note_path, path.c_str(), path.size() + 1);
  if (installed.exchange(true)) return;
  javascript_thread = pthread_self();
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < signal_count; i++) sigaction(signals[i], &action, &previous[i]);
}

InsidePlugin::InsidePlugin(const char *name) : before_(current_plugin) {
  current_plugin = name;
  last_plugin.store(name, std::memory_order_relaxed);
}

InsidePlugin::~InsidePlugin() { current_plugin = before_; }

}  // namespace goshawk
