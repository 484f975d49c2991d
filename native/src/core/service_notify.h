#pragma once
#include <string>

namespace goshawk {

// Sends one datagram to the service manager's socket (systemd's NOTIFY_SOCKET); `@` begins an abstract name. Never blocks.
// Throws std::system_error with what the kernel said.
void notify_service(const std::string &socket_path, const std::string &text);

}  // namespace goshawk
