// Core, preprocess and postprocess as a plain program, for the sanitizers.  native_test [rounds of stages] [frames]
#include "check.h"

int main(int argc, char **argv) {
  // First: a process of one thread is copied.
  goshawk::test::crash_notes();
  goshawk::test::secret_memory();
  goshawk::test::stages(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::kernel(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::pieces(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::conversions(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::client_id();
  goshawk::test::sequence_gaps();
  goshawk::test::known_writers();
  goshawk::test::inbox();
  goshawk::test::frame_graph();
  goshawk::test::plugin_errors();
  goshawk::test::compute_threads();
  goshawk::test::prompt_threads();
  goshawk::test::isolation(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::device_pictures(argc > 1 ? std::atoi(argv[1]) : 500);
  goshawk::test::hung_slots();
  goshawk::test::detectors(argc > 2 ? std::atoi(argv[2]) : 2000);
  std::puts("ok");
  return 0;
}
