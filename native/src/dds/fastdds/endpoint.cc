// Reader and writer over Fast DDS's RTPS layer. The DDS layer above it would copy each message once more, and could refuse a
// message that is too large only after all of it had come.
#include <chrono>
#include <deque>

#include "../sequence_gaps.h"
#include "given_up.h"
#include "participant.h"
#include "payload_pool.h"
#include "remove_oldest.h"

namespace goshawk::dds {

namespace {

/// For the middleware's own lock, which its sending thread holds for a moment: not for slow readers.
constexpr int least_patience_ms = 5;
/// A reader that is stuck or gone does not hold up an end.
constexpr uint32_t long_farewell_ns = 1'000'000'000;
/// The same where nothing is kept for later readers: a thread of the middleware has still to send it. Most readers answer in less.
constexpr uint32_t short_farewell_ns = 200'000'000;
/// Of a writer whose last word counts: a reader that missed it hears so soon. Fast DDS waits three seconds else.
constexpr uint32_t heartbeat_ns = 100'000'000;
/// What is set aside for a message before its size is known; it grows and stays as large as the largest.
constexpr uint32_t first_payload_bytes = 512;
/// Of fastcdr::string_255.
constexpr size_t longest_name = 255;

const char *policy_name(const fast::PolicyMask &policies) {
  struct Named {
    uint32_t id;
    const char *name;
  };
  constexpr Named named[] = {
      {fast::RELIABILITY_QOS_POLICY_ID, "reliability"}, {fast::DURABILITY_QOS_POLICY_ID, "durability"},
      {fast::DEADLINE_QOS_POLICY_ID, "deadline"},       {fast::OWNERSHIP_QOS_POLICY_ID, "ownership"},
      {fast::LIVELINESS_QOS_POLICY_ID, "liveliness"},   {fast::PARTITION_QOS_POLICY_ID, "partition"},
      {fast::DATAREPRESENTATION_QOS_POLICY_ID, "data_representation"},
      {fast::TYPECONSISTENCYENFORCEMENT_QOS_POLICY_ID, "type_consistency"},
  };
  for (const Named &each : named) {
    if (policies.test(each.id)) return each.name;
  }
  return "another policy";
}

Identity identity_of(const rtps::GUID_t &guid, const rtps::SequenceNumber_t &number) {
  Identity octets;
  const Guid writer = octets_of(guid);
  auto at = std::copy(writer.begin(), writer.end(), octets.begin());
  for (const uint32_t word : {uint32_t(number.high), number.low}) {
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = uint8_t(word >> shift);
  }
  return octets;
}

rtps::SampleIdentity sample_identity(const Identity &octets) {
  const auto word = [&](size_t at) {
    return uint32_t(octets[at]) << 24 | uint32_t(octets[at + 1]) << 16 | uint32_t(octets[at + 2]) << 8 | octets[at + 3];
  };
  rtps::SampleIdentity identity;
  identity.writer_guid(guid_of(octets.data()));
  identity.sequence_number(rtps::SequenceNumber_t(int32_t(word(16)), word(20)));
  return identity;
}

void check_names(const EndpointOptions &options) {
  if (options.topic.size() > longest_name || options.type.size() > longest_name) {
    throw DdsError("topic " + options.topic.substr(0, 64) + "...: its name or type is longer than 255 characters");
  }
}

template <typename Qos>
Qos qos_of(const EndpointOptions &options) {
  Qos qos;
  qos.m_reliability.kind = options.reliable ? fast::RELIABLE_RELIABILITY_QOS : fast::BEST_EFFORT_RELIABILITY_QOS;
  qos.m_durability.kind = options.transient_local ? fast::TRANSIENT_LOCAL_DURABILITY_QOS : fast::VOLATILE_DURABILITY_QOS;
  qos.m_userData.data_vec(std::vector<uint8_t>(options.user_data.begin(), options.user_data.end()));
  // As rmw_fastrtps: its type support is always XCDR1, and types without a bound can't be shared in place.
  qos.data_sharing.off();
  return qos;
}

void fill(rtps::EndpointAttributes &attributes, const EndpointOptions &options) {
  attributes.reliabilityKind = options.reliable ? rtps::RELIABLE : rtps::BEST_EFFORT;
  attributes.durabilityKind = options.transient_local ? rtps::TRANSIENT_LOCAL : rtps::VOLATILE;
  attributes.topicKind = rtps::NO_KEY;
  fast::DataSharingQosPolicy no_sharing;
  no_sharing.off();
  attributes.set_data_sharing_configuration(no_sharing);
  rtps::Property topic;
  topic.name("topic_name");
  topic.value(std::string(options.topic));
  attributes.properties.properties().push_back(std::move(topic));
}

/// Refuses a message that is too large at its first fragment: nothing of it is kept, and its writer does not send it again.
class BoundedHistory final : public rtps::ReaderHistory {
 public:
  BoundedHistory(size_t max_bytes, std::shared_ptr<Refusals> refusals,
                 std::function<void(const rtps::CacheChange_t &)> given_up)
      : ReaderHistory({rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE, 0, 0, 0}),
        max_bytes_(max_bytes),
        refusals_(std::move(refusals)),
        given_up_(std::move(given_up)) {}

