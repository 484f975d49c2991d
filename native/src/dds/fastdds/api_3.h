// What of Fast DDS 3 has another path, name or shape than in 2 (api_2.h has the same for that one).
#pragma once

#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/domain/qos/DomainParticipantQos.hpp>
#include <fastdds/dds/publisher/qos/WriterQos.hpp>
#include <fastdds/dds/subscriber/qos/ReaderQos.hpp>
#include <fastdds/rtps/RTPSDomain.hpp>
#include <fastdds/rtps/attributes/HistoryAttributes.hpp>
#include <fastdds/rtps/attributes/RTPSParticipantAttributes.hpp>
#include <fastdds/rtps/attributes/ReaderAttributes.hpp>
#include <fastdds/rtps/attributes/WriterAttributes.hpp>
#include <fastdds/rtps/builtin/data/PublicationBuiltinTopicData.hpp>
#include <fastdds/rtps/builtin/data/TopicDescription.hpp>
#include <fastdds/rtps/common/SerializedPayload.hpp>
#include <fastdds/rtps/history/IPayloadPool.hpp>
#include <fastdds/rtps/history/ReaderHistory.hpp>
#include <fastdds/rtps/history/WriterHistory.hpp>
#include <fastdds/rtps/participant/RTPSParticipant.hpp>
#include <fastdds/rtps/participant/RTPSParticipantListener.hpp>
#include <fastdds/rtps/reader/RTPSReader.hpp>
#include <fastdds/rtps/reader/ReaderDiscoveryStatus.hpp>
#include <fastdds/rtps/reader/ReaderListener.hpp>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.hpp>
#include <fastdds/rtps/transport/shared_mem/SharedMemTransportDescriptor.hpp>
#include <fastdds/rtps/writer/RTPSWriter.hpp>
#include <fastdds/rtps/writer/WriterDiscoveryStatus.hpp>
#include <fastdds/rtps/writer/WriterListener.hpp>
#include <fastdds/utils/IPLocator.hpp>

#include <string>

#include "known_destinations.h"
#include "trimmed_transport.h"

namespace goshawk::dds {

namespace fast = eprosima::fastdds::dds;
namespace rtps = eprosima::fastdds::rtps;

using HistoryMutex = eprosima::fastdds::RecursiveTimedMutex;
using ReaderEvents = rtps::ReaderListener;
using WriterEvents = rtps::WriterListener;
/// As a transport gets it.
using OutgoingMessage = const std::vector<rtps::NetworkBuffer> &;

/// What a pool of payloads has to do; each version asks for it in its own words.
class ReceivePool : public rtps::IPayloadPool {
 public:
  bool get_payload(uint32_t size, rtps::SerializedPayload_t &payload) final { return owned(give(size, payload), payload); }
  bool get_payload(const rtps::SerializedPayload_t &data, rtps::SerializedPayload_t &payload) final {
    return owned(give_with(data, data.payload_owner == this, payload), payload);
  }
  bool release_payload(rtps::SerializedPayload_t &payload) final {
    take_back(payload);
    payload.payload_owner = nullptr;
    return true;
  }

 protected:
  virtual bool give(uint32_t size, rtps::SerializedPayload_t &payload) = 0;
  virtual bool give_with(const rtps::SerializedPayload_t &data, bool ours, rtps::SerializedPayload_t &payload) = 0;
  virtual void take_back(rtps::SerializedPayload_t &payload) = 0;

 private:
  bool owned(bool given, rtps::SerializedPayload_t &payload) {
    if (given) payload.payload_owner = this;
    return given;
  }
};

/// Told of writers and readers by discovery, on the participant's threads.
class EndpointDiscovery : public rtps::RTPSParticipantListener {
 protected:
  enum class End { writer, reader };
  virtual void known(End end, const rtps::GUID_t &guid, std::string topic, std::string type,
                     const std::vector<uint8_t> &user_data) = 0;
  virtual void gone(End end, const rtps::GUID_t &guid) = 0;

 private:
  void on_writer_discovery(rtps::RTPSParticipant *, rtps::WriterDiscoveryStatus status,
                           const rtps::PublicationBuiltinTopicData &writer, bool &ignored) final {
    ignored = false;
    if (status == rtps::WriterDiscoveryStatus::REMOVED_WRITER || status == rtps::WriterDiscoveryStatus::IGNORED_WRITER) {
      gone(End::writer, writer.guid);
    } else {
      known(End::writer, writer.guid, writer.topic_name.to_string(), writer.type_name.to_string(), writer.user_data);
    }
  }
  void on_reader_discovery(rtps::RTPSParticipant *, rtps::ReaderDiscoveryStatus status,
                           const rtps::SubscriptionBuiltinTopicData &reader, bool &ignored) final {
    ignored = false;
    if (status == rtps::ReaderDiscoveryStatus::REMOVED_READER || status == rtps::ReaderDiscoveryStatus::IGNORED_READER) {
      gone(End::reader, reader.guid);
    } else {
      known(End::reader, reader.guid, reader.topic_name.to_string(), reader.type_name.to_string(), reader.user_data);
    }
  }
};

inline rtps::TopicDescription topic_of(const std::string &topic, const std::string &type) {
  rtps::TopicDescription description;
  description.topic_name = topic;
  description.type_name = type;
  return description;
}

inline bool announce(rtps::RTPSParticipant &participant, rtps::RTPSReader *reader, const std::string &topic,
                     const std::string &type, const fast::ReaderQos &qos) {
  return participant.register_reader(reader, topic_of(topic, type), qos);
}

inline bool announce(rtps::RTPSParticipant &participant, rtps::RTPSWriter *writer, const std::string &topic,
                     const std::string &type, const fast::WriterQos &qos) {
  return participant.register_writer(writer, topic_of(topic, type), qos);
}

inline void set_heartbeat(rtps::WriterAttributes &attributes, uint32_t nanoseconds) {
  attributes.times.heartbeat_period = {0, nanoseconds};
}

inline rtps::CacheChange_t *new_change(rtps::RTPSWriter *, rtps::WriterHistory &history, uint32_t size) {
  return history.create_change(size, rtps::ALIVE);
}

inline void release_change(rtps::RTPSWriter *, rtps::WriterHistory &history, rtps::CacheChange_t *change) {
  history.release_change(change);
}

/// What 2 has no place for.
inline void copy_latest(rtps::RTPSParticipantAttributes &attributes, const fast::DomainParticipantQos &qos) {
  attributes.typelookup_service_thread = qos.typelookup_service_thread();
}

inline std::shared_ptr<rtps::TransportDescriptorInterface> with_known_destinations(
    const rtps::UDPv4TransportDescriptor &udp, const fast::DomainParticipantQos &qos) {
  auto filtered = std::make_shared<rtps::UDPv4TransportDescriptor>(udp);
  // What the participant does for a transport that it sees itself.
  if (filtered->netmask_filter == rtps::NetmaskFilterKind::AUTO) filtered->netmask_filter = qos.transport().netmask_filter;
  return std::make_shared<KnownDestinationsDescriptor>(std::move(filtered));
}

inline std::shared_ptr<rtps::TransportDescriptorInterface> without_statistics(
    const std::shared_ptr<rtps::TransportDescriptorInterface> &shared_memory) {
  return std::make_shared<TrimmedTransportDescriptor>(shared_memory);
}

}  // namespace goshawk::dds

#include "since_2_14.h"
