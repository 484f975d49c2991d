// Looks at every message that comes through shared memory: whether it is made of submessages and of nothing else.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "../../src/dds/fastdds/api.h"

#if GOSHAWK_FASTDDS_MAJOR == 2 && FASTRTPS_VERSION_MINOR < 14
/// 2.6 itself never frees the receiver of a chained transport; only this spy is one there.
extern "C" const char *__lsan_default_suppressions() {
  return "leak:eprosima::fastdds::rtps::ChainingTransport::OpenInputChannel";
}
#endif

namespace goshawk::test {

namespace rtps = goshawk::dds::rtps;

struct Seen {
  std::atomic<int> messages{0}, torn{0};
};

/// By the lengths in their headers (RTPS 2.3, 9.4.5.1).
inline bool only_submessages(const uint8_t *message, uint32_t octets) {
  static constexpr uint8_t known[] = {0x01, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13, 0x15, 0x16};
  constexpr uint32_t message_header = 20, submessage_header = 4;
  uint32_t at = message_header;
  while (at + submessage_header <= octets) {
    if (std::memchr(known, message[at], sizeof known) == nullptr) return false;
    const bool little = (message[at + 1] & 1) != 0;
    const uint32_t length = little ? message[at + 2] | message[at + 3] << 8 : message[at + 2] << 8 | message[at + 3];
    at = length == 0 ? octets : at + submessage_header + length;
  }
  return at == octets;
}

struct SpyTransportDescriptor final : rtps::ChainingTransportDescriptor {
  SpyTransportDescriptor(std::shared_ptr<rtps::TransportDescriptorInterface> low, std::shared_ptr<Seen> into)
      : ChainingTransportDescriptor(std::move(low)), seen(std::move(into)) {}
  rtps::TransportInterface *create_transport() const override;
  std::shared_ptr<Seen> seen;
};

class SpyTransport final : public rtps::ChainingTransport {
 public:
  explicit SpyTransport(const SpyTransportDescriptor &descriptor)
      : ChainingTransport(descriptor), descriptor_(descriptor) {}
  bool send(rtps::SenderResource *low, goshawk::dds::OutgoingMessage message, uint32_t octets,
            rtps::LocatorsIterator *begin, rtps::LocatorsIterator *end,
            const std::chrono::steady_clock::time_point &deadline) override {
    return low->send(message, octets, begin, end, deadline);
  }
  void receive(rtps::TransportReceiverInterface *next, const uint8_t *message, uint32_t octets,
               const rtps::Locator_t &local, const rtps::Locator_t &remote) override {
    descriptor_.seen->messages += 1;
    if (!only_submessages(message, octets)) descriptor_.seen->torn += 1;
    next->OnDataReceived(message, octets, local, remote);
  }
  rtps::TransportDescriptorInterface *get_configuration() override { return &descriptor_; }

 private:
  SpyTransportDescriptor descriptor_;
};

inline rtps::TransportInterface *SpyTransportDescriptor::create_transport() const { return new SpyTransport(*this); }

}  // namespace goshawk::test