  bool can_change_be_added_nts(const rtps::GUID_t &writer, uint32_t size, size_t missing,
                               bool &never) const override {
    if (size > max_bytes_) {
      refusals_->refuse(size);
      never = true;
      return false;
    }
    return ReaderHistory::can_change_be_added_nts(writer, size, missing, never);
  }

 protected:
  // For a reader it is the handling of a GAP alone that calls this, for a message of which only some fragments came, where it
  // does not announce it (see below): nobody else tells that it is lost, where it is (given_up.h).
  void do_release_cache(rtps::CacheChange_t *change) override {
    if (!change->is_fully_assembled()) given_up_(*change);
    ReaderHistory::do_release_cache(change);
  }

 private:
  const size_t max_bytes_;
  const std::shared_ptr<Refusals> refusals_;
  const std::function<void(const rtps::CacheChange_t &)> given_up_;
};

class FastReader final : public Reader, private ReaderEvents {
 public:
  FastReader(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify)
      : participant_(std::static_pointer_cast<FastParticipant>(std::move(participant))),
        inbox_(inbox_limits(options), std::move(notify)),
        identities_(options.identities),
        pool_(std::make_shared<PayloadPool>(PoolLimits(options))),
        history_(options.max_bytes, inbox_.refusals, [this](const rtps::CacheChange_t &change) {
          tell_lost(given_up_.dropped(change.writerGUID, change.sequenceNumber));
        }) {
    check_names(options);
    rtps::ReaderAttributes attributes;
    fill(attributes.endpoint, options);
    reader_ = rtps::RTPSDomain::createRTPSReader(participant_->get(), attributes, pool_, &history_, this);
    if (reader_ == nullptr) throw DdsError("reader of " + options.topic + ": Fast DDS refused it");
    auto qos = qos_of<fast::ReaderQos>(options);
    qos.representation.m_value = {fast::XCDR_DATA_REPRESENTATION};
    if (!announce(*participant_->get(), reader_, options.topic, options.type, qos)) {
      rtps::RTPSDomain::removeRTPSReader(reader_);
      throw DdsError("reader of " + options.topic + ": Fast DDS does not announce it");
    }
  }
  ~FastReader() override { rtps::RTPSDomain::removeRTPSReader(reader_); }

  Guid guid() const override { return octets_of(reader_->getGuid()); }
  Inbox &inbox() override { return inbox_; }

