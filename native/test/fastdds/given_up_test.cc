// Which of the messages that Fast DDS dropped half of are lost.
#include "../../src/dds/fastdds/given_up.h"

#include "../check.h"

using namespace goshawk::dds;

namespace {

rtps::GUID_t writer(uint8_t number) {
  rtps::GUID_t guid;
  guid.guidPrefix.value[0] = number;
  return guid;
}

rtps::SequenceNumber_t number(uint32_t low) { return rtps::SequenceNumber_t(0, low); }

void lost_is_what_does_not_come_before_a_later_one() {
  GivenUp given_up;
  CHECK(given_up.dropped(writer(1), number(3)) == 0 && given_up.dropped(writer(1), number(4)) == 0);
  CHECK(given_up.settle(writer(1), number(2)) == 0);
  // Of another writer: it says nothing of these.
  CHECK(given_up.settle(writer(2), number(9)) == 0);
  CHECK(given_up.settle(writer(1), number(4)) == 1);
  CHECK(given_up.settle(writer(1), number(5)) == 0);
}

void one_that_is_dropped_twice_is_one() {
  GivenUp given_up;
  CHECK(given_up.dropped(writer(1), number(3)) == 0 && given_up.dropped(writer(1), number(3)) == 0);
  CHECK(given_up.settle(writer(1), number(4)) == 1);
}

void none_comes_of_a_writer_that_is_gone() {
  GivenUp given_up;
  for (const uint32_t low : {3u, 4u}) CHECK(given_up.dropped(writer(1), number(low)) == 0);
  CHECK(given_up.dropped(writer(2), number(3)) == 0);
  CHECK(given_up.gone(writer(1)) == 2);
  CHECK(given_up.gone(writer(1)) == 0 && given_up.gone(writer(2)) == 1);
}

/// Who sends halves alone can't fill the memory, and each of them counts once.
void no_more_wait_than_may() {
  GivenUp given_up;
  uint32_t lost = 0;
  for (uint32_t low = 1; low <= 1000; low += 1) lost += given_up.dropped(writer(1), number(low));
  CHECK(lost == 1000 - 64);
  CHECK(given_up.settle(writer(1), number(2000)) == 64);
}

}  // namespace

int main() {
  lost_is_what_does_not_come_before_a_later_one();
  one_that_is_dropped_twice_is_one();
  none_comes_of_a_writer_that_is_gone();
  no_more_wait_than_may();
  std::puts("ok");
  return 0;
}
