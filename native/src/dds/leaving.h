// Ends of writers that wait for readers: side by side, on threads of their own, and not on that of who closes them.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace goshawk::dds {

/// Of one thread. Each end takes a second at most.
class Leaving {
 public:
  /// `topic`: whose next writer has to wait; empty: nobody's.
  void start(std::string topic, const std::function<void()> &end) {
    forget([](const One &each) { return each.ended.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
    try {
      all_.push_back({std::move(topic), std::async(std::launch::async, end)});
    } catch (const std::system_error &) {
      // There is no thread for it.
      end();
    }
  }

  /// The last word on a topic comes before the first one of a new writer.
  void wait_for(const std::string &topic) {
    forget([&](const One &each) { return each.topic == topic; });
  }
  void wait_for_all() {
    forget([](const One &) { return true; });
  }

 private:
  struct One {
    std::string topic;
    std::future<void> ended;
  };

  template <typename Which>
  void forget(Which &&which) {
    const auto first = std::stable_partition(all_.begin(), all_.end(), [&](const One &each) { return !which(each); });
    for (auto each = first; each != all_.end(); ++each) each->ended.wait();
    all_.erase(first, all_.end());
  }

  std::vector<One> all_;
};

}  // namespace goshawk::dds
