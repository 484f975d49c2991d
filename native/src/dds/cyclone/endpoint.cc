// Participant, reader and writer over Cyclone DDS.
#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <system_error>
#include <utility>

#include "../../base/kept_memory.h"
#include "../client_id.h"
#include "../middleware.h"
#include "../sequence_gaps.h"
#include "../known_writers.h"
#include "raw_type.h"

namespace goshawk::dds {

namespace {

DdsError error_of(const std::string &what, dds_return_t code) { return DdsError(what + ": " + dds_strretcode(code)); }

std::mutex domains_mutex;
struct Domain {
  dds_entity_t entity = 0;
  int users = 0;
};
std::map<uint32_t, Domain> domains;

const char *policy_name(uint32_t id) {
  switch (id) {
    case DDS_DURABILITY_QOS_POLICY_ID: return "durability";
    case DDS_DEADLINE_QOS_POLICY_ID: return "deadline";
    case DDS_OWNERSHIP_QOS_POLICY_ID: return "ownership";
    case DDS_LIVELINESS_QOS_POLICY_ID: return "liveliness";
    case DDS_RELIABILITY_QOS_POLICY_ID: return "reliability";
    case DDS_PARTITION_QOS_POLICY_ID: return "partition";
    case DDS_DATA_REPRESENTATION_QOS_POLICY_ID: return "data_representation";
    case DDS_TYPE_CONSISTENCY_ENFORCEMENT_QOS_POLICY_ID: return "type_consistency";
    default: return "another policy";
  }
}

using Qos = std::unique_ptr<dds_qos_t, void (*)(dds_qos_t *)>;
using Listener = std::unique_ptr<dds_listener_t, void (*)(dds_listener_t *)>;

Qos make_qos(const EndpointOptions &options) {
  Qos qos(dds_create_qos(), dds_delete_qos);
  dds_qset_reliability(qos.get(), options.reliable ? DDS_RELIABILITY_RELIABLE : DDS_RELIABILITY_BEST_EFFORT,
                       DDS_MSECS(options.max_blocking_ms));
  dds_qset_durability(qos.get(), options.transient_local ? DDS_DURABILITY_TRANSIENT_LOCAL : DDS_DURABILITY_VOLATILE);
  dds_qset_history(qos.get(), DDS_HISTORY_KEEP_LAST, options.depth);
  if (options.transient_local) {
    dds_qset_durability_service(qos.get(), 0, DDS_HISTORY_KEEP_LAST, options.depth, DDS_LENGTH_UNLIMITED,
                                DDS_LENGTH_UNLIMITED, DDS_LENGTH_UNLIMITED);
  }
  // As rmw_cyclonedds: a writer that goes away does not dispose.
  dds_qset_writer_data_lifecycle(qos.get(), false);
  if (!options.user_data.empty()) {
    dds_qset_userdata(qos.get(), options.user_data.data(), options.user_data.size());
  }
  return qos;
}

Guid octets_of(const dds_guid_t &guid) {
  Guid octets;
  std::copy(std::begin(guid.v), std::end(guid.v), octets.begin());
  return octets;
}

Guid guid_of(dds_entity_t entity) {
  dds_guid_t guid{};
  if (entity > 0) dds_get_guid(entity, &guid);
  return octets_of(guid);
}

std::string user_data_of(const dds_builtintopic_endpoint_t &end) {
  void *data = nullptr;
  size_t size = 0;
  std::string said;
  if (dds_qget_userdata(end.qos, &data, &size) && data != nullptr) said.assign(static_cast<const char *>(data), size);
  dds_free(data);
  return said;
}

/// Domain and participant. Domains of one process are shared, with the configuration of the first.
class CycloneParticipant final : public Participant {
 public:
  CycloneParticipant(uint32_t domain, const std::string &configuration, const std::string &user_data) : domain_(domain) {
    // Cyclone receives into buffers of 1 MiB that it allocates and frees all the time: to map them anew was a fifth of the time of
    // the thread that receives.
    keep_freed_memory(4 << 20, 32 << 20);
    const std::lock_guard<std::mutex> lock(domains_mutex);
    Domain &shared = domains[domain];
    if (shared.users == 0 && !configuration.empty()) {
      shared.entity = dds_create_domain(domain, configuration.c_str());
      if (shared.entity < 0) {
        const dds_return_t code = shared.entity;
        domains.erase(domain);
        throw error_of("domain " + std::to_string(domain), code);
      }
    }
    Qos qos(dds_create_qos(), dds_delete_qos);
    if (!user_data.empty()) dds_qset_userdata(qos.get(), user_data.data(), user_data.size());
    entity_ = dds_create_participant(domain, qos.get(), nullptr);
    const dds_return_t code = entity_ < 0 ? entity_ : listen();
    if (code < 0) {
      if (entity_ > 0) dds_delete(entity_);
      if (shared.users == 0) {
        if (shared.entity > 0) dds_delete(shared.entity);
        domains.erase(domain);
      }
      throw error_of("participant in domain " + std::to_string(domain), code);
    }
    shared.users += 1;
  }

