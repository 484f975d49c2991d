// A plain side of `npm run bench -- ros2-rclnodejs --reader <this, compiled>`: a subscriber of rclcpp, as most nodes have one.
//
//   rclcpp_reader <seconds>      one line of JSON, as rcl_reader.c
//
// Compiled with ament: add_executable, ament_target_dependencies(... rclcpp sensor_msgs), C++17, -O2. It takes a minute; the bench
// compiles rcl_reader.c alone.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <rclcpp/rclcpp.hpp>
#include <sensor_msgs/msg/image.hpp>
#include <vector>

#include "measure.h"

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const double seconds = std::atof(argv[1]);
  rclcpp::init(argc, argv);
  auto node = std::make_shared<rclcpp::Node>("plain_reader");
  int frames = 0, gaps = 0, last = -1;
  unsigned sum = 0;
  double began_cpu = 0;
  int64_t first = 0;
  std::vector<double> latency_ms;
  auto subscription = node->create_subscription<sensor_msgs::msg::Image>(
      "/camera/image_raw", rclcpp::QoS(10), [&](sensor_msgs::msg::Image::ConstSharedPtr image) {
        int number;
        std::memcpy(&number, image->data.data(), sizeof number);
        sum += image->data[image->data.size() / 2] + image->data.back();
        const int64_t now = wall_ns();
        if (first == 0) first = now;
        if (!is_counting(first, now)) {
          began_cpu = cpu_seconds();
        } else {
          gaps += number - last - 1;
          frames += 1;
          latency_ms.push_back(ms_since_stamp(now, image->header.stamp.sec, image->header.stamp.nanosec));
        }
        last = number;
      });
  rclcpp::executors::SingleThreadedExecutor executor;
  executor.add_node(node);
  const int64_t opened = wall_ns();
  while (!is_over(opened, first, seconds, wall_ns())) executor.spin_once(std::chrono::milliseconds(200));
  const double cpu = cpu_seconds() - began_cpu;
  std::sort(latency_ms.begin(), latency_ms.end());
  const auto at = [&](size_t share) { return latency_ms.empty() ? 0 : latency_ms[latency_ms.size() * share / 100]; };
  std::printf("{\"frames\":%d,\"lost\":%d,\"cpuSeconds\":%.4f,\"latencyMs\":[%.3f,%.3f],\"sum\":%u}\n", frames, gaps, cpu,
              at(50), at(99), sum);
  std::fflush(stdout);
  std::_Exit(0);
}
