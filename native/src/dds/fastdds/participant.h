// A participant of Fast DDS's RTPS layer.
#pragma once

#include "../known_writers.h"
#include "../middleware.h"
#include "api.h"

namespace goshawk::dds {

Guid octets_of(const rtps::GUID_t &guid);
rtps::GUID_t guid_of(const uint8_t *octets);

/// The endpoints that discovery told of. Callbacks come on the participant's threads.
class AnnouncedEndpoints final : public EndpointDiscovery {
 public:
  void known(End end, const rtps::GUID_t &guid, std::string topic, std::string type,
             const std::vector<uint8_t> &user_data) override;
  void gone(End end, const rtps::GUID_t &guid) override;
  const KnownWriters &known_writers() const { return known_writers_; }
  const KnownWriters &known_servers() const { return known_servers_; }

 private:
  KnownWriters known_writers_;
  /// Readers of requests, with the same limits.
  KnownWriters known_servers_;
};

class FastParticipant final : public Participant {
 public:
  FastParticipant(uint32_t domain, const std::string &configuration, const std::string &user_data);
  ~FastParticipant() override;
  FastParticipant(const FastParticipant &) = delete;
  FastParticipant &operator=(const FastParticipant &) = delete;
  Guid guid() const override { return octets_of(participant_->getGuid()); }
  std::vector<Announced> writers_of(const std::string &topic, size_t most) const override {
    return announced_.known_writers().of(topic, most);
  }
  std::vector<Announced> readers_of(const std::string &topic, size_t most) const override {
    return announced_.known_servers().of(topic, most);
  }
  Announcements announcements() const override { return announced_.known_writers().tally(); }
  rtps::RTPSParticipant *get() const { return participant_; }

 private:
  /// Outlives the participant, which calls it.
  AnnouncedEndpoints announced_;
  rtps::RTPSParticipant *participant_;
};

}  // namespace goshawk::dds
