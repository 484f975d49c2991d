// The process that an engine runs in, seen from the agent's.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "../plugin_support.h"
#include "channel.h"
#include "gate.h"

namespace goshawk::isolated {

class EngineProcess {
 public:
  /// Starts `host`. Null, with the reason in `error`, where it does not start.
  static std::unique_ptr<EngineProcess> start(const char *host, goshawk_error *error);
  /// Asks it to end, and ends it where it does not within two seconds.
  ~EngineProcess();
  EngineProcess(const EngineProcess &) = delete;
  EngineProcess &operator=(const EngineProcess &) = delete;

  /// Sends, and waits for the answer. GOSHAWK_DEVICE_LOST where the process is gone. `limit_ms` >= 0: a process that has not
  /// answered by then is ended.
  goshawk_status ask(Request request, const Packer &packer, Packet &answer, goshawk_error *error, int file = -1,
                     int limit_ms = -1);
  /// Sends what has no answer.
  void tell(Request request, const Packer &packer);

  /// One frame through the gate. GOSHAWK_DEVICE_LOST where the process ended meanwhile. A process that does not answer within
  /// `kill_ms` after `cancelled` was set is ended.
  goshawk_status pass(Gate &gate, const std::atomic<bool> &cancelled, int kill_ms, std::string &message);
  void watch(Gate *gate);
  void forget(Gate *gate);

  pid_t pid() const { return pid_; }
  void kill();

 private:
  EngineProcess(pid_t pid, int socket);
  void wait_for_end();
  void kill_locked();
  std::string how_it_ended();

  const pid_t pid_;
  Channel channel_;
  std::mutex asking_;
  std::mutex mutex_;
  std::condition_variable ended_signal_;
  std::list<Gate *> gates_;
  std::string end_;
  std::atomic<bool> ended_{false};
  std::thread watcher_;
};

}  // namespace goshawk::isolated
