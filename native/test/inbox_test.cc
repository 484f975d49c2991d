// What happened to a reader stays true, however long nobody listens.
#include "../src/dds/inbox.h"
#include "check.h"

namespace goshawk::test {

void inbox() {
  using dds::StatusEvent;
  dds::Inbox inbox(2, [] {});
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
