// What never came is counted for each writer on its own, from its first message on.
#include "../src/dds/sequence_gaps.h"
#include "check.h"

namespace goshawk::test {

namespace {

/// Writers by a number instead of a guid.
struct Gaps {
  dds::SequenceGaps counted;
  void add(uint64_t writer, uint64_t number) {
    dds::Guid guid{};
    guid[0] = uint8_t(writer);
    guid[15] = uint8_t(writer >> 8);
    counted.add(guid, number);
  }
  uint64_t missing() const { return counted.missing(); }
};

}  // namespace

void sequence_gaps() {
  Gaps gaps;
  gaps.add(1, 40);
  CHECK(gaps.missing() == 0);
  gaps.add(1, 41);
  gaps.add(2, 7);
  CHECK(gaps.missing() == 0);
  gaps.add(1, 44);
  CHECK(gaps.missing() == 2);
  gaps.add(2, 9);
  CHECK(gaps.missing() == 3);
  // Again, and late.
  gaps.add(2, 9);
  gaps.add(1, 42);
  gaps.add(1, 45);
  CHECK(gaps.missing() == 3);
  // As many writers as come and go: the one of before is forgotten, and begins anew.
  for (uint64_t writer = 100; writer < 300; writer += 1) gaps.add(writer, 1);
  gaps.add(1, 1000);
  CHECK(gaps.missing() == 3);

  // A jump that no loss explains counts for nothing, and what is missing behind it counts.
  Gaps jumps;
  jumps.add(1, 1);
  jumps.add(1, (uint64_t(1) << 40) + 1);
  CHECK(jumps.missing() == 0);
  jumps.add(1, (uint64_t(1) << 40) + 3);
  CHECK(jumps.missing() == 1);
  jumps.add(1, UINT64_MAX);
  CHECK(jumps.missing() == 1);
  jumps.add(2, 0);
  jumps.add(2, (1 << 20) + 1);
  CHECK(jumps.missing() == 1 + (1 << 20));
  jumps.add(2, (2 << 20) + 3);
  CHECK(jumps.missing() == 1 + (1 << 20));

  // Somebody else said a number in this writer's name: its own go on to count.
  Gaps forged;
  forged.add(1, 1);
  forged.add(1, UINT64_MAX);
  forged.add(1, 2);
  forged.add(1, 4);
  CHECK(forged.missing() == 1);
  forged.add(1, uint64_t(1) << 40);
  forged.add(1, 5);
  forged.add(1, 7);
  CHECK(forged.missing() == 2);

  CHECK(dds::believed_loss(0) == 0);
  CHECK(dds::believed_loss(INT32_MAX) == 0);
}

}  // namespace goshawk::test
