// Reader and writer over Fast DDS in one process, for a sanitizer: what is kept, what is refused, and who ends first.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

#include "../../src/dds/fastdds/api.h"
#include "../../src/dds/middleware.h"
#include "../check.h"
#include "spy_transport.h"

using namespace goshawk::dds;

namespace {

constexpr uint32_t domain = 88;
constexpr size_t limit = 300000;

EndpointOptions options_of(size_t queue) {
  EndpointOptions options;
  options.topic = "rt/test/bytes";
  options.type = "test::msg::dds_::Bytes_";
  options.depth = 8;
  options.queue = queue;
  options.max_bytes = limit;
  options.identities = true;
  return options;
}

/// Ten seconds are more than discovery takes.
template <typename Condition>
bool within(Condition &&condition) {
  for (int tries = 0; tries < 1000; tries += 1) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::vector<uint8_t> message(size_t size, uint8_t value) {
  std::vector<uint8_t> bytes(size, value);
  bytes[0] = 0;
  bytes[1] = 1;
  return bytes;
}

/// Each message comes as it was written; one that is too large is refused once and the next comes.
void carries(Reader &reader, Writer &writer, goshawk::test::Random &random) {
  for (int turn = 0; turn < 60; turn += 1) {
    const size_t size = size_t(random.between(4, int(limit)));
    const std::vector<uint8_t> large = message(limit + 1000, 9), bytes = message(size, uint8_t(turn));
    const uint64_t refused = reader.inbox().refusals->too_large.load();
    if (turn % 10 == 0) CHECK(writer.write(large.data(), large.size(), std::nullopt));
    CHECK(writer.write(bytes.data(), bytes.size(), std::nullopt));
    std::deque<Received> received;
    CHECK(within([&] {
      for (Received &one : reader.inbox().take_samples()) received.push_back(std::move(one));
      return !received.empty();
    }));
    CHECK(received.size() == 1);
    CHECK(received[0].size >= size && received[0].size < size + 4);
    CHECK(std::memcmp(received[0].lease->block->data.get(), bytes.data(), size) == 0);
    CHECK(std::equal(received[0].own.begin(), received[0].own.begin() + 16, writer.guid().begin()));
    CHECK(reader.inbox().refusals->too_large.load() == refused + (turn % 10 == 0 ? 1 : 0));
  }
  CHECK(reader.inbox().refusals->largest.load() == limit + 1000);
}

void says_what_it_belongs_to(Reader &reader, Writer &writer) {
  Identity related;
  for (size_t at = 0; at < related.size(); at += 1) related[at] = uint8_t(at + 1);
  const std::vector<uint8_t> bytes = message(16, 1);
  CHECK(writer.write(bytes.data(), bytes.size(), related));
  std::deque<Received> received;
  CHECK(within([&] { return !(received = reader.inbox().take_samples()).empty(); }));
  CHECK(received[0].related == related);
  CHECK(writer.reaches(reader.guid()));
  CHECK(!writer.reaches(Guid{}));
}

/// The reader ends while its writer writes, and somebody still has its messages.
void ends_while_busy(const std::shared_ptr<Participant> &participant, Writer &writer) {
  for (int turn = 0; turn < 5; turn += 1) {
    std::atomic<bool> stop{false};
    std::deque<Received> kept;
    {
      auto reader = make_reader(participant, options_of(100), [] {});
      std::thread writing([&] {
        const std::vector<uint8_t> bytes = message(200000, 5);
        while (!stop.load()) writer.write(bytes.data(), bytes.size(), std::nullopt);
      });
      CHECK(within([&] {
        for (Received &one : reader->inbox().take_samples()) kept.push_back(std::move(one));
        return kept.size() >= 3;
      }));
      reader.reset();
      stop.store(true);
      writing.join();
    }
    for (const Received &one : kept) CHECK(one.lease->block->data[one.size - 1] == 5);
  }
}

/// Where a thread of the middleware is held up, as by a network that takes no more.
class Gate {
 public:
  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (open_) return;
    held_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  bool holds_somebody() {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return held_; });
  }
  void close() { set(false); }
  void open() { set(true); }

 private:
  void set(bool open) {
    const std::lock_guard<std::mutex> lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false, open_ = true;
};

/// The sending thread of a participant has another writer's message in hand, and `writer` has as many in line as it keeps.
struct HeldUp {
  explicit HeldUp(const std::shared_ptr<Participant> &participant, bool state = false)
      : slow_reader(make_reader(participant, options("rt/test/slow", false), [this] { gate.pass(); })),
        slow_writer(make_writer(participant, options("rt/test/slow", false), [] {})),
        reader(make_reader(participant, options("rt/test/quick", state), [] {})),
        writer(make_writer(participant, options("rt/test/quick", state), [] {})) {
    CHECK(within([&] { return slow_writer->matched() == 1 && writer->matched() == 1; }));
    gate.close();
    CHECK(write(*slow_writer));
    CHECK(gate.holds_somebody());
    begun = std::chrono::steady_clock::now();
    for (size_t count = 0; count < depth; count += 1) CHECK(write(*writer));
  }
  ~HeldUp() { gate.open(); }