  ~CycloneParticipant() override {
    // Each takes a second at most.
    leaving_.clear();
    const std::lock_guard<std::mutex> lock(domains_mutex);
    // First, and not with the others: no callback runs any more after this.
    for (const dds_entity_t reader : announcements_) dds_delete(reader);
    dds_delete(entity_);
    Domain &shared = domains[domain_];
    if (--shared.users > 0) return;
    if (shared.entity > 0) dds_delete(shared.entity);
    domains.erase(domain_);
  }

  Guid guid() const override { return guid_of(entity_); }
  dds_entity_t entity() const { return entity_; }

  /// Cyclone holds up who deletes a writer for up to a second (WriterLingerDuration) where a reader has not acknowledged all.
  void delete_aside(dds_entity_t writer) {
    const auto ended = [](const std::future<dds_return_t> &each) {
      return each.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    leaving_.erase(std::remove_if(leaving_.begin(), leaving_.end(), ended), leaving_.end());
    try {
      leaving_.push_back(std::async(std::launch::async, dds_delete, writer));
    } catch (const std::system_error &) {
      // There is no thread for it.
      dds_delete(writer);
    }
  }

  std::vector<Announced> writers_of(const std::string &topic, size_t most) const override { return known_writers_.of(topic, most); }
  std::vector<Announced> readers_of(const std::string &topic, size_t most) const override { return known_servers_.of(topic, most); }
  Announcements announcements() const override { return known_writers_.tally(); }

 private:
  /// Each announcement is read once, when it comes: who asks for a topic does not read those of the whole graph.
  dds_return_t listen() {
    const dds_return_t code = hear(DDS_BUILTIN_TOPIC_DCPSPUBLICATION, [](dds_entity_t reader, void *self) {
      static_cast<CycloneParticipant *>(self)->collect(reader, true);
    });
    if (code < 0) return code;
    return hear(DDS_BUILTIN_TOPIC_DCPSSUBSCRIPTION, [](dds_entity_t reader, void *self) {
      static_cast<CycloneParticipant *>(self)->collect(reader, false);
    });
  }

  dds_return_t hear(dds_entity_t topic, dds_on_data_available_fn collects) {
    Listener listener(dds_create_listener(this), dds_delete_listener);
    dds_lset_data_available(listener.get(), collects);
    const dds_entity_t reader = dds_create_reader(entity_, topic, nullptr, listener.get());
    if (reader < 0) return reader;
    announcements_.push_back(reader);
    // Those that came before.
    collects(reader, this);
    return DDS_RETCODE_OK;
  }

  void collect(dds_entity_t reader, bool tells_writers) {
    constexpr uint32_t batch = 32;
    void *samples[batch];
    dds_sample_info_t infos[batch];
    KnownWriters &known = tells_writers ? known_writers_ : known_servers_;
    // Local endpoints are announced on the thread that makes them: what one thread took must not be noted after what came later.
    const std::lock_guard<std::mutex> lock(collect_mutex_);
    for (;;) {
      samples[0] = nullptr;
      const dds_return_t count = dds_take(reader, samples, infos, batch, batch);
      if (count <= 0) return;
      for (dds_return_t index = 0; index < count; index += 1) {
        const auto *end = static_cast<const dds_builtintopic_endpoint_t *>(samples[index]);
        // Of one that is gone there is the key alone.
        if (infos[index].instance_state != DDS_IST_ALIVE) known.remove(octets_of(end->key));
        else if (!infos[index].valid_data) continue;
        else if (tells_writers || is_request_topic(end->topic_name)) known.put(end->topic_name, announced(*end));
      }
      dds_return_loan(reader, samples, count);
    }
  }

  static Announced announced(const dds_builtintopic_endpoint_t &end) {
    return {octets_of(end.key), end.type_name, user_data_of(end)};
  }

  uint32_t domain_;
  KnownWriters known_writers_;
  /// Readers of requests, with the same limits.
  KnownWriters known_servers_;
  std::mutex collect_mutex_;
  dds_entity_t entity_ = 0;
  std::vector<dds_entity_t> announcements_;
  std::vector<std::future<dds_return_t>> leaving_;
};

/// The topic and the reader or writer of it.
class Endpoint {
 public:
  Endpoint(std::shared_ptr<Participant> participant, size_t queue, std::function<void()> notify)
      : participant_(std::static_pointer_cast<CycloneParticipant>(std::move(participant))),
        inbox_(queue, std::move(notify)) {}
  virtual ~Endpoint() { close(); }

