#include "participant.h"

#include <algorithm>
#include <sstream>
#include <vector>

#include "left_segments.h"
#include "transports.h"

namespace goshawk::dds {

namespace {

/// `range=LOCALHOST;peer=10.0.0.5`, from device/dds.
struct Discovery {
  std::string range = "SUBNET";
  std::vector<std::string> peers;
};

Discovery read_discovery(const std::string &configuration) {
  Discovery discovery;
  std::istringstream entries(configuration);
  for (std::string entry; std::getline(entries, entry, ';');) {
    const size_t at = entry.find('=');
    if (at == std::string::npos) continue;
    const std::string key = entry.substr(0, at), value = entry.substr(at + 1);
    if (key == "range") discovery.range = value;
    if (key == "peer") discovery.peers.push_back(value);
  }
  return discovery;
}

rtps::Locator_t udp_address(const std::string &host) {
  rtps::Locator_t locator;
  const auto resolved = rtps::IPLocator::resolveNameDNS(host);
  if (resolved.first.empty()) throw DdsError("the peer " + host + " has no IPv4 address");
  rtps::IPLocator::setIPv4(locator, *resolved.first.begin());
  return locator;
}

/// As rmw_fastrtps does it since Iron.
void choose_discovery(fast::DomainParticipantQos &qos, const Discovery &discovery) {
  auto &builtin = qos.wire_protocol().builtin;
  const bool off = discovery.range == "OFF", local = discovery.range == "LOCALHOST", subnet = discovery.range == "SUBNET";
  if (off) {
    qos.allocation().participants.initial = 1;
    qos.allocation().participants.maximum = 1;
    qos.allocation().participants.increment = 0;
  }
  if (off || local) {
    // An address of its own in the list keeps the default multicast address out of it.
    builtin.metatrafficMulticastLocatorList.clear();
    builtin.metatrafficUnicastLocatorList.push_back(rtps::Locator_t());
  }
  if (local || subnet) {
    for (const std::string &peer : discovery.peers) builtin.initialPeersList.push_back(udp_address(peer));
  }
  if (local) builtin.initialPeersList.push_back(udp_address("127.0.0.1"));
  if (subnet && !builtin.initialPeersList.empty()) {
    rtps::Locator_t everybody;
    rtps::IPLocator::setIPv4(everybody, 239, 255, 0, 1);
    builtin.initialPeersList.push_back(everybody);
  }
}

/// The DDS layer has this for itself only.
rtps::RTPSParticipantAttributes attributes_of(const fast::DomainParticipantQos &qos) {
  rtps::RTPSParticipantAttributes attributes;
  attributes.allocation = qos.allocation();
  attributes.properties = qos.properties();
  attributes.setName(qos.name());
  attributes.prefix = qos.wire_protocol().prefix;
  attributes.participantID = qos.wire_protocol().participant_id;
  attributes.builtin = qos.wire_protocol().builtin;
  attributes.port = qos.wire_protocol().port;
  attributes.defaultUnicastLocatorList = qos.wire_protocol().default_unicast_locator_list;
  attributes.defaultMulticastLocatorList = qos.wire_protocol().default_multicast_locator_list;
  attributes.userTransports = qos.transport().user_transports;
  attributes.useBuiltinTransports = qos.transport().use_builtin_transports;
  attributes.sendSocketBufferSize = qos.transport().send_socket_buffer_size;
  attributes.listenSocketBufferSize = qos.transport().listen_socket_buffer_size;
  attributes.userData = qos.user_data().data_vec();
  attributes.flow_controllers = qos.flow_controllers();
  copy_newer(attributes, qos);
  copy_latest(attributes, qos);
  return attributes;
}

}  // namespace

Guid octets_of(const rtps::GUID_t &guid) {
  Guid octets;
  const auto entity = std::copy(std::begin(guid.guidPrefix.value), std::end(guid.guidPrefix.value), octets.begin());
  std::copy(std::begin(guid.entityId.value), std::end(guid.entityId.value), entity);
  return octets;
}

rtps::GUID_t guid_of(const uint8_t *octets) {
  rtps::GUID_t guid;
  std::copy(octets, octets + rtps::GuidPrefix_t::size, guid.guidPrefix.value);
  std::copy(octets + rtps::GuidPrefix_t::size, octets + sizeof(Guid), guid.entityId.value);
  return guid;
}

void AnnouncedEndpoints::known(End end, const rtps::GUID_t &guid, std::string topic, std::string type,
                               const std::vector<uint8_t> &user_data) {
  if (end == End::reader && !is_request_topic(topic)) return;
  const size_t kept = std::min(user_data.size(), KnownWriters::most_user_data);
  std::string announced(user_data.begin(), user_data.begin() + std::ptrdiff_t(kept));
  KnownWriters &known = end == End::writer ? known_writers_ : known_servers_;
  known.put(std::move(topic), {octets_of(guid), std::move(type), std::move(announced)});
}

void AnnouncedEndpoints::gone(End end, const rtps::GUID_t &guid) {
  (end == End::writer ? known_writers_ : known_servers_).remove(octets_of(guid));
}

FastParticipant::FastParticipant(uint32_t domain, const std::string &configuration, const std::string &user_data) {
  remove_left_segments();
  auto *factory = fast::DomainParticipantFactory::get_instance();
  factory->load_profiles();
  fast::DomainParticipantQos qos = factory->get_default_participant_qos();
  const Discovery discovery = read_discovery(configuration);
  choose_transports(qos, discovery.range);
  // Addresses to ask would take the place of its own way of finding, and no range goes further than it.
  if (!only_shared_memory(qos) || discovery.range == "OFF") choose_discovery(qos, discovery);
  mend_transports(qos);
  qos.user_data().data_vec(std::vector<uint8_t>(user_data.begin(), user_data.end()));
  qos.name("/");
  // Announcements may be larger than the 5000 bytes that are set aside.
  qos.wire_protocol().builtin.readerHistoryMemoryPolicy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  qos.wire_protocol().builtin.writerHistoryMemoryPolicy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  participant_ = rtps::RTPSDomain::createParticipant(domain, attributes_of(qos), &announced_);
  if (participant_ == nullptr) throw DdsError("participant in domain " + std::to_string(domain) + ": Fast DDS refused it");
}

FastParticipant::~FastParticipant() { rtps::RTPSDomain::removeRTPSParticipant(participant_); }

std::shared_ptr<Participant> make_participant(uint32_t domain, const std::string &configuration,
                                              const std::string &user_data) {
  return std::make_shared<FastParticipant>(domain, configuration, user_data);
}

}  // namespace goshawk::dds
