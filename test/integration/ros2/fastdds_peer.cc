// The independent vendor of the interoperation test: a ROS 2 camera and a subscriber in Fast DDS, on this machine only.
//
//   fastdds_peer run <domain> <frames> <rate> <width> <height> udp|shm   one line of JSON at the end
//   fastdds_peer paced <the same>              the same, and it waits while many of its pictures have no result yet
//   fastdds_peer outrun <the same>             as paced, then its parent process is stopped for many pictures (SIGSTOP)
//   fastdds_peer send <the same>               as run, and nobody is expected to answer
//   fastdds_peer read <domain> <seconds> shm   only the reader of pictures: one line of JSON, as test/bench/ros2/cyclone_peer.c
//   fastdds_peer call <domain> <times> shm     a client of ~/enable, as rmw_fastrtps has it: one line of JSON
//   fastdds_peer golden                        messages as Fast DDS serializes them, hex
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/subscriber/DataReader.hpp>
#include <fastdds/dds/subscriber/DataReaderListener.hpp>
#include <fastdds/dds/subscriber/SampleInfo.hpp>
#include <fastdds/dds/subscriber/Subscriber.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/common/SerializedPayload.hpp>
#include <fastdds/rtps/common/WriteParams.hpp>
#include <fastdds/rtps/transport/UDPv4TransportDescriptor.hpp>
#include <fastdds/rtps/transport/shared_mem/SharedMemTransportDescriptor.hpp>
#include <fastdds/utils/IPLocator.hpp>

#include <csignal>

#include <sys/resource.h>
#include <unistd.h>

#include "rosPubSubTypes.hpp"
#include "trimmed_transport.h"

using namespace eprosima::fastdds;
using namespace eprosima::fastdds::dds;
using sensor_msgs::msg::dds_::Image_;
using sensor_msgs::msg::dds_::Image_PubSubType;
using vision_msgs::msg::dds_::Detection2DArray_;
using vision_msgs::msg::dds_::Detection2DArray_PubSubType;
using Clock = std::chrono::steady_clock;

static int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Counts what comes back and compares it with what was sent: 20 detections whose numbers follow from the picture.
class Checker : public DataReaderListener {
 public:
  std::mutex mutex;
  std::vector<int64_t> sent;
  std::vector<bool> answered;
  std::vector<double> latency_ms;
  /// Results of pictures before those that are counted, some of which may be late.
  int warm_up_answered = 0;
  int received = 0, wrong = 0, unknown_stamp = 0;

