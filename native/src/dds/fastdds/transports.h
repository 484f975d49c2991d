// Which transports a participant has, and what is mended in them.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "api.h"

namespace goshawk::dds {

/// The segment of 512 kB that is the default holds no picture; this one holds several of 1080p.
constexpr uint32_t segment_bytes = 64 << 20;
/// Fragments that may wait for us: the 512 that are the default are five pictures of 1080p.
constexpr uint32_t waiting_fragments = 4096;
constexpr uint32_t socket_bytes = 8 << 20;
/// Processes of one machine that are found by asking port by port; the number of rmw_fastrtps.
constexpr uint32_t most_processes = 32;

/// Ours, and those of Fast DDS that a variable names.
inline void keep_to(const std::string &range, fast::DomainParticipantQos &qos) {
  for (const auto &transport : qos.transport().user_transports) {
    const auto udp = std::dynamic_pointer_cast<rtps::UDPv4TransportDescriptor>(transport);
    if (udp == nullptr) continue;
    if (range == "LOCALHOST") udp->maxInitialPeersRange = most_processes;
    // As rmw_fastrtps of Humble says ROS_LOCALHOST_ONLY.
    if (range == "LOOPBACK") udp->interfaceWhiteList.push_back("127.0.0.1");
  }
}

/// It reaches everybody on this machine and nobody else, whatever the range.
inline bool only_shared_memory(const fast::DomainParticipantQos &qos) {
  const auto &transports = qos.transport().user_transports;
  return !qos.transport().use_builtin_transports && !transports.empty() &&
         std::all_of(transports.begin(), transports.end(), [](const auto &transport) {
           return std::dynamic_pointer_cast<rtps::SharedMemTransportDescriptor>(transport) != nullptr;
         });
}

/// What the user's own XML or variables say about transports stays; where they say nothing, ours hold pictures.
inline void choose_transports(fast::DomainParticipantQos &qos, const std::string &range) {
  auto &transport = qos.transport();
  if (!transport.use_builtin_transports || !transport.user_transports.empty()) return;
  const char *named = std::getenv("FASTDDS_BUILTIN_TRANSPORTS");
  if (named != nullptr && *named != 0 && make_named_transports(qos, named)) {
    keep_to(range, qos);
    return;
  }
  auto shared_memory = std::make_shared<rtps::SharedMemTransportDescriptor>();
  shared_memory->segment_size(segment_bytes);
  shared_memory->port_queue_capacity(waiting_fragments);
  auto udp = std::make_shared<rtps::UDPv4TransportDescriptor>();
  udp->sendBufferSize = socket_bytes;
  udp->receiveBufferSize = socket_bytes;
  transport.use_builtin_transports = false;
  transport.user_transports = {shared_memory, udp};
  keep_to(range, qos);
}

/// Also the user's, where a profile or a variable names it.
inline void mend_transports(fast::DomainParticipantQos &qos) {
  for (auto &transport : qos.transport().user_transports) {
    if (std::dynamic_pointer_cast<rtps::SharedMemTransportDescriptor>(transport) != nullptr) {
      transport = without_statistics(transport);
    } else if (const auto udp = std::dynamic_pointer_cast<rtps::UDPv4TransportDescriptor>(transport)) {
      transport = with_known_destinations(*udp, qos);
    }
  }
}

}  // namespace goshawk::dds