 protected:
  /// Blocks until no callback runs any more. Idempotent.
  void close() {
    if (entity_ > 0) dds_delete(entity_);
    if (topic_ > 0) dds_delete(topic_);
    entity_ = 0;
    topic_ = 0;
  }

  dds_entity_t make_topic(const EndpointOptions &options, RawType *type) {
    ddsi_sertype *base = type;
    topic_ = dds_create_topic_sertype(participant_->entity(), options.topic.c_str(), &base, nullptr, nullptr, nullptr);
    if (topic_ < 0) {
      const dds_return_t code = topic_;
      ddsi_sertype_unref(type);
      throw error_of("topic " + options.topic + " of type " + options.type, code);
    }
    return topic_;
  }

  const std::shared_ptr<CycloneParticipant> participant_;
  Inbox inbox_;
  dds_entity_t topic_ = 0;
  dds_entity_t entity_ = 0;
};

class CycloneReader final : public Reader, private Endpoint {
 public:
  CycloneReader(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify)
      : Endpoint(std::move(participant), options.queue, std::move(notify)), identities_(options.identities) {
    // In the reader's cache, waiting for JavaScript, in the hands of JavaScript, and one on its way in.
    auto pool = std::make_shared<BlockPool>(size_t(options.depth) + options.queue + 6);
    make_topic(options,
               new_raw_type(options.type.c_str(), std::move(pool), inbox_.refusals, options.max_bytes, options.in_pieces));
    Listener listener(dds_create_listener(this), dds_delete_listener);
    dds_lset_data_available(listener.get(), [](dds_entity_t reader, void *self) {
      static_cast<CycloneReader *>(self)->collect(reader);
    });
    dds_lset_subscription_matched(listener.get(), [](dds_entity_t, dds_subscription_matched_status_t status, void *self) {
      static_cast<CycloneReader *>(self)->inbox_.push_event({"matched", status.current_count, ""});
    });
    dds_lset_requested_incompatible_qos(
        listener.get(), [](dds_entity_t, dds_requested_incompatible_qos_status_t status, void *self) {
          static_cast<CycloneReader *>(self)->inbox_.push_event(
              {"incompatible", status.total_count, policy_name(status.last_policy_id)});
        });
    const Qos qos = make_qos(options);
    entity_ = dds_create_reader(participant_->entity(), topic_, qos.get(), listener.get());
    if (entity_ < 0) {
      const dds_return_t code = entity_;
      close();
      throw error_of("reader of " + options.topic, code);
    }
  }
  ~CycloneReader() override { close(); }

  Guid guid() const override { return guid_of(entity_); }
  Inbox &inbox() override { return inbox_; }

 private:
  void collect(dds_entity_t reader) {
    constexpr uint32_t batch = 8;
    ddsi_serdata *taken[batch];
    dds_sample_info_t infos[batch];
    for (;;) {
      const dds_return_t count = dds_takecdr(reader, taken, batch, infos, DDS_ANY_STATE);
      if (count <= 0) break;
      for (dds_return_t index = 0; index < count; index += 1) {
        const auto *sample = static_cast<const RawSample *>(taken[index]);
        if (infos[index].valid_data && sample->lease) {
          if (sample->lease->pieces() != nullptr) sample->lease->outlived_by(participant_);
          Received received{sample->lease, sample->size, {}, {}};
          if (identities_) identify(received, reader, infos[index]);
          inbox_.received(std::move(received));
        }
        if (sample->number > 0) gaps_.add(infos[index].publication_handle, sample->number);
        ddsi_serdata_unref(taken[index]);
      }
    }
    tell_lost();
    inbox_.notify();
  }

  /// By its writer's guid, without the number, and by the client whose request it is; nothing of a writer that is gone.
  static void identify(Received &received, dds_entity_t reader, const dds_sample_info_t &info) {
    dds_builtintopic_endpoint_t *writer = dds_get_matched_publication_data(reader, info.publication_handle);
    if (writer == nullptr) return;
    std::copy(std::begin(writer->key.v), std::end(writer->key.v), received.own.begin());
    const Guid client = client_of(user_data_of(*writer));
    std::copy(client.begin(), client.end(), received.related.begin());
    dds_builtintopic_free_endpoint(writer);
  }

