// The plain side of `npm run bench -- ros2-rclnodejs`: a subscriber in C with rcl, whose messages are C structs, as those of rclcpp
// are C++ ones.
//
//   rcl_reader <seconds> [best_effort]      one line of JSON: frames, gaps, CPU seconds, latency; as cyclone_peer.c
//
// The domain is ROS_DOMAIN_ID's, the middleware RMW_IMPLEMENTATION's.
#include <rcl/error_handling.h>
#include <rcl/rcl.h>
#include <rosidl_runtime_c/message_type_support_struct.h>
#include <sensor_msgs/msg/image.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

static void need(rcl_ret_t code, const char *what) {
  if (code == RCL_RET_OK) return;
  fprintf(stderr, "%s: %s\n", what, rcl_get_error_string().str);
  exit(1);
}

#define MOST_LATENCIES 100000

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const double seconds = atof(argv[1]);
  rcl_allocator_t allocator = rcl_get_default_allocator();
  rcl_init_options_t options = rcl_get_zero_initialized_init_options();
  rcl_context_t context = rcl_get_zero_initialized_context();
  need(rcl_init_options_init(&options, allocator), "options");
  need(rcl_init(0, NULL, &options, &context), "rcl_init");
  rcl_node_t node = rcl_get_zero_initialized_node();
  rcl_node_options_t node_options = rcl_node_get_default_options();
  need(rcl_node_init(&node, "plain_reader", "", &context, &node_options), "node");
  rcl_subscription_t subscription = rcl_get_zero_initialized_subscription();
  rcl_subscription_options_t subscription_options = rcl_subscription_get_default_options();
  subscription_options.qos.depth = 10;
  if (argc > 2 && strcmp(argv[2], "best_effort") == 0) {
    subscription_options.qos.reliability = RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT;
  }
  const rosidl_message_type_support_t *type = ROSIDL_GET_MSG_TYPE_SUPPORT(sensor_msgs, msg, Image);
  need(rcl_subscription_init(&subscription, &node, type, "/camera/image_raw", &subscription_options), "subscription");
  rcl_wait_set_t waiting = rcl_get_zero_initialized_wait_set();
  need(rcl_wait_set_init(&waiting, 1, 0, 0, 0, 0, 0, &context, allocator), "wait set");
  sensor_msgs__msg__Image image;
  if (!sensor_msgs__msg__Image__init(&image)) return 1;

  int frames = 0, gaps = 0, last = -1;
  unsigned sum = 0;
  static double latency_ms[MOST_LATENCIES];
  double began_cpu = 0;
  int64_t first = 0;
  const int64_t opened = wall_ns();
  while (!is_over(opened, first, seconds, wall_ns())) {
    need(rcl_wait_set_clear(&waiting), "clear");
    need(rcl_wait_set_add_subscription(&waiting, &subscription, NULL), "add");
    const rcl_ret_t waited = rcl_wait(&waiting, RCL_MS_TO_NS(200));
    if (waited != RCL_RET_OK && waited != RCL_RET_TIMEOUT) need(waited, "wait");
    while (rcl_take(&subscription, &image, NULL, NULL) == RCL_RET_OK) {
      int number;
      memcpy(&number, image.data.data, sizeof number);
      sum += image.data.data[image.data.size / 2] + image.data.data[image.data.size - 1];
      const int64_t now = wall_ns();
      if (first == 0) first = now;
      if (!is_counting(first, now)) {
        began_cpu = cpu_seconds();
      } else {
        gaps += number - last - 1;
        latency_ms[frames++ % MOST_LATENCIES] = ms_since_stamp(now, image.header.stamp.sec, image.header.stamp.nanosec);
      }
      last = number;
    }
    rcl_reset_error();
  }
  const double cpu = cpu_seconds() - began_cpu;
  const int kept = frames < MOST_LATENCIES ? frames : MOST_LATENCIES;
  qsort(latency_ms, (size_t)kept, sizeof *latency_ms, ascending);
  printf("{\"frames\":%d,\"lost\":%d,\"cpuSeconds\":%.4f,\"latencyMs\":[%.3f,%.3f],\"sum\":%u}\n", frames, gaps, cpu,
         kept > 0 ? latency_ms[kept / 2] : 0, kept > 0 ? latency_ms[kept * 99 / 100] : 0, sum);
  fflush(stdout);
  _Exit(0);
}
