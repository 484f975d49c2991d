#include "service_notify.h"

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace goshawk {

void notify_service(const std::string &socket_path, const std::string &text) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), socket_path);
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  // An abstract name begins with a zero byte and has no zero byte at its end.
  const bool abstract = socket_path[0] == '@';
  if (abstract) address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_path.size() + (abstract ? 0 : 1));

  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "socket");
  const ssize_t sent = sendto(descriptor, text.data(), text.size(), MSG_NOSIGNAL,
                              reinterpret_cast<const sockaddr *>(&address), length);
  const int problem = errno;
  close(descriptor);
  if (sent < 0) throw std::system_error(problem, std::generic_category(), socket_path);
}

}  // namespace goshawk
