// What happened to a reader stays true, however long nobody listens; and nobody pushes out what another one said.
#include <vector>

#include "../src/dds/inbox.h"
#include "check.h"

namespace goshawk::test {

namespace {

dds::Received message(uint8_t participant, uint8_t number, size_t size) {
  dds::Received received;
  received.own.fill(participant);
  received.own[16] = number;
  received.size = size;
  return received;
}

/// Participant and number of each.
std::vector<std::pair<int, int>> take(dds::Inbox &inbox) {
  std::vector<std::pair<int, int>> taken;
  for (const dds::Received &each : inbox.take_samples()) taken.emplace_back(each.own[0], each.own[16]);
  return taken;
}

void who_has_most_gives_way() {
  using Taken = std::vector<std::pair<int, int>>;
  dds::Inbox inbox({4, 1000}, [] {});
  inbox.received(message(1, 1, 900));
  for (uint8_t number = 1; number <= 50; number += 1) inbox.received(message(2, number, 10));
  CHECK((take(inbox) == Taken{{1, 1}, {2, 48}, {2, 49}, {2, 50}}));
  CHECK(inbox.superseded() == 47);
  inbox.received(message(1, 1, 10));
  for (uint8_t number = 1; number <= 3; number += 1) inbox.received(message(2, number, 400));
  CHECK((take(inbox) == Taken{{1, 1}, {2, 2}, {2, 3}}));
  // It would never fit.
  inbox.received(message(1, 1, 1001));
  CHECK(take(inbox).empty());
  // Whose writer is not said: the oldest.
  for (uint8_t size = 1; size <= 6; size += 1) inbox.received(message(0, 0, size));
  CHECK(inbox.take_samples().front().size == 3);
}

void who_gave_way_is_known() {
  dds::Inbox inbox({2, 1000, 3}, [] {});
  BlockPool pool(10);
  for (uint8_t number = 1; number <= 8; number += 1) {
    dds::Received received = message(1, number, number == 6 ? 5 : 100);
    received.lease = pool.take(received.size);
    std::memset(received.lease->block->data.get(), number, received.size);
    received.related.fill(number);
    inbox.received(std::move(received));
  }
  const std::deque<dds::GaveWay> gave_way = inbox.take_gave_way();
  CHECK(gave_way.size() == 3 && inbox.take_gave_way().empty() && inbox.superseded() == 6);
  for (uint8_t at = 0; at < gave_way.size(); at += 1) {
    const dds::GaveWay &one = gave_way[at];
    CHECK(one.own[16] == at + 4 && one.related[0] == at + 4 && one.head[0] == at + 4);
    CHECK(one.size == (at == 2 ? 5 : 100) && one.head_size() == (at == 2 ? 5 : 32));
  }
  // Where nobody asks for it, nothing is kept.
  dds::Inbox other({1, 1000}, [] {});
  other.received(message(1, 1, 10));
  other.received(message(1, 2, 10));
  CHECK(other.take_gave_way().empty() && other.superseded() == 1);
}

void pool_keeps_to_its_bytes() {
  BlockPool pool(3, 1000);
  auto one = pool.take(400), other = pool.take(400);
  CHECK(one && other && !pool.take(400) && !pool.take(5000));
  const size_t capacity = one->block->capacity;
  one.reset();
  CHECK((one = pool.take(300)) && one->block->capacity == capacity);
  one.reset();
  // The free one is too small, and gives way.
  CHECK((one = pool.take(500)) && !pool.take(400));
  BlockPool two(2);
  auto first = two.take(10), second = two.take(10);
  CHECK(!two.take(10));
  first.reset();
  CHECK((first = two.take(100000)));
}

}  // namespace

void inbox() {
  using dds::StatusEvent;
  who_has_most_gives_way();
  who_gave_way_is_known();
  pool_keeps_to_its_bytes();
  dds::Inbox inbox({2}, [] {});
  for (uint32_t turn = 1; turn <= 1000; turn += 1) {
    inbox.push_event({"lost", turn, ""});
    inbox.push_event({"matched", turn % 2, ""});
    inbox.push_event({"incompatible", turn, turn % 2 == 0 ? "durability" : "reliability"});
  }
  const std::deque<StatusEvent> events = inbox.take_events();
  CHECK(events.size() == 4);
  for (const StatusEvent &event : events) {
    if (event.kind == std::string_view("lost")) CHECK(event.count == 1000);
    if (event.kind == std::string_view("matched")) CHECK(event.count == 0);
    if (event.policy == "durability") CHECK(event.count == 1000);
    if (event.policy == "reliability") CHECK(event.count == 999);
  }
  CHECK(inbox.take_events().empty());
}

}  // namespace goshawk::test
