// The plain C++ side of `npm run bench -- ros2-latency` over Fast DDS: a camera and a subscriber with its DDS layer and
// fastddsgen's types, as cyclone_peer.c is over Cyclone DDS.
//
//   plain_fastdds camera <domain> <seconds> <rate> <width> <height> [best_effort]
//   plain_fastdds reader <domain> <seconds> [best_effort]    one line of JSON: frames, gaps, CPU seconds, latency
//
// Configuration: FASTDDS_DEFAULT_PROFILES_FILE and FASTDDS_BUILTIN_TRANSPORTS, the same for all.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
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
#include <fastdds/utils/IPLocator.hpp>

#include "measure.h"
#include "rosPubSubTypes.hpp"

using namespace eprosima::fastdds::dds;
namespace rtps = eprosima::fastdds::rtps;
using sensor_msgs::msg::dds_::Image_;
using sensor_msgs::msg::dds_::Image_PubSubType;

static volatile std::sig_atomic_t stopping = 0;
static bool best_effort = false;

/// Finds who is on this machine, as a node with ROS_LOCALHOST_ONLY does.
static DomainParticipant *join(uint32_t domain) {
  auto *factory = DomainParticipantFactory::get_instance();
  factory->load_profiles();
  DomainParticipantQos qos = factory->get_default_participant_qos();
  rtps::Locator_t here;
  rtps::IPLocator::setIPv4(here, "127.0.0.1");
  auto &builtin = qos.wire_protocol().builtin;
  builtin.metatrafficMulticastLocatorList.clear();
  builtin.metatrafficUnicastLocatorList.push_back(rtps::Locator_t());
  builtin.initialPeersList.push_back(here);
  return factory->create_participant(domain, qos);
}

template <typename Qos>
static Qos keeping(Qos qos, int depth) {
  qos.reliability().kind = best_effort ? BEST_EFFORT_RELIABILITY_QOS : RELIABLE_RELIABILITY_QOS;
  qos.history().kind = KEEP_LAST_HISTORY_QOS;
  qos.history().depth = depth;
  qos.durability().kind = VOLATILE_DURABILITY_QOS;
  qos.endpoint().history_memory_policy = rtps::PREALLOCATED_WITH_REALLOC_MEMORY_MODE;
  qos.representation().m_value = {XCDR_DATA_REPRESENTATION};
  return qos;
}

static void camera(DomainParticipant *participant, Topic *topic, double seconds, double rate, uint32_t width, uint32_t height) {
  DataWriterQos qos = keeping(DATAWRITER_QOS_DEFAULT, 10);
  // As rmw_fastrtps by its defaults.
  qos.publish_mode().kind = SYNCHRONOUS_PUBLISH_MODE;
  DataWriter *writer = participant->create_publisher(PUBLISHER_QOS_DEFAULT)->create_datawriter(topic, qos);
  Image_ image;
  image.header().frame_id("camera");
  image.encoding("rgb8");
  image.width(width);
  image.height(height);
  image.step(3 * width);
  image.data().resize(size_t(3) * width * height);
  const int64_t start = wall_ns();
  for (int sent = 0; double(wall_ns() - start) / 1e9 < seconds && !stopping; sent += 1) {
    const int64_t wait = start + int64_t(sent * 1e9 / rate) - wall_ns();
    if (wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
    // The number of the picture, so that a reader sees what it did not get.
    std::memset(image.data().data(), sent & 255, image.data().size());
    std::memcpy(image.data().data(), &sent, sizeof sent);
    const int64_t stamp = wall_ns();
    image.header().stamp().sec(stamp_sec(stamp));
    image.header().stamp().nanosec(stamp_nanosec(stamp));
    writer->write(&image);
  }
}

/// It takes each picture as a struct and looks at two octets of it.
class Pictures : public DataReaderListener {
 public:
  std::mutex mutex;
  std::vector<double> latency_ms;
  int64_t first = 0;
  int gaps = 0, last = -1;
  uint32_t sum = 0;
  double began_cpu = 0;
  Image_ image;

  void on_data_available(DataReader *reader) override {
    SampleInfo info;
    while (reader->take_next_sample(&image, &info) == RETCODE_OK) {
      if (!info.valid_data) continue;
      int number;
      std::memcpy(&number, image.data().data(), sizeof number);
      sum += image.data()[image.data().size() / 2] + image.data().back();
      const int64_t now = wall_ns();
      const std::lock_guard<std::mutex> lock(mutex);
      if (first == 0) first = now;
      if (!is_counting(first, now)) {
        began_cpu = cpu_seconds();
      } else {
        gaps += number - last - 1;
        const auto &stamp = image.header().stamp();
        latency_ms.push_back(ms_since_stamp(now, stamp.sec(), stamp.nanosec()));
      }
      last = number;
    }
  }
};

static void reader(DomainParticipant *participant, Topic *topic, double seconds) {
  static Pictures pictures;
  const int64_t opened = wall_ns();
  participant->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(topic, keeping(DATAREADER_QOS_DEFAULT, 10), &pictures);
  const auto over = [&] {
    const std::lock_guard<std::mutex> lock(pictures.mutex);
    return is_over(opened, pictures.first, seconds, wall_ns());
  };
  while (!over()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::lock_guard<std::mutex> lock(pictures.mutex);
  const double cpu = cpu_seconds() - pictures.began_cpu;
  auto &latencies = pictures.latency_ms;
  std::sort(latencies.begin(), latencies.end());
  const auto at = [&](size_t percent) { return latencies.empty() ? 0.0 : latencies[latencies.size() * percent / 100]; };
  std::printf("{\"frames\":%zu,\"lost\":%d,\"cpuSeconds\":%.4f,\"latencyMs\":[%.3f,%.3f],\"sum\":%u}\n", latencies.size(),
              pictures.gaps, cpu, at(50), at(99), pictures.sum);
  std::fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  best_effort = std::strcmp(argv[argc - 1], "best_effort") == 0;
  const bool is_camera = std::strcmp(argv[1], "camera") == 0 && argc >= 7;
  std::signal(SIGTERM, [](int) { stopping = 1; });
  DomainParticipant *participant = join(uint32_t(std::atoi(argv[2])));
  if (participant == nullptr) return 1;
  TypeSupport type(new Image_PubSubType());
  type.register_type(participant);
  Topic *topic = participant->create_topic("rt/camera/image_raw", type.get_type_name(), TOPIC_QOS_DEFAULT);
  const double seconds = std::atof(argv[3]);
  if (is_camera) {
    camera(participant, topic, seconds, std::atof(argv[4]), uint32_t(std::atoi(argv[5])), uint32_t(std::atoi(argv[6])));
  } else {
    reader(participant, topic, seconds);
  }
  // What is left behind otherwise: a segment in /dev/shm.
  participant->delete_contained_entities();
  DomainParticipantFactory::get_instance()->delete_participant(participant);
  return 0;
}
