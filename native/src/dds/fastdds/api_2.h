// What of Fast DDS 2 has another path, name or shape than in 3 (api_3.h has the same for that one). What differs among its
// versions stands at the end.
#pragma once

#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/domain/qos/DomainParticipantQos.hpp>
#include <fastdds/dds/publisher/qos/WriterQos.hpp>
#include <fastdds/dds/subscriber/qos/ReaderQos.hpp>
#include <fastdds/rtps/RTPSDomain.h>
#include <fastdds/rtps/attributes/HistoryAttributes.h>
#include <fastdds/rtps/attributes/RTPSParticipantAttributes.h>
#include <fastdds/rtps/attributes/ReaderAttributes.h>
#include <fastdds/rtps/attributes/WriterAttributes.h>
#include <fastdds/rtps/builtin/data/ReaderProxyData.h>
#include <fastdds/rtps/builtin/data/WriterProxyData.h>
#include <fastdds/rtps/common/CacheChange.h>
#include <fastdds/rtps/history/IPayloadPool.h>
#include <fastdds/rtps/history/ReaderHistory.h>
#include <fastdds/rtps/history/WriterHistory.h>
#include <fastdds/rtps/participant/RTPSParticipant.h>
#include <fastdds/rtps/participant/RTPSParticipantListener.h>
#include <fastdds/rtps/reader/RTPSReader.h>
#include <fastdds/rtps/reader/ReaderDiscoveryInfo.h>
#include <fastdds/rtps/reader/ReaderListener.h>
#include <fastdds/rtps/transport/ChainingTransport.h>
#include <fastdds/rtps/transport/ChainingTransportDescriptor.h>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.h>
#include <fastdds/rtps/transport/shared_mem/SharedMemTransportDescriptor.h>
#include <fastdds/rtps/writer/RTPSWriter.h>
#include <fastdds/rtps/writer/WriterDiscoveryInfo.h>
#include <fastdds/rtps/writer/WriterListener.h>
#include <fastrtps/attributes/TopicAttributes.h>
#include <fastrtps/config.h>
#include <fastrtps/utils/IPLocator.h>

#include <memory>
#include <string>
#include <vector>

namespace goshawk::dds {

namespace fast = eprosima::fastdds::dds;
/// Transports have moved to the namespace of 3 already, the rest has not.
namespace rtps {
using namespace eprosima::fastdds::rtps;
using namespace eprosima::fastrtps::rtps;
}  // namespace rtps

using HistoryMutex = eprosima::fastrtps::RecursiveTimedMutex;
/// As a transport gets it.
using OutgoingMessage = const rtps::octet *;

/// A listener with the names of 3.
class ReaderEvents : public rtps::ReaderListener {
 protected:
  virtual void on_new_cache_change_added(rtps::RTPSReader *reader, const rtps::CacheChange_t *change) = 0;
  virtual void on_reader_matched(rtps::RTPSReader *reader, const rtps::MatchingInfo &info) = 0;

 private:
  // The other one of this name is called beside it.
  using rtps::ReaderListener::onReaderMatched;
  void onReaderMatched(rtps::RTPSReader *reader, rtps::MatchingInfo &info) final { on_reader_matched(reader, info); }
  void onNewCacheChangeAdded(rtps::RTPSReader *reader, const rtps::CacheChange_t *const change) final {
    on_new_cache_change_added(reader, change);
  }
};

class WriterEvents : public rtps::WriterListener {
 protected:
  virtual void on_writer_matched(rtps::RTPSWriter *writer, const rtps::MatchingInfo &info) = 0;

 private:
  using rtps::WriterListener::onWriterMatched;
  void onWriterMatched(rtps::RTPSWriter *writer, rtps::MatchingInfo &info) final { on_writer_matched(writer, info); }
};

/// What a pool of payloads has to do; each version asks for it in its own words.
class ReceivePool : public rtps::IPayloadPool {
 public:
  bool get_payload(uint32_t size, rtps::CacheChange_t &change) final {
    return owned(give(size, change.serializedPayload), change);
  }
  bool get_payload(rtps::SerializedPayload_t &data, rtps::IPayloadPool *&owner, rtps::CacheChange_t &change) final {
    return owned(give_with(data, owner == this, change.serializedPayload), change);
  }
  bool release_payload(rtps::CacheChange_t &change) final {
    take_back(change.serializedPayload);
    change.payload_owner(nullptr);
    return true;
  }