  /// Cyclone (0.10.5) has a status for lost samples and never raises it for one that was lost on the way.
  void tell_lost() {
    const uint64_t refused = inbox_.refusals->too_large.load() + inbox_.refusals->overrun.load();
    if (gaps_.missing() <= refused + lost_) return;
    lost_ = gaps_.missing() - refused;
    inbox_.push_event({"lost", uint32_t(lost_), ""});
  }

  const bool identities_;
  /// Of the one thread of the middleware that calls.
  SequenceGaps gaps_;
  uint64_t lost_ = 0;
};

class CycloneWriter final : public Writer, private Endpoint {
 public:
  CycloneWriter(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify)
      : Endpoint(std::move(participant), 0, std::move(notify)), leaves_at_once_(options.leaves_at_once) {
    type_ = new_raw_type(options.type.c_str(), nullptr, std::make_shared<Refusals>(), 0, false);
    make_topic(options, type_);
    Listener listener(dds_create_listener(this), dds_delete_listener);
    dds_lset_publication_matched(listener.get(), [](dds_entity_t, dds_publication_matched_status_t status, void *self) {
      static_cast<CycloneWriter *>(self)->inbox_.push_event({"matched", status.current_count, ""});
    });
    dds_lset_offered_incompatible_qos(
        listener.get(), [](dds_entity_t, dds_offered_incompatible_qos_status_t status, void *self) {
          static_cast<CycloneWriter *>(self)->inbox_.push_event(
              {"incompatible", status.total_count, policy_name(status.last_policy_id)});
        });
    const Qos qos = make_qos(options);
    entity_ = dds_create_writer(participant_->entity(), topic_, qos.get(), listener.get());
    if (entity_ < 0) {
      const dds_return_t code = entity_;
      close();
      throw error_of("writer of " + options.topic, code);
    }
  }
  ~CycloneWriter() override {
    if (leaves_at_once_ && dds_wait_for_acks(entity_, 0) != DDS_RETCODE_OK) {
      // Waits for the callback that runs; none comes after it.
      dds_set_listener(entity_, nullptr);
      participant_->delete_aside(std::exchange(entity_, 0));
    }
    close();
  }

  Guid guid() const override { return guid_of(entity_); }
  Inbox &inbox() override { return inbox_; }

  /// rmw_cyclonedds says in front of a message what it belongs to, so that nothing is said beside it.
  bool write(const uint8_t *bytes, size_t size, const std::optional<Identity> &) override {
    const dds_return_t code = dds_writecdr(entity_, new_raw_sample(type_, bytes, size));
    if (code == DDS_RETCODE_TIMEOUT) return false;
    if (code < 0) throw error_of("write", code);
    return true;
  }

  uint32_t matched() const override {
    dds_publication_matched_status_t status{};
    dds_get_publication_matched_status(entity_, &status);
    return status.current_count;
  }
  /// As rmw_cyclonedds looks for who asked: by what its reader says of itself, and not by its guid.
  bool reaches(const Guid &client) const override {
    std::vector<dds_instance_handle_t> readers(matched());
    if (client == Guid{} || readers.empty()) return !readers.empty();
    const dds_return_t count = dds_get_matched_subscriptions(entity_, readers.data(), readers.size());
    // There may be more of them by now.
    if (count < 0) return false;
    readers.resize(std::min(readers.size(), size_t(count)));
    return std::any_of(readers.begin(), readers.end(), [&](dds_instance_handle_t each) {
      dds_builtintopic_endpoint_t *reader = dds_get_matched_subscription_data(entity_, each);
      if (reader == nullptr) return false;
      const bool is_its = client_of(user_data_of(*reader)) == client;
      dds_builtintopic_free_endpoint(reader);
      return is_its;
    });
  }

 private:
  const bool leaves_at_once_;
  RawType *type_ = nullptr;
};

}  // namespace

std::shared_ptr<Participant> make_participant(uint32_t domain, const std::string &configuration,
                                              const std::string &user_data) {
  return std::make_shared<CycloneParticipant>(domain, configuration, user_data);
}

std::unique_ptr<Reader> make_reader(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify) {
  return std::make_unique<CycloneReader>(std::move(participant), options, std::move(notify));
}

std::unique_ptr<Writer> make_writer(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify) {
  return std::make_unique<CycloneWriter>(std::move(participant), options, std::move(notify));
}

}  // namespace goshawk::dds
