// A participant of Fast DDS's RTPS layer.
#pragma once

#include <fastdds/rtps/participant/RTPSParticipant.hpp>

#include "../middleware.h"

namespace goshawk::dds {

namespace rtps = eprosima::fastdds::rtps;

Guid octets_of(const rtps::GUID_t &guid);
rtps::GUID_t guid_of(const uint8_t *octets);

class FastParticipant final : public Participant {
 public:
  FastParticipant(uint32_t domain, const std::string &configuration, const std::string &user_data);
  ~FastParticipant() override;
  FastParticipant(const FastParticipant &) = delete;
  FastParticipant &operator=(const FastParticipant &) = delete;
  Guid guid() const override { return octets_of(participant_->getGuid()); }
  rtps::RTPSParticipant *get() const { return participant_; }

 private:
  rtps::RTPSParticipant *participant_;
};

}  // namespace goshawk::dds
