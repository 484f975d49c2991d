// What the two processes say to each other beside the frames: requests and answers over a Unix socket, with a file
// descriptor where memory is shared. Every length is checked: the other side may have been damaged by what it ran.
#pragma once

#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <vector>

namespace goshawk::isolated {

/// Requests of the agent's process. Each has one answer, but for `cancel` and `forget_images`, which have none.
enum class Request : uint32_t {
  open_plugin = 1,
  open_device,
  allocate,
  release,
  create_stream,
  destroy_stream,
  letterbox,
  open_engine,
  close_engine,
  create_context,
  destroy_context,
  set_shape,
  prepare,
  context_tensor,
  bind,
  cancel,
  close_device,
  letterbox_image,
  forget_images,
};

/// Numbers and texts in the order in which they are read. The processes are of one build on one machine: no byte order.
class Packer {
 public:
  template <typename Number>
  Packer &number(Number value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    bytes_.insert(bytes_.end(), bytes, bytes + sizeof value);
    return *this;
  }
  Packer &text(const char *value) {
    const std::string whole = value != nullptr ? value : "";
    number(uint32_t(whole.size()));
    bytes_.insert(bytes_.end(), whole.begin(), whole.end());
    return *this;
  }
  const std::vector<char> &bytes() const { return bytes_; }

 private:
  std::vector<char> bytes_;
};

/// What is missing reads as 0 and "", and `ok` says so.
class Unpacker {
 public:
  explicit Unpacker(const std::vector<char> &bytes) : bytes_(bytes) {}
  template <typename Number>
  Number number() {
    Number value = {};
    if (!has(sizeof value)) return value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const auto length = number<uint32_t>();
    if (!has(length)) return "";
    std::string value(bytes_.data() + at_, length);
    at_ += length;
    return value;
  }
  bool ok() const { return ok_; }

 private:
  bool has(size_t count) {
    ok_ = ok_ && count <= bytes_.size() - at_;
    return ok_;
  }
  const std::vector<char> &bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

struct Packet {
  /// A Request, or the status of an answer.
  uint32_t kind = 0;
  std::vector<char> bytes;
  /// -1: none. Whoever takes the packet closes it.
  int file = -1;
};

/// One end. Any thread may send; one at a time may receive.
class Channel {
 public:
  explicit Channel(int socket) : socket_(socket) {}
  ~Channel();
  Channel(const Channel &) = delete;
  Channel &operator=(const Channel &) = delete;

  /// False where the other side is gone.
  bool send(uint32_t kind, const Packer &packer, int file = -1);
  enum class Outcome { packet, gone, late };
  /// `limit_ms` < 0: waits for ever.
  Outcome receive(Packet &packet, int limit_ms = -1);
  /// Wakes whoever receives.
  void shut_down();

 private:
  bool read_exactly(void *to, size_t count);
  int socket_;
  std::mutex sending_;
};

}  // namespace goshawk::isolated
