// UDP of Fast DDS that ends no process where it sends to an address that it was not told of.
//
// Where Fast DDS was built with statistics, as in Debian and in ROS, UDP keeps a count for each address that it was told to open.
// Up to 3.1.2 and 3.2 (2.14.4) a message may go to one that it was not: to the reader of a participant that just came, or of one
// that leaves. An assertion ends the process then (mended in 3.1.3 and 2.14.5, set_statistics_message_data). So it is told before.
#pragma once

#include <fastdds/rtps/common/LocatorList.hpp>
#include <fastdds/rtps/transport/ChainingTransport.hpp>
#include <fastdds/rtps/transport/ChainingTransportDescriptor.hpp>
#include <fastdds/rtps/transport/SenderResource.hpp>

#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace goshawk::dds {

/// Around a UDPv4TransportDescriptor.
struct KnownDestinationsDescriptor final : eprosima::fastdds::rtps::ChainingTransportDescriptor {
  explicit KnownDestinationsDescriptor(std::shared_ptr<eprosima::fastdds::rtps::TransportDescriptorInterface> low)
      : ChainingTransportDescriptor(std::move(low)) {}
  eprosima::fastdds::rtps::TransportInterface *create_transport() const override;
};

class KnownDestinations final : public eprosima::fastdds::rtps::ChainingTransport {
  using Locator = eprosima::fastdds::rtps::Locator_t;
  using Iterator = eprosima::fastdds::rtps::LocatorsIterator;
  using NetworkBuffer = eprosima::fastdds::rtps::NetworkBuffer;

 public:
  explicit KnownDestinations(const KnownDestinationsDescriptor &descriptor)
      : ChainingTransport(descriptor), descriptor_(descriptor) {}

  // The participant calls one at a time, as it does where it opens an address itself.
  bool send(eprosima::fastdds::rtps::SenderResource *low, const std::vector<NetworkBuffer> &buffers, uint32_t octets,
            Iterator *begin, Iterator *end, const std::chrono::steady_clock::time_point &deadline) override {
    destinations_.clear();
    for (; *begin != *end; ++*begin) {
      destinations_.push_back(**begin);
      tell(**begin);
    }
    eprosima::fastdds::rtps::Locators first(destinations_.begin()), last(destinations_.end());
    return low->send(buffers, octets, &first, &last, deadline);
  }

  void receive(eprosima::fastdds::rtps::TransportReceiverInterface *next, const uint8_t *message, uint32_t octets,
               const Locator &local, const Locator &remote) override {
    next->OnDataReceived(message, octets, local, remote);
  }

  eprosima::fastdds::rtps::TransportDescriptorInterface *get_configuration() override { return &descriptor_; }

 private:
  /// Its sockets are open by now, since one of them is to send: only the address is noted.
  void tell(const Locator &destination) {
    if (!low_level_transport_->IsLocatorSupported(destination)) return;
    // To tell it of one that it knows costs a little and does nothing.
    if (told_.size() >= most_told) told_.clear();
    if (!told_.insert(destination).second) return;
    eprosima::fastdds::rtps::SendResourceList none;
    low_level_transport_->OpenOutputChannel(none, destination);
  }

  static constexpr size_t most_told = 4096;

  KnownDestinationsDescriptor descriptor_;
  std::set<Locator> told_;
  eprosima::fastdds::rtps::LocatorList_t destinations_;
};

inline eprosima::fastdds::rtps::TransportInterface *KnownDestinationsDescriptor::create_transport() const {
  return new KnownDestinations(*this);
}

}  // namespace goshawk::dds