 private:
  // Listeners are called by the middleware, which knows no exceptions.
  void on_new_cache_change_added(rtps::RTPSReader *, const rtps::CacheChange_t *added) noexcept override {
    auto *change = const_cast<rtps::CacheChange_t *>(added);
    tell_lost(given_up_.settle(change->writerGUID, change->sequenceNumber));
    // Fast DDS (3.1.2 to 3.6.2, StatefulReader::process_gap_msg; 2.14.4, 2.6.10) also announces a message of which fragments are
    // missing when its writer gives it up: the rest of the block is what lay there before, half of an older picture.
    if (!change->is_fully_assembled()) {
      tell_lost(1);
    } else if (change->kind == rtps::ALIVE) {
      if (std::shared_ptr<Lease> lease = pool_->lease_of(change->serializedPayload)) {
        Received received{std::move(lease), change->serializedPayload.length, {}, {}};
        if (identities_) {
          const rtps::SampleIdentity &related = change->write_params.sample_identity();
          received.own = identity_of(change->writerGUID, change->sequenceNumber);
          received.related = identity_of(related.writer_guid(), related.sequence_number());
        }
        inbox_.received(std::move(received));
      }
    }
    history_.remove_change(change);
    inbox_.notify();
  }
  void on_reader_matched(rtps::RTPSReader *, const rtps::MatchingInfo &info) noexcept override {
    if (info.status == rtps::MATCHED_MATCHING) matched_ += 1;
    else matched_ -= 1;
    if (info.status == rtps::REMOVED_MATCHING) tell_lost(given_up_.gone(info.remoteEndpointGuid));
    inbox_.push_event({"matched", matched_.load(), ""});
  }
  void on_requested_incompatible_qos(rtps::RTPSReader *, fast::PolicyMask policies) noexcept override {
    inbox_.push_event({"incompatible", incompatible_ += 1, policy_name(policies)});
  }
  void on_sample_lost(rtps::RTPSReader *, int32_t lost) noexcept override { tell_lost(believed_loss(uint32_t(lost))); }

  void tell_lost(uint32_t more) {
    if (more > 0) inbox_.push_event({"lost", lost_ += more, ""});
  }

  const std::shared_ptr<FastParticipant> participant_;
  Inbox inbox_;
  const bool identities_;
  const std::shared_ptr<PayloadPool> pool_;
  GivenUp given_up_;
  BoundedHistory history_;
  std::atomic<uint32_t> matched_{0}, incompatible_{0}, lost_{0};
  rtps::RTPSReader *reader_ = nullptr;
};

/// What Fast DDS calls and reads: it may outlive its owner, while readers have still to hear the last words.
class KeptWriter final : private WriterEvents {
 public:
  KeptWriter(rtps::RTPSParticipant &participant, const EndpointOptions &options, std::function<void()> notify)
      : inbox({}, std::move(notify)), history({rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE, first_payload_bytes, 0, 0}) {
    check_names(options);
    rtps::WriterAttributes attributes;
    fill(attributes.endpoint, options);
    // A thread of the middleware sends: the event loop waits neither for a socket nor for 6 MB.
    attributes.mode = rtps::ASYNCHRONOUS_WRITER;
    if (options.reliable && options.transient_local) set_heartbeat(attributes, heartbeat_ns);
    writer = rtps::RTPSDomain::createRTPSWriter(&participant, attributes, &history, this);
    if (writer == nullptr) throw DdsError("writer of " + options.topic + ": Fast DDS refused it");
    auto qos = qos_of<fast::WriterQos>(options);
    qos.m_publishMode.kind = fast::ASYNCHRONOUS_PUBLISH_MODE;
    qos.representation.m_value = {fast::XCDR_DATA_REPRESENTATION};
    if (!announce(participant, writer, options.topic, options.type, qos)) {
      rtps::RTPSDomain::removeRTPSWriter(writer);
      throw DdsError("writer of " + options.topic + ": Fast DDS does not announce it");
    }
  }
  ~KeptWriter() override { rtps::RTPSDomain::removeRTPSWriter(writer); }

  /// Waits for the callback that runs; its owner hears of none after it.
  void part_from_owner() {
    const std::lock_guard<std::mutex> lock(mutex_);
    owned_ = false;
  }

  Inbox inbox;
  rtps::WriterHistory history;
  std::atomic<uint32_t> matched{0};
  rtps::RTPSWriter *writer = nullptr;

 private:
  void on_writer_matched(rtps::RTPSWriter *, const rtps::MatchingInfo &info) noexcept override {
    if (info.status == rtps::MATCHED_MATCHING) matched += 1;
    else matched -= 1;
    tell({"matched", matched.load(), ""});
  }
  void on_offered_incompatible_qos(rtps::RTPSWriter *, fast::PolicyMask policies) noexcept override {
    tell({"incompatible", incompatible_ += 1, policy_name(policies)});
  }
  void tell(StatusEvent event) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (owned_) inbox.push_event(std::move(event));
  }

