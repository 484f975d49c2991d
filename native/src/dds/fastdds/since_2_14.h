// What Fast DDS has since 2.14, in 3 too (only_2_6.h has the same for 2.6). Included last by those two's headers, for their names.
#pragma once

#include <sstream>
#include <string>

namespace goshawk::dds {

/// Attributes that 2.6 has no place for.
inline void copy_newer(rtps::RTPSParticipantAttributes &attributes, const fast::DomainParticipantQos &qos) {
  attributes.default_external_unicast_locators = qos.wire_protocol().default_external_unicast_locators;
  attributes.ignore_non_matching_locators = qos.wire_protocol().ignore_non_matching_locators;
  attributes.max_msg_size_no_frag = qos.transport().max_msg_size_no_frag;
  attributes.netmaskFilter = qos.transport().netmask_filter;
  attributes.builtin_controllers_sender_thread = qos.builtin_controllers_sender_thread();
  attributes.timed_events_thread = qos.timed_events_thread();
  attributes.discovery_server_thread = qos.discovery_server_thread();
}

/// For the thread that sends; under the lock of its history.
inline bool in_line(const rtps::CacheChange_t &change) { return change.writer_info.is_linked.load(); }

/// Those that FASTDDS_BUILTIN_TRANSPORTS names, with Fast DDS's own sizes; what else it may say Fast DDS reads itself. False where it
/// reads no such variable.
inline bool make_named_transports(fast::DomainParticipantQos &qos, const std::string &name) {
  for (const auto kind : {rtps::BuiltinTransports::DEFAULT, rtps::BuiltinTransports::SHM, rtps::BuiltinTransports::UDPv4}) {
    std::ostringstream known;
    known << kind;
    if (known.str() != name) continue;
    rtps::RTPSParticipantAttributes made;
    made.sendSocketBufferSize = qos.transport().send_socket_buffer_size;
    made.listenSocketBufferSize = qos.transport().listen_socket_buffer_size;
    made.setup_transports(kind);
    qos.transport().user_transports = made.userTransports;
    qos.transport().use_builtin_transports = false;
  }
  return true;
}

}  // namespace goshawk::dds
