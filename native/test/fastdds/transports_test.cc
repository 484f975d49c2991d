// Whatever names the transports of a participant: what Fast DDS has not mended is mended in them, and they keep to the range.
#include <cstdio>
#include <cstdlib>

#include "../../src/dds/fastdds/transports.h"
#include "../check.h"

using namespace goshawk::dds;

namespace {

struct Count {
  size_t shared_memory = 0, udp = 0, others = 0;
};

fast::DomainParticipantQos chosen(const char *named, const char *range) {
  if (named == nullptr) unsetenv("FASTDDS_BUILTIN_TRANSPORTS");
  else setenv("FASTDDS_BUILTIN_TRANSPORTS", named, 1);
  fast::DomainParticipantQos qos;
  choose_transports(qos, range);
  return qos;
}

/// Of those that are mended; `others` are not.
Count mended(const char *named) {
  fast::DomainParticipantQos qos = chosen(named, "SUBNET");
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

/// Of its UDP; null where it has none.
std::shared_ptr<rtps::UDPv4TransportDescriptor> udp_of(const char *named, const char *range) {
  const fast::DomainParticipantQos qos = chosen(named, range);
  for (const auto &transport : qos.transport().user_transports) {
    if (const auto udp = std::dynamic_pointer_cast<rtps::UDPv4TransportDescriptor>(transport)) return udp;
  }
  return nullptr;
}

/// Whatever names them, they look as far as the range says.
void ranges() {
  for (const char *named : {static_cast<const char *>(nullptr), "DEFAULT", "UDPv4"}) {
    CHECK(udp_of(named, "LOCALHOST")->maxInitialPeersRange == most_processes);
    CHECK(udp_of(named, "LOCALHOST")->interfaceWhiteList.empty());
    CHECK(udp_of(named, "LOOPBACK")->interfaceWhiteList == std::vector<std::string>{"127.0.0.1"});
    CHECK(udp_of(named, "SUBNET")->maxInitialPeersRange < most_processes);
    CHECK(udp_of(named, "SUBNET")->interfaceWhiteList.empty());
    CHECK(!only_shared_memory(chosen(named, "LOCALHOST")));
  }
  CHECK(only_shared_memory(chosen("SHM", "LOCALHOST")));
  CHECK(!only_shared_memory(chosen("LARGE_DATA", "LOCALHOST")));
}

}  // namespace

int main() {
  ranges();
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
