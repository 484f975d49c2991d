// What the plain readers of the benches have in common: their clocks, what a stamp says, and how long they look. dds-reader.ts does the same.
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

// After the first picture: what it costs to start and to meet is not compared.
static const int64_t warm_up_ns = 2000000000;
// For the first picture, of a camera that none comes from.
static const int64_t patience_ns = 10000000000;

static inline int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// A stamp of ROS is in two parts.
static inline int32_t stamp_sec(int64_t ns) { return (int32_t)(ns / 1000000000); }
static inline uint32_t stamp_nanosec(int64_t ns) { return (uint32_t)(ns % 1000000000); }
static inline double ms_since_stamp(int64_t now, int32_t sec, uint32_t nanosec) {
  return (double)(now - (int64_t)sec * 1000000000 - (int64_t)nanosec) / 1e6;
}

static inline double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static inline int ascending(const void *a, const void *b) {
  const double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

// `first` is when the first picture came, or 0.
static inline bool is_counting(int64_t first, int64_t now) { return first != 0 && now - first >= warm_up_ns; }

static inline bool is_over(int64_t opened, int64_t first, double seconds, int64_t now) {
  if (first == 0) return now - opened >= patience_ns;
  return now - first >= warm_up_ns + (int64_t)(seconds * 1e9);
}
