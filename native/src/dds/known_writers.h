// Who writes on which topic, or reads there, as discovery tells it. Everybody in the domain can announce as much as they like.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "announced.h"

namespace goshawk::dds {

/// A participant that announces too many writers loses its own, and nobody else's: each may have `of_one`, and where all of them
/// together have more than `of_all` it is the one with the most that gives one up. Thread-safe.
class KnownWriters {
 public:
  struct Limits {
    /// Many nodes may share a participant: 100 nodes have some 1000 writers.
    size_t of_one = 2048;
    size_t of_all = 8192;
  };
  static constexpr size_t most_name = 512;
  static constexpr size_t most_user_data = 1024;

  KnownWriters() : KnownWriters(Limits()) {}
  explicit KnownWriters(Limits limits) : limits_(limits) {}

  /// Also one that is known already.
  void put(const std::string &topic, Announced writer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tally_.heard += 1;
    if (writer.user_data.size() > most_user_data) writer.user_data.resize(most_user_data);
    const bool fits = topic.size() <= most_name && writer.type.size() <= most_name;
    const Guid guid = writer.guid;
    const auto known = writers_.find(guid);
    if (fits && known != writers_.end() && known->second.topic == topic) {
      known->second.announced = std::move(writer);
      return;
    }
    forget(guid);
    if (!fits || !has_room(owner_of(guid))) {
      tally_.dropped += 1;
      return;
    }
    counts_[owner_of(guid)] += 1;
    Writers &of_owner = topics_[topic][owner_of(guid)];
    if (of_owner.guids.empty()) of_owner.since = arrivals_ += 1;
    of_owner.guids.insert(guid);
    writers_[guid] = {topic, std::move(writer)};
  }

  void remove(const Guid &guid) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tally_.heard += 1;
    forget(guid);
  }

  /// `most` at most; of each participant one, before a second one of any, and of those first that were here first: a stranger
  /// chooses its guid, and not when the others came. Looks at none of another topic.
  std::vector<Announced> of(const std::string &topic, size_t most) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<Announced> found;
    const auto owners = topics_.find(topic);
    if (owners == topics_.end()) return found;
    std::vector<const Writers *> rows;
    for (const auto &[owner, of_owner] : owners->second) rows.push_back(&of_owner);
    std::sort(rows.begin(), rows.end(), [](const Writers *one, const Writers *other) { return one->since < other->since; });
    rows.resize(std::min(rows.size(), most));
    std::vector<std::set<Guid>::const_iterator> next;
    for (const Writers *row : rows) next.push_back(row->guids.begin());
    for (bool more = true; more;) {
      more = false;
      for (size_t row = 0; row < rows.size(); row += 1) {
        if (next[row] == rows[row]->guids.end() || found.size() == most) continue;
        found.push_back(writers_.at(*next[row]++).announced);
        more = true;
      }
    }
    return found;
  }

  Announcements tally() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tally_;
  }

 private:
  /// The first octets of a guid are those of its participant.
  using Owner = std::array<uint8_t, 12>;
  struct Writer {
    std::string topic;
    Announced announced;
  };
  /// Of one participant on one topic.
  struct Writers {
    uint64_t since = 0;
    std::set<Guid> guids;
  };

  static Owner owner_of(const Guid &guid) {
    Owner owner;
    std::copy(guid.begin(), guid.begin() + owner.size(), owner.begin());
    return owner;
  }

  bool has_room(const Owner &owner) {
    const auto known = counts_.find(owner);
    const size_t count = known == counts_.end() ? 0 : known->second;
    if (count >= limits_.of_one) return false;
    if (writers_.size() < limits_.of_all) return true;
    const auto largest = std::max_element(counts_.begin(), counts_.end(),
                                          [](const auto &one, const auto &other) { return one.second < other.second; });
    if (largest == counts_.end() || largest->second <= count + 1) return false;
    give_up_one(largest->first);
    return true;
  }

  void give_up_one(const Owner &owner) {
    Guid last;
    last.fill(0xff);
    std::copy(owner.begin(), owner.end(), last.begin());
    // Those of one participant lie side by side.
    const Guid given_up = std::prev(writers_.upper_bound(last))->first;
    forget(given_up);
    tally_.dropped += 1;
  }

  void forget(const Guid &guid) {
    const auto known = writers_.find(guid);
    if (known == writers_.end()) return;
    const Owner owner = owner_of(guid);
    const auto owners = topics_.find(known->second.topic);
    const auto of_owner = owners->second.find(owner);
    of_owner->second.guids.erase(guid);
    if (of_owner->second.guids.empty()) owners->second.erase(of_owner);
    if (owners->second.empty()) topics_.erase(owners);
    const auto count = counts_.find(owner);
    if (--count->second == 0) counts_.erase(count);
    writers_.erase(known);
  }

  const Limits limits_;
  mutable std::mutex mutex_;
  std::map<Guid, Writer> writers_;
  std::map<std::string, std::map<Owner, Writers>> topics_;
  uint64_t arrivals_ = 0;
  std::map<Owner, size_t> counts_;
  Announcements tally_;
};

}  // namespace goshawk::dds
