#include "channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace goshawk::isolated {

namespace {

struct Header {
  uint32_t kind;
  uint32_t length;
};

/// Far above what the description of a large engine's layers takes.
constexpr uint32_t most_bytes = 64u << 20;

/// The descriptor of a message that has exactly one; -1, and none is left open, where it has another number of them.
int only_file_of(msghdr &message) {
  int only = -1;
  size_t count = (message.msg_flags & MSG_CTRUNC) != 0 ? 1 : 0;
  for (cmsghdr *control = CMSG_FIRSTHDR(&message); control != nullptr; control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= control->cmsg_len; at += sizeof(int)) {
      int file = -1;
      std::memcpy(&file, CMSG_DATA(control) + at, sizeof file);
      if (count++ == 0) only = file;
      else ::close(file);
    }
  }
  if (count <= 1) return only;
  if (only >= 0) ::close(only);
  return -1;
}

}  // namespace

Channel::~Channel() { ::close(socket_); }

void Channel::shut_down() { ::shutdown(socket_, SHUT_RDWR); }

bool Channel::send(uint32_t kind, const Packer &packer, int file) {
  const std::lock_guard<std::mutex> lock(sending_);
  Header header = {kind, uint32_t(packer.bytes().size())};
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char *>(packer.bytes().data()), packer.bytes().size()}};
  msghdr message = {};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
  if (file >= 0) {
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    cmsghdr *control = CMSG_FIRSTHDR(&message);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(control), &file, sizeof file);
  }
  size_t left = sizeof header + packer.bytes().size();
  while (left > 0) {
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    left -= size_t(sent);
    // The descriptor went with the first byte.
    message.msg_control = nullptr;
    message.msg_controllen = 0;
    size_t skip = size_t(sent);
    for (iovec &part : parts) {
      const size_t done = skip < part.iov_len ? skip : part.iov_len;
      part.iov_base = static_cast<char *>(part.iov_base) + done;
      part.iov_len -= done;
      skip -= done;
    }
  }
  return true;
}

bool Channel::read_exactly(void *to, size_t count) {
  char *at = static_cast<char *>(to);
  while (count > 0) {
    const ssize_t got = ::recv(socket_, at, count, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    count -= size_t(got);
  }
  return true;
}

Channel::Outcome Channel::receive(Packet &packet, int limit_ms) {
  packet = Packet();
  pollfd waiting = {socket_, POLLIN, 0};
  for (;;) {
    const int ready = ::poll(&waiting, 1, limit_ms);
    if (ready > 0) break;
    if (ready == 0) return Outcome::late;
    if (errno != EINTR) return Outcome::gone;
  }
  Header header = {};
  iovec part = {&header, sizeof header};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
  message.msg_control = room;
  message.msg_controllen = sizeof room;
  ssize_t got;
  do got = ::recvmsg(socket_, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return Outcome::gone;
  packet.file = only_file_of(message);
  const size_t rest = sizeof header - size_t(got);
  const bool whole = read_exactly(reinterpret_cast<char *>(&header) + got, rest) && header.length <= most_bytes;
  packet.kind = header.kind;
  if (whole) packet.bytes.resize(header.length);
  if (whole && read_exactly(packet.bytes.data(), packet.bytes.size())) return Outcome::packet;
  if (packet.file >= 0) ::close(packet.file);
  return Outcome::gone;
}

}  // namespace goshawk::isolated
