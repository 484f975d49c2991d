#include "fake_device.h"

#include <sstream>

namespace goshawk::reference {

using Clock = std::chrono::steady_clock;

namespace {

long number(const goshawk_options *options, const char *key, long fallback) {
  const char *given = std::getenv("GOSHAWK_REFERENCE_FAULTS");
  std::istringstream faults(given != nullptr ? given : "");
  const std::string start = std::string(key) + "=";
  for (std::string fault; std::getline(faults, fault, ',');) {
    if (fault.compare(0, start.size(), start) == 0) fallback = std::strtol(fault.c_str() + start.size(), nullptr, 10);
  }
  return plugin::option_number(options, key, fallback);
}

}  // namespace

Faults Faults::from(const goshawk_options *options) {
  Faults faults;
  faults.late_ms = number(options, "late_ms", 0);
  faults.reorder = number(options, "reorder", 0) != 0;
  faults.never_at = number(options, "never_at", 0);
  faults.hang_at = number(options, "hang_at", 0);
  faults.hang_ms = number(options, "hang_ms", faults.hang_ms);
  faults.hang_once = number(options, "hang_once", 0) != 0;
  faults.no_memory_at_allocation = number(options, "no_memory_at_allocation", 0);
  faults.no_memory_at_frame = number(options, "no_memory_at_frame", 0);
  faults.fail_from = number(options, "fail_from", 0);
  faults.lost_at = number(options, "lost_at", 0);
  faults.process_lost_at = number(options, "process_lost_at", 0);
  faults.build_ms = number(options, "build_ms", 0);
  faults.most_workspace = number(options, "most_workspace", faults.most_workspace);
  faults.null_engine = number(options, "null_engine", 0) != 0;
  faults.crash_at = number(options, "crash_at", 0);
  faults.fault_at = number(options, "fault_at", 0);
  faults.picture_memories = number(options, "picture_memories", faults.picture_memories);
  faults.no_import_at = number(options, "no_import_at", 0);
  faults.hang_letterbox_at = number(options, "hang_letterbox_at", 0);
  return faults;
}

std::atomic<bool> FakeDevice::process_lost{false};
std::atomic<bool> FakeDevice::let_go{false};

void FakeDevice::hang() const {
  const auto until = Clock::now() + std::chrono::milliseconds(faults.hang_ms);
  while (!let_go && Clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

FakeDevice::FakeDevice(const Faults &told) : faults(told), thread_([this] { loop(); }) {}

FakeDevice::~FakeDevice() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void FakeDevice::answer_after(std::chrono::milliseconds delay, const void *owner, Answer answer) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto at = Clock::now() + delay;
    auto place = entries_.end();
    while (place != entries_.begin() && std::prev(place)->at > at) --place;
    entries_.insert(place, Entry{at, owner, std::move(answer)});
  }
  changed_.notify_all();
}

void FakeDevice::cancel(const void *owner) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto it = entries_.begin(); it != entries_.end();) {
      auto next = std::next(it);
      if (it->owner == owner) {
        it->at = Clock::time_point::min();
        it->cancelled = true;
        entries_.splice(entries_.begin(), entries_, it);
      }
      it = next;
    }
  }
  changed_.notify_all();
}

void FakeDevice::drain(const void *owner) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] {
    if (answering_ == owner) return false;
    for (const Entry &entry : entries_) {
      if (entry.owner == owner) return false;
    }
    return true;
  });
}

bool FakeDevice::allocation_fails() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ++allocations_ == faults.no_memory_at_allocation;
}

long FakeDevice::next_frame() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return ++frames_;
}

void FakeDevice::loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!closing_) {
    if (entries_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto at = entries_.front().at;
    if (at > Clock::now()) {
      changed_.wait_until(lock, at);
      continue;
    }
    Entry entry = std::move(entries_.front());
    entries_.pop_front();
    answering_ = entry.owner;
    lock.unlock();
    entry.answer(entry.cancelled);
    lock.lock();
    answering_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace goshawk::reference
