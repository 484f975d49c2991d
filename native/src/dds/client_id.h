// Who asks a service of rmw_cyclonedds: its client says so in the user data of the writer of its requests and of the reader of its answers.
#pragma once

#include <charconv>
#include <string_view>
#include <system_error>

#include "announced.h"

namespace goshawk::dds {

/// Of `clientid=1.f0. ... .2;` among other entries, 16 octets in hexadecimal; zeros where that is not said.
inline Guid client_of(std::string_view user_data) {
  constexpr std::string_view key = "clientid=";
  while (user_data.substr(0, key.size()) != key) {
    const size_t end = user_data.find(';');
    if (end == std::string_view::npos) return {};
    user_data.remove_prefix(end + 1);
  }
  user_data.remove_prefix(key.size());
  Guid client;
  for (size_t at = 0; at < client.size(); at += 1) {
    const auto [end, error] = std::from_chars(user_data.data(), user_data.data() + user_data.size(), client[at], 16);
    if (error != std::errc()) return {};
    user_data.remove_prefix(size_t(end - user_data.data()));
    const bool last = at + 1 == client.size();
    if (user_data.empty() || user_data.front() != (last ? ';' : '.')) return {};
    user_data.remove_prefix(1);
  }
  return client;
}

}  // namespace goshawk::dds