  std::chrono::steady_clock::duration age() const { return std::chrono::steady_clock::now() - begun; }
  std::future<bool> write_one_more() {
    return std::async(std::launch::async, [this] { return write(*writer); });
  }

  static constexpr size_t depth = 2;
  Gate gate;
  std::unique_ptr<Reader> slow_reader;
  std::unique_ptr<Writer> slow_writer;
  std::unique_ptr<Reader> reader;
  std::unique_ptr<Writer> writer;
  std::chrono::steady_clock::time_point begun;

 private:
  static EndpointOptions options(const char *topic, bool state) {
    EndpointOptions options = options_of(4);
    options.topic = topic;
    options.transient_local = state;
    options.depth = depth;
    return options;
  }
  static bool write(Writer &writer) {
    const std::vector<uint8_t> bytes = message(100, 3);
    return writer.write(bytes.data(), bytes.size(), std::nullopt);
  }
};

/// A message is refused, of a state too, and nobody waits for what another writer sends. False: this machine is so slow that it
/// says nothing.
bool waits_for_no_other_writer(const std::shared_ptr<Participant> &participant, bool state) {
  HeldUp held_up(participant, state);
  auto written = held_up.write_one_more();
  if (held_up.age() > std::chrono::seconds(1)) {
    held_up.gate.open();
    return false;
  }
  CHECK(written.wait_for(std::chrono::seconds(10)) == std::future_status::ready);
  CHECK(!written.get());
  return true;
}

/// What was in line for seconds makes room, if the sending thread lets it.
void gives_way(const std::shared_ptr<Participant> &participant) {
  HeldUp held_up(participant);
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  auto written = held_up.write_one_more();
  written.wait_for(std::chrono::milliseconds(200));
  held_up.gate.open();
  CHECK(written.get());
}

/// Two participants that find each other through shared memory alone.
void sends_nothing_but_submessages() {
  const auto seen = std::make_shared<goshawk::test::Seen>();
  rtps::RTPSParticipantAttributes attributes;
  attributes.useBuiltinTransports = false;
  attributes.userTransports.push_back(std::make_shared<goshawk::test::SpyTransportDescriptor>(
      without_statistics(std::make_shared<rtps::SharedMemTransportDescriptor>()), seen));
  rtps::RTPSParticipant *one = rtps::RTPSDomain::createParticipant(domain + 1, attributes);
  rtps::RTPSParticipant *other = rtps::RTPSDomain::createParticipant(domain + 1, attributes);
  CHECK(one != nullptr && other != nullptr);
  CHECK(within([&] { return seen->messages >= 10; }));
  CHECK(seen->torn == 0);
  rtps::RTPSDomain::removeRTPSParticipant(one);
  rtps::RTPSDomain::removeRTPSParticipant(other);
}

}  // namespace

int main() {
  goshawk::test::Random random(7);
  sends_nothing_but_submessages();
  auto here = make_participant(domain, "range=LOCALHOST", "enclave=/;");
  auto there = make_participant(domain, "range=LOCALHOST;peer=127.0.0.1", "enclave=/;");
  CHECK(here->guid() != there->guid());
  {
    auto reader = make_reader(here, options_of(4), [] {});
    auto writer = make_writer(there, options_of(0), [] {});
    CHECK(within([&] { return writer->reaches(reader->guid()) && writer->matched() == 1; }));
    CHECK(within([&] {
      for (const StatusEvent &event : reader->inbox().take_events()) {
        if (std::strcmp(event.kind, "matched") == 0 && event.count == 1) return true;
      }
      return false;
    }));
    carries(*reader, *writer, random);
    says_what_it_belongs_to(*reader, *writer);
    auto other = make_writer(here, options_of(0), [] {});
    ends_while_busy(there, *other);
  }
  for (const bool state : {false, true}) CHECK(within([&] { return waits_for_no_other_writer(here, state); }));
  gives_way(here);
  bool refused = false;
  try {
    make_participant(domain, "range=SUBNET;peer=no-such-host.invalid", "");
  } catch (const DdsError &) {
    refused = true;
  }
  CHECK(refused);
  here.reset();
  there.reset();
  std::puts("ok");
  return 0;
}
