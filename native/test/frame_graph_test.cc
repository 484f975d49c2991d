// The capture of a frame as a CUDA graph, with a driver that fails at every step in turn: every frame is computed all the
// same, a capture that was begun is ended, and what was made is destroyed.
#include "../plugins/tensorrt/frame_graph.h"

#include "check.h"

namespace goshawk::test {

namespace {

enum class Step { none, begin, enqueue, end, no_graph, instantiate, launch };

struct Graph {};
struct Executable {};

/// What the fake driver is told, and what it saw.
struct World {
  Step fails = Step::none;
  Graph graph;
  Executable executable;
  bool capturing = false;
  int begun = 0, ended = 0, graphs = 0, executables = 0, launches = 0, plain = 0;
} world;

int failure(Step step) { return world.fails == step ? 1 : 0; }

struct Driver {
  using Stream = int *;
  using Graph = struct Graph *;
  using Executable = struct Executable *;
  using Result = int;

  static int begin(Stream) {
    world.begun += 1;
    world.capturing = failure(Step::begin) == 0;
    return failure(Step::begin);
  }
  static int end(Stream, Graph *graph) {
    CHECK(world.capturing);
    world.capturing = false;
    world.ended += 1;
    if (failure(Step::end) != 0) return 1;
    *graph = world.fails == Step::no_graph ? nullptr : &world.graph;
    world.graphs += *graph != nullptr ? 1 : 0;
    return 0;
  }
  static int instantiate(Executable *executable, Graph) {
    // A driver may leave anything there when it fails.
    *executable = &world.executable;
    if (failure(Step::instantiate) != 0) return 1;
    world.executables += 1;
    return 0;
  }
  static int launch(Executable, Stream) {
    world.launches += 1;
    return failure(Step::launch);
  }
  static void destroy(Graph) { world.graphs -= 1; }
  static void destroy(Executable) { world.executables -= 1; }
};

using Frames = tensorrt::FrameGraph<Driver>;

goshawk_status run(Frames &frames) {
  const auto enqueue = [](goshawk_error *error) {
    if (!world.capturing) world.plain += 1;
    // Some engines do what can't be captured.
    return world.capturing && world.fails == Step::enqueue ? plugin::fail(error, GOSHAWK_FAILED, "not in a capture")
                                                           : GOSHAWK_OK;
  };
  const auto judge = [](int result, goshawk_error *error) {
    return result == 0 ? GOSHAWK_OK : plugin::fail(error, GOSHAWK_DEVICE_LOST, "the launch");
  };
  int stream = 0;
  goshawk_error error = {};
  error.struct_size = sizeof error;
  return frames.run(&stream, enqueue, judge, &error);
}

}  // namespace

void frame_graph() {
  for (const Step step : {Step::begin, Step::enqueue, Step::end, Step::no_graph, Step::instantiate}) {
    world = {};
    world.fails = step;
    Frames frames;
    CHECK(run(frames) == GOSHAWK_OK && !frames.tried());
    for (int i = 1; i < 5; i++) CHECK(run(frames) == GOSHAWK_OK);
    CHECK(!frames.captured() && frames.tried());
    // Tried once, ended if it was begun, and every frame went the plain way.
    CHECK(world.begun == 1 && world.ended == (step == Step::begin ? 0 : 1));
    CHECK(world.launches == 0 && world.plain == 5);
    frames.drop();
    CHECK(world.graphs == 0 && world.executables == 0);
  }

  world = {};
  Frames frames;
  for (int i = 0; i < 5; i++) CHECK(run(frames) == GOSHAWK_OK);
  CHECK(frames.captured());
  CHECK(world.plain == 1 && world.launches == 4 && world.graphs == 0 && world.executables == 1);
  // A shape or an address changed: the old graph goes, and a new one is captured when the engine is warm again.
  frames.drop();
  CHECK(!frames.captured() && world.executables == 0);
  for (int i = 0; i < 3; i++) CHECK(run(frames) == GOSHAWK_OK);
  CHECK(frames.captured() && world.begun == 2);
  // A launch that fails is the frame's failure, not a reason to run it twice.
  world.fails = Step::launch;
  world.plain = 0;
  CHECK(run(frames) == GOSHAWK_DEVICE_LOST);
  CHECK(world.plain == 0);
  frames.drop();
}

}  // namespace goshawk::test
