// Shared memory of Fast DDS without what lies behind each message.
//
// Where Fast DDS was built with statistics, as in Debian, a message has a submessage for them at its end. The shared memory
// transport leaves that one out, but up to 3.1.2 the buffer is as long as with it (mended in 3.1.3, copy_to_shared_buffer):
// the receiver takes 60 octets for submessages that lay there before, halves of older messages among them. A sample that a
// half of an old GAP or HEARTBEAT names is passed over, reliable or not. So it is left out before.
#pragma once

#include <fastdds/rtps/transport/ChainingTransport.hpp>
#include <fastdds/rtps/transport/ChainingTransportDescriptor.hpp>
#include <fastdds/rtps/transport/SenderResource.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace goshawk::dds {

/// FASTDDS_STATISTICS_NETWORK_SUBMESSAGE and statistics_submessage_length.
constexpr uint8_t statistics_submessage = 0x80;
constexpr uint32_t statistics_octets = 60;

using Buffers = std::vector<eprosima::fastdds::rtps::NetworkBuffer>;

/// By its whole header: it has no flag but that of its byte order.
inline bool has_statistics_header(const eprosima::fastdds::rtps::NetworkBuffer &buffer) {
  constexpr uint32_t header_octets = 4;
  if (buffer.size != statistics_octets) return false;
  const auto *octets = static_cast<const uint8_t *>(buffer.buffer);
  if (octets[0] != statistics_submessage || octets[1] > 1) return false;
  const bool little = octets[1] == 1;
  return octets[little ? 2 : 3] == statistics_octets - header_octets && octets[little ? 3 : 2] == 0;
}

/// By the shape of the message (3.1.2, RTPSMessageGroup): everything but payloads and their padding lies one behind the other
/// in one piece of memory, and the statistics at its end. A message that is encrypted as a whole is one buffer elsewhere; then
/// no payload has a buffer of its own.
inline bool is_behind_the_headers(const Buffers &buffers) {
  constexpr uint32_t message_header = 20;
  constexpr uint8_t encrypted_message = 0x33;  // SRTPS_PREFIX
  const auto &first = buffers.front();
  const auto *octets = static_cast<const uint8_t *>(first.buffer);
  if (buffers.size() == 2 && first.size > message_header && octets[message_header] == encrypted_message) return true;
  const uint8_t *end = octets + first.size;
  for (size_t at = 1; at + 1 < buffers.size(); at += 1)
    if (buffers[at].buffer == end) end += buffers[at].size;
  return buffers.back().buffer == end;
}

/// A piece of somebody's payload may be the last buffer too, of that length and with those first octets: it lies elsewhere.
inline bool ends_with_statistics(const Buffers &buffers) {
  return buffers.size() >= 2 && has_statistics_header(buffers.back()) && is_behind_the_headers(buffers);
}

/// Around a SharedMemTransportDescriptor.
struct TrimmedTransportDescriptor final : eprosima::fastdds::rtps::ChainingTransportDescriptor {
  explicit TrimmedTransportDescriptor(std::shared_ptr<eprosima::fastdds::rtps::TransportDescriptorInterface> low)
      : ChainingTransportDescriptor(std::move(low)) {}
  eprosima::fastdds::rtps::TransportInterface *create_transport() const override;
};

class TrimmedTransport final : public eprosima::fastdds::rtps::ChainingTransport {
  using Locators = eprosima::fastdds::rtps::LocatorsIterator;

 public:
  explicit TrimmedTransport(const TrimmedTransportDescriptor &descriptor)
      : ChainingTransport(descriptor), descriptor_(descriptor) {}

  bool send(eprosima::fastdds::rtps::SenderResource *low, const Buffers &buffers, uint32_t octets, Locators *begin,
            Locators *end, const std::chrono::steady_clock::time_point &deadline) override {
    if (!ends_with_statistics(buffers)) return low->send(buffers, octets, begin, end, deadline);
    thread_local Buffers trimmed;
    trimmed.assign(buffers.begin(), buffers.end() - 1);
    return low->send(trimmed, octets - statistics_octets, begin, end, deadline);
  }

  void receive(eprosima::fastdds::rtps::TransportReceiverInterface *next, const uint8_t *message, uint32_t octets,
               const eprosima::fastdds::rtps::Locator_t &local, const eprosima::fastdds::rtps::Locator_t &remote) override {
    next->OnDataReceived(message, octets, local, remote);
  }

  eprosima::fastdds::rtps::TransportDescriptorInterface *get_configuration() override { return &descriptor_; }

 private:
  TrimmedTransportDescriptor descriptor_;
};

inline eprosima::fastdds::rtps::TransportInterface *TrimmedTransportDescriptor::create_transport() const {
  return new TrimmedTransport(*this);
}

}  // namespace goshawk::dds