  size_t unanswered() {
    const std::lock_guard<std::mutex> lock(mutex);
    return sent.size() - size_t(std::count(answered.begin(), answered.end(), true));
  }
  /// False where no result came for so long that one must be lost.
  bool wait_for_fewer(size_t than) {
    for (int tries = 0; tries < 20'000 && unanswered() >= than; tries += 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return unanswered() < than;
  }

  void on_data_available(DataReader *reader) override {
    Detection2DArray_ array;
    SampleInfo info;
    while (reader->take_next_sample(&array, &info) == RETCODE_OK) {
      if (!info.valid_data) continue;
      const int64_t now = wall_ns();
      const std::lock_guard<std::mutex> lock(mutex);
      const int64_t stamp = int64_t(array.header().stamp().sec()) * 1000000000 + array.header().stamp().nanosec();
      if (sent.empty() || stamp < sent.front()) { warm_up_answered += 1; continue; }
      received += 1;
      int index = -1;
      for (size_t at = 0; at < sent.size(); at += 1) if (sent[at] == stamp) index = int(at);
      if (index < 0) { unknown_stamp += 1; continue; }
      answered.resize(std::max(answered.size(), size_t(index) + 1));
      answered[size_t(index)] = true;
      latency_ms.push_back(double(now - stamp) / 1e6);
      bool good = array.header().frame_id() == "camera_optical" && array.detections().size() == 20;
      for (size_t k = 0; good && k < 20; k += 1) {
        const auto &one = array.detections()[k];
        const double x1 = index % 256 + double(k), y1 = 2.0 * double(k);
        good = one.results().size() == 1 && one.results()[0].hypothesis().class_id() == (k % 2 ? "person" : "fahrrad-ü") &&
               one.results()[0].hypothesis().score() == 0.5 && one.results()[0].pose().pose().orientation().w() == 1 &&
               one.bbox().center().position().x() == x1 + 5 && one.bbox().center().position().y() == y1 + 10 &&
               one.bbox().size_x() == 10 && one.bbox().size_y() == 20 && one.id() == std::to_string(k) &&
               one.header().frame_id() == "camera_optical" && one.header().stamp() == array.header().stamp();
      }
      if (!good) wrong += 1;
    }
  }
};

/// How far a paced camera is ahead: fewer pictures of 1080p than the segment holds, and than its writer keeps.
constexpr size_t most_unanswered = 8;
/// So many come while the reader is stopped: twice what the writer keeps.
constexpr int unseen = 40;

/// Stops the program that started this one until `go_on`, and lets it go on should this one crash before.
class StoppedParent {
 public:
  void stop() {
    const pid_t parent = getppid(), self = getpid();
    if (fork() == 0) {
      for (int end : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) close(end);
      while (getppid() == self) usleep(50'000);
      kill(parent, SIGCONT);
      _exit(0);
    }
    kill(parent, SIGSTOP);
  }
  void go_on() { kill(getppid(), SIGCONT); }
};

static void print_hex(const char *name, const rtps::SerializedPayload_t &payload, const char *end) {
  std::printf("\"%s\":\"", name);
  for (uint32_t at = 0; at < payload.length; at += 1) std::printf("%02x", payload.data[at]);
  std::printf("\"%s", end);
}

static int golden() {
  std_msgs::msg::dds_::Header_ header;
  header.stamp().sec(1700000000);
  header.stamp().nanosec(123456789);
  header.frame_id("cam");
  Image_ image;
  image.header(header);
  image.height(2);
  image.width(3);
  image.encoding("rgb8");
  image.is_bigendian(0);
  image.step(9);
  for (int at = 0; at < 18; at += 1) image.data().push_back(uint8_t(at));
  Detection2DArray_ array;
  array.header(header);
  for (int k = 0; k < 2; k += 1) {
    vision_msgs::msg::dds_::Detection2D_ one;
    one.header(header);
    vision_msgs::msg::dds_::ObjectHypothesisWithPose_ result;
    result.hypothesis().class_id(k == 0 ? "person" : "fahrrad-ü");
    result.hypothesis().score(0.25 + k);
    result.pose().pose().orientation().w(1);
    one.results().push_back(result);
    one.bbox().center().position().x(15);
    one.bbox().center().position().y(25.5);
    one.bbox().size_x(10);
    one.bbox().size_y(21);
    one.id(k == 0 ? "7" : "");
    array.detections().push_back(one);
  }
  std::printf("{");
  for (int kind = 0; kind < 2; kind += 1) {
    TypeSupport type(kind == 0 ? static_cast<TopicDataType *>(new Image_PubSubType()) : new Detection2DArray_PubSubType());
    const void *value = kind == 0 ? static_cast<const void *>(&image) : &array;
    rtps::SerializedPayload_t payload(type->calculate_serialized_size(value, XCDR_DATA_REPRESENTATION) + 16);
    type->serialize(value, payload, XCDR_DATA_REPRESENTATION);
    print_hex(kind == 0 ? "image" : "detections", payload, kind == 0 ? "," : "}\n");
  }
  return 0;
}

static volatile std::sig_atomic_t stopping = 0;

/// What is left behind otherwise: a segment of 64 MiB in /dev/shm.
static void leave(DomainParticipant *participant) {
  std::fflush(stdout);
  participant->delete_contained_entities();
  DomainParticipantFactory::get_instance()->delete_participant(participant);
  std::_Exit(0);
}

/// With `shm` as deploy/ros2/fastdds.xml has it.
static DomainParticipant *join(uint32_t domain, const char *transports) {
  DomainParticipantQos participant_qos;
  auto udp = std::make_shared<rtps::UDPv4TransportDescriptor>();
  udp->interfaceWhiteList.push_back("127.0.0.1");
  udp->sendBufferSize = 8 << 20;
  udp->receiveBufferSize = 8 << 20;
  participant_qos.transport().use_builtin_transports = false;
  participant_qos.transport().user_transports.push_back(udp);
  if (std::strcmp(transports, "shm") == 0) {
    auto shared_memory = std::make_shared<rtps::SharedMemTransportDescriptor>();
    // As deploy/ros2/fastdds.xml.
    shared_memory->segment_size(64 << 20);
    shared_memory->port_queue_capacity(4096);
    // As a camera with Fast DDS 3.1.3 or later.
    participant_qos.transport().user_transports.push_back(
        std::make_shared<goshawk::dds::TrimmedTransportDescriptor>(shared_memory));
  }
  rtps::Locator_t peer;
  rtps::IPLocator::setIPv4(peer, "127.0.0.1");
  participant_qos.wire_protocol().builtin.initialPeersList.push_back(peer);
  return DomainParticipantFactory::get_instance()->create_participant(domain, participant_qos);
}

static DataReaderQos reliable_reader(int depth) {
  DataReaderQos qos = DATAREADER_QOS_DEFAULT;
  qos.reliability().kind = RELIABLE_RELIABILITY_QOS;
  qos.history().kind = KEEP_LAST_HISTORY_QOS;
  qos.history().depth = depth;
  qos.endpoint().history_memory_policy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  qos.representation().m_value = {XCDR_DATA_REPRESENTATION};
  return qos;
}

/// As rmw_fastrtps: the guid of the reader of replies beside each request, and the same guid with the number of the request
/// beside its reply.
static int call(DomainParticipant *participant, int times) {
  using std_srvs::srv::dds_::SetBool_Request_;
  using std_srvs::srv::dds_::SetBool_Response_;
  TypeSupport request_type(new std_srvs::srv::dds_::SetBool_Request_PubSubType());
  TypeSupport response_type(new std_srvs::srv::dds_::SetBool_Response_PubSubType());
  request_type.register_type(participant);
  response_type.register_type(participant);
  Topic *requests =
      participant->create_topic("rq/goshawk/enableRequest", request_type.get_type_name(), TOPIC_QOS_DEFAULT);
  Topic *replies = participant->create_topic("rr/goshawk/enableReply", response_type.get_type_name(), TOPIC_QOS_DEFAULT);
  DataReader *reader = participant->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(replies, reliable_reader(10));
  DataWriterQos writer_qos = DATAWRITER_QOS_DEFAULT;
  writer_qos.durability().kind = VOLATILE_DURABILITY_QOS;
  writer_qos.representation().m_value = {XCDR_DATA_REPRESENTATION};
  DataWriter *writer = participant->create_publisher(PUBLISHER_QOS_DEFAULT)->create_datawriter(requests, writer_qos);
  const auto matched = [&] {
    PublicationMatchedStatus out;
    SubscriptionMatchedStatus in;
    writer->get_publication_matched_status(out);
    reader->get_subscription_matched_status(in);
    return out.current_count > 0 && in.current_count > 0;
  };
  for (int tries = 0; tries < 200 && !matched(); tries += 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  int answered = 0, right = 0;
  for (int turn = 0; turn < times; turn += 1) {
    SetBool_Request_ request;
    request.data(turn % 2 == 0);
    rtps::WriteParams params;
    params.related_sample_identity().writer_guid(reader->guid());
    if (writer->write(&request, params) != RETCODE_OK) continue;
    SetBool_Response_ response;
    SampleInfo info;
    for (int tries = 0; tries < 40; tries += 1) {
      if (!reader->wait_for_unread_message({0, 50 * 1000 * 1000})) continue;
      if (reader->take_next_sample(&response, &info) != RETCODE_OK || !info.valid_data) continue;
      answered += 1;
      right += info.related_sample_identity.writer_guid() == reader->guid() &&
               info.related_sample_identity.sequence_number() == params.sample_identity().sequence_number() &&
               response.success() == request.data() && response.message() == "fahrrad-ü";
      break;
    }
  }
  std::printf("{\"called\":%d,\"answered\":%d,\"right\":%d}\n", times, answered, right);
  leave(participant);
  return 0;
}

static double cpu_seconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval &time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// What a plain program spends on a picture: it takes each as a struct and looks at two octets of it.
class Pictures : public DataReaderListener {
 public:
  std::mutex mutex;
  std::vector<double> latency_ms;
  int seen = 0;
  uint32_t sum = 0;
  double began_cpu = 0;
  Image_ image;

  void on_data_available(DataReader *reader) override {
    SampleInfo info;
    while (reader->take_next_sample(&image, &info) == RETCODE_OK) {
      if (!info.valid_data) continue;
      const int64_t stamp = int64_t(image.header().stamp().sec()) * 1000000000 + image.header().stamp().nanosec();
      const double latency = double(wall_ns() - stamp) / 1e6;
      sum += image.data()[image.data().size() / 2] + image.data().back();
      const std::lock_guard<std::mutex> lock(mutex);
      seen += 1;
      if (seen <= 60) began_cpu = cpu_seconds();
      else latency_ms.push_back(latency);
    }
  }
};

static int read_pictures(DomainParticipant *participant, double seconds) {
  TypeSupport type(new Image_PubSubType());
  type.register_type(participant);
  Topic *images = participant->create_topic("rt/camera/image_raw", type.get_type_name(), TOPIC_QOS_DEFAULT);
  Pictures pictures;
  participant->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(images, reliable_reader(10), &pictures);
  for (auto began = Clock::now(); Clock::now() - began < std::chrono::duration<double>(seconds);) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const std::lock_guard<std::mutex> lock(pictures.mutex);
    // As the others: two seconds go by before the clock begins.
    if (pictures.seen <= 60) began = Clock::now();
  }
  std::unique_lock<std::mutex> lock(pictures.mutex);
  const double spent = cpu_seconds() - pictures.began_cpu;
  auto &latencies = pictures.latency_ms;
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](double p) { return latencies.empty() ? 0.0 : latencies[size_t(p * double(latencies.size() - 1))]; };
  std::printf("{\"frames\":%zu,\"lost\":0,\"cpuSeconds\":%.4f,\"latencyMs\":[%.3f,%.3f],\"sum\":%u}\n", latencies.size(),
              spent, at(0.5), at(0.99), pictures.sum);
  lock.unlock();
  leave(participant);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && std::strcmp(argv[1], "golden") == 0) return golden();
  if (argc < 5) return 2;
  DomainParticipant *participant = join(uint32_t(std::atoi(argv[2])), argv[argc - 1]);
  if (argc == 5 && std::strcmp(argv[1], "call") == 0) return call(participant, std::atoi(argv[3]));
  if (argc == 5 && std::strcmp(argv[1], "read") == 0) return read_pictures(participant, std::atof(argv[3]));
  if (argc != 8) return 2;
  std::signal(SIGTERM, [](int) { stopping = 1; });
  const auto mode = [&](const char *name) { return std::strcmp(argv[1], name) == 0; };
  const bool alone = mode("send"), outrun = mode("outrun"), paced = outrun || mode("paced");
  // Stopped from here on, in a run of `outrun`.
  const int first_unseen = outrun ? std::atoi(argv[3]) / 2 : std::numeric_limits<int>::max();
  const int frames = std::atoi(argv[3]), rate = std::atoi(argv[4]), width = std::atoi(argv[5]), height = std::atoi(argv[6]);

