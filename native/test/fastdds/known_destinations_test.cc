// A message to an address that Fast DDS was not told to open arrives, and the process goes on.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include <fastdds/rtps/transport/UDPv4TransportDescriptor.hpp>
#include <fastdds/utils/IPLocator.hpp>

#include "../../src/dds/fastdds/known_destinations.h"
#include "../check.h"

namespace rtps = eprosima::fastdds::rtps;
using goshawk::dds::KnownDestinationsDescriptor;

namespace {

/// Somebody who listens on the loopback.
struct Listener {
  int socket_ = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  Listener() {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    CHECK(bind(socket_, reinterpret_cast<sockaddr *>(&address), size) == 0);
    CHECK(getsockname(socket_, reinterpret_cast<sockaddr *>(&address), &size) == 0);
    const timeval patience{20, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Listener() { close(socket_); }
  rtps::Locator_t locator() const {
    rtps::Locator_t locator;
    rtps::IPLocator::setIPv4(locator, 127, 0, 0, 1);
    rtps::IPLocator::setPhysicalPort(locator, ntohs(address.sin_port));
    return locator;
  }
  bool hears(const char *text) const {
    char octets[64] = {};
    return recv(socket_, octets, sizeof octets, 0) == ssize_t(std::strlen(text)) && std::strcmp(octets, text) == 0;
  }
};

}  // namespace

int main() {
  const KnownDestinationsDescriptor descriptor(std::make_shared<rtps::UDPv4TransportDescriptor>());
  const std::unique_ptr<rtps::TransportInterface> transport(descriptor.create_transport());
  CHECK(transport->init(nullptr, 0));
  const Listener opened, first, second;
  rtps::SendResourceList sockets;
  CHECK(transport->OpenOutputChannel(sockets, opened.locator()));
  CHECK(!sockets.empty());
  const size_t before = sockets.size();
  char text[] = "message";
  const std::vector<rtps::NetworkBuffer> message{rtps::NetworkBuffer(text, uint32_t(std::strlen(text)))};
  rtps::LocatorList_t to;
  for (const Listener *listener : {&opened, &first, &second}) to.push_back(listener->locator());
  for (int turn = 0; turn < 2; turn += 1) {
    for (const auto &each : sockets) {
      rtps::Locators begin(to.begin()), end(to.end());
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
      each->send(message, uint32_t(std::strlen(text)), &begin, &end, deadline);
    }
    for (const Listener *listener : {&opened, &first, &second}) CHECK(listener->hears(text));
  }
  CHECK(sockets.size() == before);
  sockets.clear();
  std::puts("ok");
  return 0;
}
