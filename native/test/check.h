#pragma once

#include <cstdio>
#include <cstdlib>

// A test that fails stops the program: the sanitizer's report, if any, stands right above.
#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) {                                                               \
      std::fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                                   \
    }                                                                                 \
  } while (false)

namespace goshawk::test {

/// Deterministic; the same numbers everywhere.
class Random {
 public:
  explicit Random(unsigned seed) : state_(seed | 1u) {}
  unsigned next() {
    state_ = state_ * 1664525u + 1013904223u;
    return state_ >> 8;
  }
  int between(int low, int high) { return low + int(next() % unsigned(high - low + 1)); }
  float unit() { return float(next()) / float(1 << 24); }

 private:
  unsigned state_;
};

void stages(int rounds);
void kernel(int rounds);
void pieces(int rounds);
void conversions(int rounds);
void client_id();
void sequence_gaps();
void known_writers();
void inbox();
void frame_graph();
void plugin_errors();
void crash_notes();
void secret_memory();
void isolation(int rounds);
void hung_slots();
void compute_threads();
void prompt_threads();
void device_pictures(int rounds);
void detectors(int frames);

}  // namespace goshawk::test