  TypeSupport image_type(new Image_PubSubType()), array_type(new Detection2DArray_PubSubType());
  image_type.register_type(participant);
  array_type.register_type(participant);
  Topic *images = participant->create_topic("rt/camera/image_raw", image_type.get_type_name(), TOPIC_QOS_DEFAULT);
  Topic *arrays = participant->create_topic("rt/goshawk/detections", array_type.get_type_name(), TOPIC_QOS_DEFAULT);

  DataWriterQos writer_qos = DATAWRITER_QOS_DEFAULT;
  writer_qos.reliability().kind = RELIABLE_RELIABILITY_QOS;
  writer_qos.reliability().max_blocking_time = {5, 0};
  writer_qos.history().kind = KEEP_LAST_HISTORY_QOS;
  // Twice what the segment holds: of programs that are all stopped for half a second, as on a busy machine, each comes back.
  writer_qos.history().depth = 20;
  writer_qos.durability().kind = VOLATILE_DURABILITY_QOS;
  writer_qos.endpoint().history_memory_policy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  // As rmw_fastrtps by its defaults: a thread of its own for sending would cost a picture half a millisecond.
  writer_qos.publish_mode().kind = SYNCHRONOUS_PUBLISH_MODE;
  writer_qos.representation().m_value = {XCDR_DATA_REPRESENTATION};
  DataWriter *writer = participant->create_publisher(PUBLISHER_QOS_DEFAULT)->create_datawriter(images, writer_qos);
  Checker checker;
  DataReader *reader =
      participant->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(arrays, reliable_reader(60), &checker);