  std::mutex mutex_;
  bool owned_ = true;
  std::atomic<uint32_t> incompatible_{0};
};

class FastWriter final : public Writer {
 public:
  FastWriter(std::shared_ptr<Participant> participant, const EndpointOptions &options, std::function<void()> notify)
      : participant_(std::static_pointer_cast<FastParticipant>(std::move(participant))),
        topic_(options.topic),
        depth_(size_t(options.depth)),
        most_bytes_(options.queue_bytes),
        waits_for_readers_(options.reliable && !options.leaves_at_once),
        farewell_ns_(options.transient_local ? long_farewell_ns : short_farewell_ns),
        patience_(std::max(least_patience_ms, options.max_blocking_ms)) {
    if (waits_for_readers_) participant_->leaving().wait_for(topic_);
    kept_ = std::make_shared<KeptWriter>(*participant_->get(), options, std::move(notify));
  }
  /// Those that are here should have our last words: what is kept for later readers tells a state; of the others are the end of a
  /// bond, the last transition and an answer.
  ~FastWriter() override {
    if (!waits_for_readers_ || kept_->writer->wait_for_all_acked({0, 0})) return;
    kept_->part_from_owner();
    participant_->leaving().start(topic_, [kept = std::move(kept_), farewell = farewell_ns_]() mutable {
      kept->writer->wait_for_all_acked({int32_t(farewell / 1'000'000'000), farewell % 1'000'000'000});
      // And not where this is forgotten.
      kept.reset();
    });
  }

  Guid guid() const override { return octets_of(kept_->writer->getGuid()); }
  Inbox &inbox() override { return kept_->inbox; }

  /// Keeps the last `depth` messages and `queue_bytes` of them, sent or not: a reader that is too slow misses the older ones.
  bool write(const uint8_t *bytes, size_t size, const std::optional<Identity> &related) override {
    const auto deadline = std::chrono::steady_clock::now() + patience_;
    rtps::WriterHistory &history = kept_->history;
    std::unique_lock<HistoryMutex> lock(*history.getMutex(), deadline);
    if (!lock.owns_lock()) return false;
    while (!sizes_.empty() && (sizes_.size() >= depth_ || kept_bytes_ + size > most_bytes_)) {
      if (!remove_oldest(history, lock, deadline)) return false;
      kept_bytes_ -= sizes_.front();
      sizes_.pop_front();
    }
    rtps::CacheChange_t *change = new_change(kept_->writer, history, uint32_t(size));
    if (change == nullptr) throw DdsError("write: no memory for " + std::to_string(size) + " bytes");
    std::memcpy(change->serializedPayload.data, bytes, size);
    change->serializedPayload.length = uint32_t(size);
    change->serializedPayload.encapsulation = CDR_LE;
    rtps::WriteParams params;
    if (related) params.related_sample_identity(sample_identity(*related));
    if (history.add_change(change, params)) {
      sizes_.push_back(size);
      kept_bytes_ += size;
      return true;
    }
    release_change(kept_->writer, history, change);
    throw DdsError("write: Fast DDS did not take the message");
  }

  uint32_t matched() const override { return kept_->matched.load(); }
  bool reaches(const Guid &reader) const override {
    return kept_->writer->matched_reader_is_matched(guid_of(reader.data()));
  }

 private:
  const std::shared_ptr<FastParticipant> participant_;
  const std::string topic_;
  const size_t depth_;
  const size_t most_bytes_;
  /// Of the messages in the history, the oldest first; behind its lock.
  std::deque<size_t> sizes_;
  size_t kept_bytes_ = 0;
  const bool waits_for_readers_;
  const uint32_t farewell_ns_;
  const std::chrono::milliseconds patience_;
  std::shared_ptr<KeptWriter> kept_;
};

}  // namespace

std::unique_ptr<Reader> make_reader(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify) {
  return std::make_unique<FastReader>(std::move(participant), options, std::move(notify));
}

std::unique_ptr<Writer> make_writer(std::shared_ptr<Participant> participant, const EndpointOptions &options,
                                    std::function<void()> notify) {
  return std::make_unique<FastWriter>(std::move(participant), options, std::move(notify));
}

}  // namespace goshawk::dds
