// Whatever names the transports of a participant: what Fast DDS has not mended is mended in them.
#include <cstdio>
#include <cstdlib>

#include "../../src/dds/fastdds/transports.h"
#include "../check.h"

using namespace goshawk::dds;

namespace {

struct Count {
  size_t shared_memory = 0, udp = 0, others = 0;
};

/// Of those that are mended; `others` are not.
Count mended(const char *named) {
  if (named == nullptr) unsetenv("FASTDDS_BUILTIN_TRANSPORTS");
  else setenv("FASTDDS_BUILTIN_TRANSPORTS", named, 1);
  fast::DomainParticipantQos qos;
  choose_transports(qos, "SUBNET");
  mend_transports(qos);
  Count count;
  for (const auto &transport : qos.transport().user_transports) {
    if (std::dynamic_pointer_cast<TrimmedTransportDescriptor>(transport) != nullptr) count.shared_memory += 1;
    else if (std::dynamic_pointer_cast<KnownDestinationsDescriptor>(transport) != nullptr) count.udp += 1;
    else count.others += 1;
  }
  // Fast DDS would add its own.
  CHECK(qos.transport().use_builtin_transports == qos.transport().user_transports.empty());
  return count;
}

bool is(const Count &count, size_t shared_memory, size_t udp) {
  return count.shared_memory == shared_memory && count.udp == udp && count.others == 0;
}

}  // namespace

int main() {
  CHECK(is(mended(nullptr), 1, 1));
  CHECK(is(mended("DEFAULT"), 1, 1));
  CHECK(is(mended("SHM"), 1, 0));
  CHECK(is(mended("UDPv4"), 0, 1));
  // Those are made by Fast DDS itself.
  CHECK(is(mended("LARGE_DATA"), 0, 0));
  CHECK(is(mended("no such"), 0, 0));
  std::puts("ok");
  return 0;
}
