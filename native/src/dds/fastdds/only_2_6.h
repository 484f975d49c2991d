// What Fast DDS 2.6 (ROS 2 Humble) has otherwise than later ones (since_2_14.h). Included last by api_2.h, for its names.
#pragma once

#include <fastdds/rtps/network/SenderResource.h>

#include <string>

namespace goshawk::dds {

/// It has no place for what is newer.
inline void copy_newer(rtps::RTPSParticipantAttributes &, const fast::DomainParticipantQos &) {}

/// For the thread that sends; under the lock of its history.
inline bool in_line(const rtps::CacheChange_t &change) {
  return change.writer_info.previous != nullptr || change.writer_info.next != nullptr;
}

inline bool make_named_transports(fast::DomainParticipantQos &, const std::string &) { return false; }

}  // namespace goshawk::dds
