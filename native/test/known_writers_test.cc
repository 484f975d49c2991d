// What a stranger announces hides nobody else's writers, now or later.
#include "../src/dds/known_writers.h"
#include "check.h"

namespace goshawk::test {

namespace {

using dds::Announced;
using dds::Guid;
using dds::KnownWriters;

Guid guid(uint8_t participant, unsigned writer) {
  Guid octets{};
  octets[0] = participant;
  octets[14] = uint8_t(writer >> 8);
  octets[15] = uint8_t(writer);
  return octets;
}

Announced writer(uint8_t participant, unsigned number, const std::string &type = "t") {
  return {guid(participant, number), type, ""};
}

size_t known(const KnownWriters &table, const std::string &topic) { return table.of(topic, 1000).size(); }

void others_stay_known() {
  KnownWriters table({100, 250});
  for (unsigned number = 0; number < 4096; number += 1) table.put("flood" + std::to_string(number % 7), writer(1, number));
  CHECK(table.tally().dropped == 4096 - 100);
  table.put("wanted", writer(2, 0));
  CHECK(known(table, "wanted") == 1);
  for (unsigned number = 0; number < 4096; number += 1) table.remove(guid(1, number));
  CHECK(known(table, "wanted") == 1 && known(table, "flood0") == 0);
  // Room again, also for the same one.
  table.put("flood0", writer(1, 5000));
  CHECK(known(table, "flood0") == 1);
}

/// Several strangers that fill all there is: who comes late gets as much as they have.
void late_ones_get_their_share() {
  KnownWriters table({100, 250});
  for (uint8_t participant = 1; participant <= 3; participant += 1) {
    for (unsigned number = 0; number < 100; number += 1) table.put("flood", writer(participant, number));
  }
  CHECK(known(table, "flood") == 250);
  for (unsigned number = 0; number < 50; number += 1) table.put("wanted", writer(9, number));
  CHECK(known(table, "wanted") == 50 && known(table, "flood") == 200);
  // Nor do those get it back.
  for (unsigned number = 200; number < 400; number += 1) table.put("flood", writer(1, number));
  CHECK(known(table, "wanted") == 50 && known(table, "flood") == 200);
  for (uint8_t participant = 10; participant <= 250; participant += 1) table.put("flood", writer(participant, 0));
  CHECK(known(table, "wanted") >= 1);
}

void each_participant_comes_first() {
  KnownWriters table;
  for (unsigned number = 0; number < 50; number += 1) table.put("topic", writer(1, number));
  table.put("topic", writer(2, 0));
  const auto found = table.of("topic", 3);
  CHECK(found.size() == 3);
  CHECK(found[0].guid == guid(1, 0) && found[1].guid == guid(2, 0) && found[2].guid == guid(1, 1));
  CHECK(table.of("topic", 1000).size() == 51 && table.of("topic", 0).empty() && table.of("other", 3).empty());
}

/// Whoever comes later with lower guids, of as many participants as are asked for, takes nobody's place.
void those_that_were_here_first_come_first() {
  KnownWriters table;
  table.put("topic", writer(200, 7));
  table.put("topic", writer(100, 7));
  for (uint8_t participant = 1; participant <= 50; participant += 1) table.put("topic", writer(participant, 0));
  // Said again, it is no newer.
  table.put("topic", writer(200, 7, "changed"));
  auto found = table.of("topic", 3);
  CHECK(found.size() == 3 && found[0].guid == guid(200, 7) && found[0].type == "changed");
  CHECK(found[1].guid == guid(100, 7) && found[2].guid == guid(1, 0));
  table.remove(guid(200, 7));
  table.put("topic", writer(200, 7));
  found = table.of("topic", 52);
  CHECK(found.front().guid == guid(100, 7) && found.back().guid == guid(200, 7));
}

void what_is_known_is_replaced() {
  KnownWriters table({1, 1});
  table.put("one", writer(1, 1, "a"));
  table.put("one", writer(1, 1, "b"));
  CHECK(table.of("one", 9).size() == 1 && table.of("one", 9)[0].type == "b");
  table.put("other", writer(1, 1, "c"));
  CHECK(known(table, "one") == 0 && known(table, "other") == 1);
  CHECK(table.tally().dropped == 0 && table.tally().heard == 3);
  table.remove(guid(7, 7));
  table.put(std::string(513, 'x'), writer(1, 1));
  CHECK(table.tally().dropped == 1 && known(table, "other") == 0);
  Announced talker = writer(1, 2);
  talker.user_data = std::string(5000, 'x');
  table.put("one", talker);
  CHECK(table.of("one", 9)[0].user_data.size() == KnownWriters::most_user_data);
}

}  // namespace

void known_writers() {
  others_stay_known();
  late_ones_get_their_share();
  each_participant_comes_first();
  those_that_were_here_first_come_first();
  what_is_known_is_replaced();
}

}  // namespace goshawk::test
