// What an addon of ROS 2 needs of a middleware: participant, reader and writer of opaque CDR. One of the folders beside this
// file is linked with it. Plain C++, no napi.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "announced.h"
#include "inbox.h"
#include "leaving.h"

namespace goshawk::dds {

class DdsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct EndpointOptions {
  std::string topic;
  std::string type;
  std::string user_data;
  bool reliable = true;
  bool transient_local = false;
  int depth = 1;
  /// Reader: largest message, and messages that wait for the consumer.
  size_t max_bytes = 0;
  bool in_pieces = false;
  /// Reader: its messages say who wrote them.
  bool identities = false;
  size_t queue = 1;
  /// Reader: bytes of them. Writer (Fast DDS): bytes of the last `depth` messages that it keeps.
  size_t queue_bytes = std::numeric_limits<size_t>::max();
  /// Writer: how long a write may wait for slow readers.
  int max_blocking_ms = 0;
  /// Writer: what it wrote counts no more once it ends, and may be lost: the next writer of its topic does not wait for it.
  bool leaves_at_once = false;
};

/// As many as wait, and as many bytes; of ten times as many that gave way it is known whose they were, where that is asked for.
inline Inbox::Limits inbox_limits(const EndpointOptions &options) {
  return {options.queue, options.queue_bytes, options.identities ? 10 * options.queue : 0};
}

/// For what comes in: in the middleware's hands, waiting for JavaScript, in the hands of JavaScript, and some on their way in.
struct PoolLimits {
  explicit PoolLimits(const EndpointOptions &options)
      : blocks(size_t(options.depth) + options.queue + 6),
        bytes(options.queue_bytes > std::numeric_limits<size_t>::max() / 3 ? options.queue_bytes : 3 * options.queue_bytes) {}
  size_t blocks, bytes;
};

class Participant {
 public:
  virtual ~Participant() = default;
  virtual Guid guid() const = 0;
  /// Writers of a topic that are known now, `most` of them at most.
  virtual std::vector<Announced> writers_of(const std::string &topic, size_t most) const = 0;
  /// Readers of a service's requests, by the topic of these; of other topics none are known.
  virtual std::vector<Announced> readers_of(const std::string &topic, size_t most) const = 0;
  virtual Announcements announcements() const = 0;
  /// Writers that are closed and whose last words not every reader has yet.
  Leaving &leaving() { return leaving_; }

 private:
  Leaving leaving_;
};

/// Callbacks of the middleware have ended when the destructor of a reader or a writer has.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Guid guid() const = 0;
  virtual Inbox &inbox() = 0;
};

class Writer {
 public:
  virtual ~Writer() = default;
  virtual Guid guid() const = 0;
  virtual Inbox &inbox() = 0;
  /// `related` says beside the message what it belongs to. False: readers are too slow and the message was not taken.
  virtual bool write(const uint8_t *bytes, size_t size, const std::optional<Identity> &related) = 0;
  /// Readers that are matched now.
  virtual uint32_t matched() const = 0;
  /// Whether a message reaches this reader. Cyclone DDS: the reader of this client; of zeros, any reader.
  virtual bool reaches(const Guid &reader) const = 0;
};

/// Each throws a DdsError. `notify` is called on a thread of the middleware: something waits in the inbox.
std::shared_ptr<Participant> make_participant(uint32_t domain, const std::string &configuration,
                                              const std::string &user_data);
std::unique_ptr<Reader> make_reader(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify);
std::unique_ptr<Writer> make_writer(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify);

}  // namespace goshawk::dds