  const auto matched = [&] {
    PublicationMatchedStatus out;
    SubscriptionMatchedStatus in;
    writer->get_publication_matched_status(out);
    reader->get_subscription_matched_status(in);
    return out.current_count > 0 && (alone || in.current_count > 0);
  };
  for (int tries = 0; tries < 200 && !matched() && !stopping; tries += 1) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  if (!matched()) {
    std::printf("{\"error\":\"not matched\"}\n");
    return 1;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));

  Image_ image;
  image.header().frame_id("camera_optical");
  image.height(uint32_t(height));
  image.width(uint32_t(width));
  image.encoding("rgb8");
  image.step(uint32_t(width) * 3);
  image.data().resize(size_t(width) * height * 3);
  // Pictures until the first result comes back: a volatile reader may miss the first one after it was discovered. They
  // are reported on their own and are not part of what is counted.
  int warm_up = 0;
  for (bool answered = alone; !answered && warm_up < 50 && !stopping; warm_up += 1) {
    const int64_t stamp = wall_ns();
    image.header().stamp().sec(int32_t(stamp / 1000000000));
    image.header().stamp().nanosec(uint32_t(stamp % 1000000000));
    writer->write(&image);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const std::lock_guard<std::mutex> lock(checker.mutex);
    answered = checker.warm_up_answered > 0;
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  int refused = 0, waited = 0;
  StoppedParent parent;
  const auto start = Clock::now();
  for (int index = 0; index < frames && !stopping; index += 1) {
    if (paced && index <= first_unseen) {
      const size_t enough = index == first_unseen ? 1 : most_unanswered;
      waited += checker.unanswered() >= enough;
      if (!checker.wait_for_fewer(enough)) break;
    }
    if (index == first_unseen) parent.stop();
    if (index == first_unseen + unseen) parent.go_on();
    std::this_thread::sleep_until(start + std::chrono::nanoseconds(int64_t(index) * 1000000000 / rate));
    std::memset(image.data().data(), index % 256, image.data().size());
    const int64_t stamp = wall_ns();
    image.header().stamp().sec(int32_t(stamp / 1000000000));
    image.header().stamp().nanosec(uint32_t(stamp % 1000000000));
    {
      const std::lock_guard<std::mutex> lock(checker.mutex);
      checker.sent.push_back(stamp);
    }
    if (writer->write(&image) != RETCODE_OK) refused += 1;
  }
  if (outrun) {
    parent.go_on();
    // Each is received or given up then.
    writer->wait_for_acknowledgments({30, 0});
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (int tries = 0; tries < (alone || outrun ? 10 : 50) && !stopping; tries += 1) {
    {
      const std::lock_guard<std::mutex> lock(checker.mutex);
      if (checker.received >= frames) break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  std::unique_lock<std::mutex> lock(checker.mutex);
  std::sort(checker.latency_ms.begin(), checker.latency_ms.end());
  const auto at = [&](double p) {
    return checker.latency_ms.empty() ? 0.0 : checker.latency_ms[size_t(p * double(checker.latency_ms.size() - 1))];
  };
  std::string missing;
  checker.answered.resize(size_t(frames));
  for (int index = 0; index < frames; index += 1) {
    if (!checker.answered[size_t(index)]) missing += (missing.empty() ? "" : ",") + std::to_string(index);
  }
  std::printf(
      "{\"warmUp\":%d,\"warmUpAnswered\":%d,\"sent\":%d,\"refused\":%d,\"received\":%d,\"wrong\":%d,\"unknownStamp\":%d,\"firstStampNs\":\"%lld\",\"waited\":%d,\"seconds\":%.3f,\"p50Ms\":%.2f,"
      "\"p99Ms\":%.2f,\"missing\":[%s]}\n",
      warm_up, checker.warm_up_answered, frames, refused, checker.received, checker.wrong, checker.unknown_stamp,
      static_cast<long long>(checker.sent.empty() ? 0 : checker.sent.front()), waited, seconds, at(0.5), at(0.99), missing.c_str());
  lock.unlock();
  leave(participant);
  return 0;
}
