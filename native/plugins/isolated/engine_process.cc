#include "engine_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <vector>

extern char **environ;

namespace goshawk::isolated {

using plugin::fail;

namespace {

/// The socket's number in the engine's process.
constexpr int host_socket = 3;
constexpr int end_ms = 2000;

/// Tokens and passwords of the agent are no business of an engine.
std::vector<char *> environment() {
  std::vector<char *> kept;
  const std::string ours = "GOSHAWK_";
  const std::string tests = "GOSHAWK_REFERENCE_";
  for (char **variable = environ; *variable != nullptr; variable++) {
    const std::string text = *variable;
    if (text.compare(0, ours.size(), ours) == 0 && text.compare(0, tests.size(), tests) != 0) continue;
    kept.push_back(*variable);
  }
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

std::unique_ptr<EngineProcess> EngineProcess::start(const char *host, goshawk_error *error) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    fail(error, GOSHAWK_FAILED, std::string("There is no socket for the engine's process: ") + std::strerror(errno));
    return nullptr;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], host_socket);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // Node blocks and ignores signals that mean something to an engine.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  // A group of its own: a Ctrl-C at the terminal is the agent's to act on.
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  char *arguments[] = {const_cast<char *>(host), nullptr};
  pid_t pid = 0;
  const int problem = ::posix_spawn(&pid, host, &actions, &attributes, arguments, environment().data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (problem != 0) {
    ::close(ends[0]);
    fail(error, GOSHAWK_NOT_FOUND, std::string("The engine's process ") + host + " does not start: " + std::strerror(problem));
    return nullptr;
  }
  return std::unique_ptr<EngineProcess>(new EngineProcess(pid, ends[0]));
}

EngineProcess::EngineProcess(pid_t pid, int socket)
    : pid_(pid), channel_(socket), watcher_([this] { wait_for_end(); }) {}

EngineProcess::~EngineProcess() {
  channel_.send(uint32_t(Request::close_device), Packer());
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!ended_signal_.wait_for(lock, std::chrono::milliseconds(end_ms), [this] { return ended_.load(); })) kill_locked();
  }
  watcher_.join();
}

void EngineProcess::kill() {
  const std::lock_guard<std::mutex> lock(mutex_);
  kill_locked();
}

void EngineProcess::kill_locked() {
  // It is reaped under the same lock: before that nobody else can have its number.
  if (!ended_) ::kill(pid_, SIGKILL);
}

void EngineProcess::wait_for_end() {
  siginfo_t about = {};
  while (::waitid(P_PID, id_t(pid_), &about, WEXITED | WNOWAIT) != 0 && errno == EINTR) continue;
  const std::lock_guard<std::mutex> lock(mutex_);
  end_ = "The engine's process " + std::to_string(pid_) +
         (about.si_code == CLD_EXITED ? " ended with status " + std::to_string(about.si_status)
                                      : std::string(" was ended by ") + strsignal(about.si_status)) +
         ".";
  ended_ = true;
  int status = 0;
  ::waitpid(pid_, &status, 0);
  channel_.shut_down();
  for (Gate *gate : gates_) wake(gate->answered);
  ended_signal_.notify_all();
}

std::string EngineProcess::how_it_ended() {
  std::unique_lock<std::mutex> lock(mutex_);
  // Its socket closes a moment before the kernel says how it ended.
  ended_signal_.wait_for(lock, std::chrono::milliseconds(end_ms), [this] { return ended_.load(); });
  return ended_ ? end_ : "The engine's process " + std::to_string(pid_) + " does not answer.";
}

goshawk_status EngineProcess::ask(Request request, const Packer &packer, Packet &answer, goshawk_error *error, int file,
                                  int limit_ms) {
  const std::lock_guard<std::mutex> lock(asking_);
  auto outcome = Channel::Outcome::gone;
  if (!ended_ && channel_.send(uint32_t(request), packer, file)) outcome = channel_.receive(answer, limit_ms);
  if (outcome == Channel::Outcome::late) kill();
  if (outcome != Channel::Outcome::packet) return fail(error, GOSHAWK_DEVICE_LOST, how_it_ended());
  if (answer.file >= 0) ::close(answer.file);
  if (answer.kind == GOSHAWK_OK) return GOSHAWK_OK;
  Unpacker words(answer.bytes);
  // Another process may do what that one can't any more.
  const auto status = answer.kind == GOSHAWK_PROCESS_LOST ? GOSHAWK_DEVICE_LOST : goshawk_status(answer.kind);
  return fail(error, status, words.text());
}

void EngineProcess::tell(Request request, const Packer &packer) { channel_.send(uint32_t(request), packer); }

goshawk_status EngineProcess::pass(Gate &gate, const std::atomic<bool> &cancelled, int kill_ms, std::string &message) {
  using Clock = std::chrono::steady_clock;
  const uint32_t turn = ++gate.asked;
  wake(gate.asked);
  Clock::time_point deadline = Clock::time_point::max();
  for (uint32_t seen = gate.answered; seen != turn; seen = gate.answered) {
    if (ended_) {
      message = how_it_ended();
      return GOSHAWK_DEVICE_LOST;
    }
    int limit_ms = -1;
    if (cancelled) {
      const auto now = Clock::now();
      if (deadline == Clock::time_point::max()) deadline = now + std::chrono::milliseconds(kill_ms);
      if (now >= deadline) kill();
      limit_ms = 20;
    }
    // Whoever ends or cancels wakes it; a limit, because that may come just before the wait.
    wait_while(gate.answered, seen, limit_ms < 0 ? 1000 : limit_ms);
  }
  message = gate.words();
  const goshawk_status status = gate.status;
  if (status == GOSHAWK_PROCESS_LOST) return GOSHAWK_DEVICE_LOST;
  return status;
}

void EngineProcess::watch(Gate *gate) {
  const std::lock_guard<std::mutex> lock(mutex_);
  gates_.push_back(gate);
}

void EngineProcess::forget(Gate *gate) {
  const std::lock_guard<std::mutex> lock(mutex_);
  gates_.remove(gate);
}

}  // namespace goshawk::isolated
