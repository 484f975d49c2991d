// What a stranger announces hides nobody else's writers, now or later.
#include "../src/dds/writer_book.h"
#include "check.h"

namespace goshawk::test {

namespace {

using dds::Announced;
using dds::Guid;
using dds::WriterBook;

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

size_t known(const WriterBook &book, const std::string &topic) { return book.of(topic, 1000).size(); }

void others_stay_known() {
  WriterBook book({100, 250});
  for (unsigned number = 0; number < 4096; number += 1) book.put("flood" + std::to_string(number % 7), writer(1, number));
  CHECK(book.tally().dropped == 4096 - 100);
  book.put("wanted", writer(2, 0));
  CHECK(known(book, "wanted") == 1);
  for (unsigned number = 0; number < 4096; number += 1) book.remove(guid(1, number));
  CHECK(known(book, "wanted") == 1 && known(book, "flood0") == 0);
  // Room again, also for the same one.
  book.put("flood0", writer(1, 5000));
  CHECK(known(book, "flood0") == 1);
}

/// Several strangers that fill all there is: who comes late gets as much as they have.
void late_ones_get_their_share() {
  WriterBook book({100, 250});
  for (uint8_t participant = 1; participant <= 3; participant += 1) {
    for (unsigned number = 0; number < 100; number += 1) book.put("flood", writer(participant, number));
  }
  CHECK(known(book, "flood") == 250);
  for (unsigned number = 0; number < 50; number += 1) book.put("wanted", writer(9, number));
  CHECK(known(book, "wanted") == 50 && known(book, "flood") == 200);
  // Nor do those get it back.
  for (unsigned number = 200; number < 400; number += 1) book.put("flood", writer(1, number));
  CHECK(known(book, "wanted") == 50 && known(book, "flood") == 200);
  for (uint8_t participant = 10; participant <= 250; participant += 1) book.put("flood", writer(participant, 0));
  CHECK(known(book, "wanted") >= 1);
}

void each_participant_comes_first() {
  WriterBook book;
  for (unsigned number = 0; number < 50; number += 1) book.put("topic", writer(1, number));
  book.put("topic", writer(2, 0));
  const auto found = book.of("topic", 3);
  CHECK(found.size() == 3);
  CHECK(found[0].guid == guid(1, 0) && found[1].guid == guid(2, 0) && found[2].guid == guid(1, 1));
  CHECK(book.of("topic", 1000).size() == 51 && book.of("topic", 0).empty() && book.of("other", 3).empty());
}

void what_is_known_is_replaced() {
  WriterBook book({1, 1});
  book.put("one", writer(1, 1, "a"));
  book.put("one", writer(1, 1, "b"));
  CHECK(book.of("one", 9).size() == 1 && book.of("one", 9)[0].type == "b");
  book.put("other", writer(1, 1, "c"));
  CHECK(known(book, "one") == 0 && known(book, "other") == 1);
  CHECK(book.tally().dropped == 0 && book.tally().heard == 3);
  book.remove(guid(7, 7));
  book.put(std::string(513, 'x'), writer(1, 1));
  CHECK(book.tally().dropped == 1 && known(book, "other") == 0);
  Announced talker = writer(1, 2);
  talker.user_data = std::string(5000, 'x');
  book.put("one", talker);
  CHECK(book.of("one", 9)[0].user_data.size() == WriterBook::most_user_data);
}

}  // namespace

void writer_book() {
  others_stay_known();
  late_ones_get_their_share();
  each_participant_comes_first();
  what_is_known_is_replaced();
}

}  // namespace goshawk::test
