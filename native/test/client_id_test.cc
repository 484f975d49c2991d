// Who asks a service, as rmw_cyclonedds writes it, and what is none.
#include "../src/dds/client_id.h"
#include "check.h"

namespace goshawk::test {

void client_id() {
  using dds::client_of;
  const dds::Guid none{};
  const dds::Guid one{1, 0x10, 0xf0, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
  const std::string said = "clientid=1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7;";
  CHECK(client_of(said) == one);
  CHECK(client_of("enclave=/;" + said + "typehash=RIHS01_0;") == one);
  for (const char *other : {"", ";", "clientid", "clientid=", "serviceid=1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7;", "xclientid=1.2;",
                            "clientid=1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7", "clientid=1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.100;",
                            "clientid=1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7.8;", "clientid=1.10.f0.ff;",
                            "clientid=.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7;", "clientid=-1.10.f0.ff.0.0.0.0.0.0.0.0.0.0.0.7;"}) {
    CHECK(client_of(other) == none);
  }
}

}  // namespace goshawk::test