 protected:
  virtual bool give(uint32_t size, rtps::SerializedPayload_t &payload) = 0;
  virtual bool give_with(const rtps::SerializedPayload_t &data, bool ours, rtps::SerializedPayload_t &payload) = 0;
  virtual void take_back(rtps::SerializedPayload_t &payload) = 0;

 private:
  bool owned(bool given, rtps::CacheChange_t &change) {
    if (given) change.payload_owner(this);
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
  // 2.14.4 calls the first one only, and 2.6 has no other; so the second one overrides what may not be there.
  void onWriterDiscovery(rtps::RTPSParticipant *, rtps::WriterDiscoveryInfo &&found) final { told(found); }
  void onWriterDiscovery(rtps::RTPSParticipant *, rtps::WriterDiscoveryInfo &&found, bool &ignored) {
    ignored = false;
    told(found);
  }

  void told(const rtps::WriterDiscoveryInfo &found) {
    const rtps::WriterProxyData &writer = found.info;
    // The others are removed and, since 2.14, ignored.
    if (found.status == rtps::WriterDiscoveryInfo::DISCOVERED_WRITER ||
        found.status == rtps::WriterDiscoveryInfo::CHANGED_QOS_WRITER) {
      known(End::writer, writer.guid(), writer.topicName().to_string(), writer.typeName().to_string(),
            writer.m_qos.m_userData.data_vec());
    } else {
      gone(End::writer, writer.guid());
    }
  }

  void onReaderDiscovery(rtps::RTPSParticipant *, rtps::ReaderDiscoveryInfo &&found) final { told(found); }
  void onReaderDiscovery(rtps::RTPSParticipant *, rtps::ReaderDiscoveryInfo &&found, bool &ignored) {
    ignored = false;
    told(found);
  }

  void told(const rtps::ReaderDiscoveryInfo &found) {
    const rtps::ReaderProxyData &reader = found.info;
    if (found.status == rtps::ReaderDiscoveryInfo::DISCOVERED_READER ||
        found.status == rtps::ReaderDiscoveryInfo::CHANGED_QOS_READER) {
      known(End::reader, reader.guid(), reader.topicName().to_string(), reader.typeName().to_string(),
            reader.m_qos.m_userData.data_vec());
    } else {
      gone(End::reader, reader.guid());
    }
  }
};

inline eprosima::fastrtps::TopicAttributes topic_of(const std::string &topic, const std::string &type) {
  return {topic.c_str(), type.c_str(), rtps::NO_KEY};
}

inline bool announce(rtps::RTPSParticipant &participant, rtps::RTPSReader *reader, const std::string &topic,
                     const std::string &type, const fast::ReaderQos &qos) {
  return participant.registerReader(reader, topic_of(topic, type), qos);
}

inline bool announce(rtps::RTPSParticipant &participant, rtps::RTPSWriter *writer, const std::string &topic,
                     const std::string &type, const fast::WriterQos &qos) {
  return participant.registerWriter(writer, topic_of(topic, type), qos);
}

inline void set_heartbeat(rtps::WriterAttributes &attributes, uint32_t nanoseconds) {
  attributes.times.heartbeatPeriod = {0, nanoseconds};
}

inline rtps::CacheChange_t *new_change(rtps::RTPSWriter *writer, rtps::WriterHistory &, uint32_t size) {
  return writer->new_change([size] { return size; }, rtps::ALIVE);
}

inline void release_change(rtps::RTPSWriter *writer, rtps::WriterHistory &, rtps::CacheChange_t *change) {
  writer->release_change(change);
}

/// There is none that 3 does not have too.
inline void copy_latest(rtps::RTPSParticipantAttributes &, const fast::DomainParticipantQos &) {}

/// 2.14.4 has the same slip as 3.1.2 (known_destinations.h), and no mend here.
inline std::shared_ptr<rtps::TransportDescriptorInterface> with_known_destinations(
    const rtps::UDPv4TransportDescriptor &udp, const fast::DomainParticipantQos &) {
  return std::make_shared<rtps::UDPv4TransportDescriptor>(udp);
}

/// 2 has a message in one buffer and leaves the statistics out of its length (SharedMemTransport::send).
inline std::shared_ptr<rtps::TransportDescriptorInterface> without_statistics(
    const std::shared_ptr<rtps::TransportDescriptorInterface> &shared_memory) {
  return shared_memory;
}

}  // namespace goshawk::dds

#if FASTRTPS_VERSION_MINOR < 14
#include "only_2_6.h"
#else
#include <fastdds/rtps/transport/SenderResource.h>

#include "since_2_14.h"
#endif
