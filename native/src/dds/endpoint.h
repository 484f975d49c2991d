// Participant, reader and writer over Cyclone DDS; plain C++, no napi.
#pragma once

#include <deque>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

#include "raw_type.h"

namespace goshawk::dds {

class DdsError : public std::runtime_error {
 public:
  DdsError(const std::string &what, dds_return_t code) : std::runtime_error(what + ": " + dds_strretcode(code)) {}
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
  size_t queue = 1;
  /// Writer: how long a write may wait for slow readers.
  int max_blocking_ms = 0;
};

struct Happening {
  /// `matched` (count: peers now), `incompatible` (policy), `lost` (count: since the start).
  const char *kind;
  uint32_t count;
  std::string policy;
};

/// Domain and participant. Domains of one process are shared, with the configuration of the first.
class Participant {
 public:
  Participant(uint32_t domain, const std::string &configuration, const std::string &user_data);
  ~Participant();
  Participant(const Participant &) = delete;
  Participant &operator=(const Participant &) = delete;
  dds_entity_t entity() const { return entity_; }

 private:
  uint32_t domain_;
  dds_entity_t entity_ = 0;
};

class Endpoint {
 public:
  /// `notify` is called on a thread of the middleware: something waits to be taken.
  Endpoint(std::shared_ptr<Participant> participant, std::function<void()> notify)
      : participant_(std::move(participant)), notify_(std::move(notify)) {}
  virtual ~Endpoint() { close(); }
  Endpoint(const Endpoint &) = delete;
  Endpoint &operator=(const Endpoint &) = delete;
  /// Blocks until no callback runs any more. Idempotent.
  void close();
  dds_guid_t guid() const;
  std::deque<Happening> take_happenings();

 protected:
  void happened(Happening happening);
  dds_entity_t make_topic(const EndpointOptions &options, RawType *type);

  std::shared_ptr<Participant> participant_;
  std::function<void()> notify_;
  std::mutex mutex_;
  std::deque<Happening> happenings_;
  dds_entity_t topic_ = 0;
  dds_entity_t entity_ = 0;
};

struct Received {
  std::shared_ptr<Lease> lease;
};

class Reader : public Endpoint {
 public:
  Reader(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify);
  ~Reader() override { close(); }
  std::deque<Received> take_samples();
  const Refusals &refusals() const { return *refusals_; }
  uint64_t superseded() const { return superseded_.load(); }

 private:
  void collect(dds_entity_t reader);
  const size_t queue_;
  const std::shared_ptr<Refusals> refusals_ = std::make_shared<Refusals>();
  std::deque<Received> samples_;
  std::atomic<uint64_t> superseded_{0};
};

class Writer : public Endpoint {
 public:
  Writer(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify);
  ~Writer() override { close(); }
  /// False: readers are too slow and the message was not taken.
  bool write(const uint8_t *bytes, size_t size);
  uint32_t matched() const;

 private:
  RawType *type_ = nullptr;
};

}  // namespace goshawk::dds
