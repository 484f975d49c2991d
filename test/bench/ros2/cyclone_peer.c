// The plain C side of `npm run bench -- ros2`: a camera and a subscriber with Cyclone DDS's own C API and idlc's types.
//
//   cyclone_peer camera <domain> <seconds> <rate> <width> <height> [encoding] [best_effort]
//                                                                  how many pictures it sent
//   cyclone_peer reader <domain> <seconds> [best_effort]             one line of JSON: frames, gaps, CPU seconds, latency
//
// Configuration: CYCLONEDDS_URI, the same for all. The reader takes each picture as a C struct, reads its header and the
// first, middle and last octet of its data.
#include <dds/dds.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"
#include "ros.h"

static bool best_effort = false;

static dds_qos_t *keeping(int depth) {
  dds_qos_t *qos = dds_create_qos();
  dds_qset_reliability(qos, best_effort ? DDS_RELIABILITY_BEST_EFFORT : DDS_RELIABILITY_RELIABLE, DDS_SECS(1));
  dds_qset_history(qos, DDS_HISTORY_KEEP_LAST, depth);
  return qos;
}

static int camera(dds_entity_t participant, dds_entity_t topic, double seconds, double rate, uint32_t width,
                  uint32_t height, const char *encoding) {
  const uint32_t pixel_bytes = strcmp(encoding, "rgba8") == 0 ? 4 : strncmp(encoding, "bayer_", 6) == 0 ? 1 : 3;
  const dds_entity_t writer = dds_create_writer(participant, topic, keeping(10), NULL);
  sensor_msgs_msg_dds__Image_ image;
  memset(&image, 0, sizeof image);
  image.header.frame_id = (char *)"camera";
  image.encoding = (char *)encoding;
  image.width = width;
  image.height = height;
  image.step = pixel_bytes * width;
  image.data._length = image.data._maximum = pixel_bytes * width * height;
  image.data._buffer = malloc(image.data._length);
  const int64_t start = wall_ns();
  int sent = 0;
  while ((double)(wall_ns() - start) / 1e9 < seconds) {
    const int64_t due = start + (int64_t)(sent * 1e9 / rate);
    const int64_t wait = due - wall_ns();
    if (wait > 0) dds_sleepfor(wait);
    // The number of the picture, so that a reader sees what it did not get.
    image.height = height;
    memset(image.data._buffer, sent & 255, image.data._length);
    memcpy(image.data._buffer, &sent, sizeof sent);
    const int64_t stamp = wall_ns();
    image.header.stamp.sec = stamp_sec(stamp);
    image.header.stamp.nanosec = stamp_nanosec(stamp);
    if (dds_write(writer, &image) != 0) fprintf(stderr, "not written: %d\n", sent);
    sent += 1;
  }
  dds_sleepfor(DDS_SECS(1));
  printf("{\"sent\":%d}\n", sent);
  return 0;
}

#define MOST_LATENCIES 100000

static int reader(dds_entity_t participant, dds_entity_t topic, double seconds) {
  const dds_entity_t end = dds_create_reader(participant, topic, keeping(10), NULL);
  const dds_entity_t waitset = dds_create_waitset(participant);
  const dds_entity_t condition = dds_create_readcondition(end, DDS_ANY_STATE);
  dds_waitset_attach(waitset, condition, 0);
  void *samples[1] = {NULL};
  dds_sample_info_t info;
  int frames = 0, gaps = 0, last = -1;
  unsigned sum = 0;
  static double latency_ms[MOST_LATENCIES];
  double began_cpu = 0;
  int64_t first = 0;
  const int64_t opened = wall_ns();
  while (!is_over(opened, first, seconds, wall_ns())) {
    dds_waitset_wait(waitset, NULL, 0, DDS_MSECS(200));
    while (dds_take(end, samples, &info, 1, 1) == 1) {
      if (info.valid_data) {
        const sensor_msgs_msg_dds__Image_ *image = samples[0];
        int number;
        memcpy(&number, image->data._buffer, sizeof number);
        sum += image->data._buffer[image->data._length / 2] + image->data._buffer[image->data._length - 1];
        const int64_t now = wall_ns();
        if (first == 0) first = now;
        if (!is_counting(first, now)) {
          began_cpu = cpu_seconds();
        } else {
          gaps += number - last - 1;
          const builtin_interfaces_msg_dds__Time_ *stamp = &image->header.stamp;
          latency_ms[frames++ % MOST_LATENCIES] = ms_since_stamp(now, stamp->sec, stamp->nanosec);
        }
        last = number;
      }
      dds_return_loan(end, samples, 1);
      samples[0] = NULL;
    }
  }
  const double cpu = cpu_seconds() - began_cpu;
  const int kept = frames < MOST_LATENCIES ? frames : MOST_LATENCIES;
  qsort(latency_ms, (size_t)kept, sizeof *latency_ms, ascending);
  printf("{\"frames\":%d,\"lost\":%d,\"cpuSeconds\":%.4f,\"latencyMs\":[%.3f,%.3f],\"sum\":%u}\n", frames, gaps, cpu,
         kept > 0 ? latency_ms[kept / 2] : 0, kept > 0 ? latency_ms[kept * 99 / 100] : 0, sum);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  best_effort = strcmp(argv[argc - 1], "best_effort") == 0;
  const dds_entity_t participant = dds_create_participant((dds_domainid_t)atoi(argv[2]), NULL, NULL);
  if (participant < 0) {
    fprintf(stderr, "no participant: %s\n", dds_strretcode(-participant));
    return 1;
  }
  const dds_entity_t topic =
      dds_create_topic(participant, &sensor_msgs_msg_dds__Image__desc, "rt/camera/image_raw", NULL, NULL);
  const bool is_camera = strcmp(argv[1], "camera") == 0 && argc >= 7;
  return is_camera ? camera(participant, topic, atof(argv[3]), atof(argv[4]), (uint32_t)atoi(argv[5]),
                            (uint32_t)atoi(argv[6]), argc > 7 ? argv[7] : "rgb8")
                   : reader(participant, topic, atof(argv[3]));
}
