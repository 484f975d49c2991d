#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace goshawk::dds {

using Guid = std::array<uint8_t, 16>;

/// A writer of somebody, or of ours, as discovery announces it; or a reader.
struct Announced {
  Guid guid;
  std::string type;
  std::string user_data;
};

/// Announcements of writers that were read, and those of them that are not kept.
struct Announcements {
  uint64_t heard = 0;
  uint64_t dropped = 0;
};

/// As rmw names the topics on which services are asked.
inline bool is_request_topic(const std::string &topic) { return topic.compare(0, 3, "rq/") == 0; }

}  // namespace goshawk::dds
