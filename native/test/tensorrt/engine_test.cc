// The plugin for TensorRT, whole, against stand-ins for the driver and for TensorRT: builds, opens and runs, says what it did, and
// leaves nothing behind. What a real TensorRT does it can't show.
#include <NvInfer.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "../../plugins/goshawk_engine.h"
#include "../../plugins/tensorrt/log_file.h"
#include "../check.h"
#include "stand_ins.h"

namespace {

struct Error : goshawk_error {
  Error() : goshawk_error{} { struct_size = sizeof *this; }
  bool says(const char *words) const { return std::strstr(message, words) != nullptr; }
};

struct Options {
  std::vector<goshawk_option> items;
  goshawk_options raw = {};
  explicit Options(std::initializer_list<goshawk_option> list) : items(list) {
    raw = {sizeof raw, uint32_t(items.size()), items.data()};
  }
};

const goshawk_plugin &plugin() {
  static const goshawk_plugin *table = [] {
    const goshawk_plugin *out = nullptr;
    Error error;
    CHECK(goshawk_plugin_open(GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, &out, &error) == GOSHAWK_OK);
    return out;
  }();
  return *table;
}

std::string folder;
std::string path(const char *name) { return folder + "/" + name; }

std::string read(const std::string &file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void write(const std::string &file, const char *text) { std::ofstream(file) << text; }

goshawk_device *open_device(const char *memory, const char *dla = "-1") {
  const std::string log = path("log");
  const Options options{{"log", log.c_str()}, {"memory", memory}, {"dla", dla}};
  goshawk_device *device = nullptr;
  Error error;
  CHECK(plugin().device_open(&options.raw, &device, &error) == GOSHAWK_OK);
  return device;
}

goshawk_status build(goshawk_device *device, const char *onnx, Error &error, const char *shapes = "1x2,1x2,4x2") {
  const Options options{{"shape.images", shapes}};
  const std::string plan = path("plan"), cache = path("cache");
  goshawk_build request = {};
  request.struct_size = sizeof request;
  request.onnx_path = onnx;
  request.plan_path = plan.c_str();
  request.timing_cache_path = cache.c_str();
  request.workspace_bytes = 1 << 20;
  return plugin().engine->build(device, &request, &options.raw, &error);
}

/// A context for so many frames, with its buffers.
struct Runner {
  Runner(goshawk_device *on, goshawk_engine *engine, goshawk_stream *stream, int64_t count) : device(on), frames(count) {
    Error error;
    CHECK(api().context_create(engine, stream, &context, &error) == GOSHAWK_OK);
    const int64_t dims[] = {frames, 2};
    CHECK(api().context_set_shape(context, 0, 2, dims, &error) == GOSHAWK_OK);
    for (uint32_t i = 0; i < 2; i++) {
      buffers[i].struct_size = sizeof buffers[i];
      CHECK(plugin().memory->allocate(device, uint64_t(frames * 2) * sizeof(float), &buffers[i], &error) == GOSHAWK_OK);
      CHECK(api().context_bind(context, i, &buffers[i], &error) == GOSHAWK_OK || i == 1);
    }
    CHECK(api().context_prepare(context, &error) == GOSHAWK_OK);
    CHECK(api().context_bind(context, 1, &buffers[1], &error) == GOSHAWK_OK);
  }
  ~Runner() {
    api().context_destroy(context);
    for (goshawk_buffer &buffer : buffers) plugin().memory->release(device, &buffer);
  }

  static const goshawk_engine_api &api() { return *plugin().engine; }

  void run() {
    auto *in = static_cast<float *>(buffers[0].host);
    auto *out = static_cast<float *>(buffers[1].host);
    for (int64_t i = 0; i < frames * 2; i++) in[i] = float(round + i);
    goshawk_status status = GOSHAWK_FAILED;
    Error error;
    const auto done = [](void *user, goshawk_status its, const char *) { *static_cast<goshawk_status *>(user) = its; };
    CHECK(api().context_submit(context, done, &status, &error) == GOSHAWK_OK);
    CHECK(status == GOSHAWK_OK);
    for (int64_t i = 0; i < frames * 2; i++) CHECK(out[i] == float(round + i + 1));
    round += 10;
  }

  goshawk_device *device;
  int64_t frames;
  int64_t round = 0;
  goshawk_context *context = nullptr;
  goshawk_buffer buffers[2] = {};
};

goshawk_engine *open_plan(goshawk_device *device) {
  const std::string plan = path("plan");
  goshawk_model model = {};
  model.struct_size = sizeof model;
  model.path = plan.c_str();
  goshawk_engine *engine = nullptr;
  Error error;
  CHECK(plugin().engine->engine_open(device, &model, nullptr, &engine, &error) == GOSHAWK_OK);
  return engine;
}

/// What a build says where it fails, and where it does not.
void builds() {
  goshawk_device *device = open_device("measured");
  write(path("bad.onnx"), "an operator that nobody knows");
  Error bad;
  CHECK(build(device, path("bad.onnx").c_str(), bad) == GOSHAWK_UNSUPPORTED);
  CHECK(bad.says(NV_TENSORRT_MAJOR >= 10 ? "NonMaxSuppression /nms/Nms: no importer is registered"
                                         : "node 12: no importer is registered"));
  write(path("good.onnx"), "a network");
  Error good;
  CHECK(build(device, path("good.onnx").c_str(), good) == GOSHAWK_OK);
  CHECK(!read(path("plan")).empty() && read(path("cache")) == "timings");
  CHECK(read(path("log")).find("W Weights are subnormal\n") != std::string::npos);
  plugin().device_close(device);
}

/// Contexts of one stream share the memory of their activations; one without a stream has its own.
void runs() {
  World &world = *goshawk_test_world();
  const int before = world.device_allocations;
  goshawk_device *device = open_device("measured");
  goshawk_engine *engine = open_plan(device);
  goshawk_stream *stream = nullptr;
  Error error;
  CHECK(plugin().memory->stream_create(device, &stream, &error) == GOSHAWK_OK);
  {
    Runner two(device, engine, stream, 2);
    const int with_one = world.device_allocations;
    Runner one(device, engine, stream, 1);
    // Two buffers, and no activations.
    CHECK(world.device_allocations == with_one + 2);
    CHECK(world.contexts_with_memory == 0 && world.contexts_without_memory == 2);
    two.run();
    const void *shared = world.activations;
    one.run();
    CHECK(world.activations == shared);
    Runner alone(device, engine, nullptr, 1);
    alone.run();
    CHECK(world.activations != shared && world.contexts_with_memory == 1);
    CHECK(world.launches_of_graphs == 0);
    for (int i = 0; i < 3; i++) {
      two.run();
      one.run();
    }
    CHECK(world.launches_of_graphs == 6 && world.activations == shared);
  }
  CHECK(read(path("log")).find("G A frame is one CUDA graph.\n") != std::string::npos);
  CHECK(read(path("log")).find("V reading a plan\n") != std::string::npos);
  world.refuses_capture = true;
  {
    Runner plain(device, engine, stream, 1);
    for (int i = 0; i < 4; i++) plain.run();
  }
  world.refuses_capture = false;
  CHECK(world.launches_of_graphs == 6);
  CHECK(read(path("log")).find("G A frame can't be captured as a CUDA graph") != std::string::npos);
  plugin().memory->stream_destroy(device, stream);
  plugin().engine->engine_close(engine);
  plugin().device_close(device);
  CHECK(world.device_allocations == before);
}

bool describes(const char *memory, const char *words) {
  goshawk_device *device = open_device(memory);
  const bool found = std::strstr(plugin().device_describe(device), words) != nullptr;
  goshawk_engine *engine = open_plan(device);
  {
    Runner runner(device, engine, nullptr, 2);
    for (int i = 0; i < 3; i++) runner.run();
  }
  plugin().engine->engine_close(engine);
  plugin().device_close(device);
  return found;
}

/// Where the GPU shares the processor's memory, tensors are mapped only if that is the faster one.
void chooses_memory() {
  World &world = *goshawk_test_world();
  CHECK(describes("measured", "\"mapped\":false}"));
  world.integrated = true;
  world.uncached_us = 50000;
  CHECK(describes("measured", "\"mapped\":false,\"mappedUs\":"));
  CHECK(describes("mapped", "\"mapped\":true}"));
  CHECK(describes("copied", "\"mapped\":false}"));
  world.integrated = false;
}

goshawk_status open_on(const char *dla, Error &error) {
  const Options options{{"dla", dla}};
  goshawk_device *device = nullptr;
  const goshawk_status status = plugin().device_open(&options.raw, &device, &error);
  if (status == GOSHAWK_OK) plugin().device_close(device);
  return status;
}

/// Layers go to a core where TensorRT reaches one, and to the GPU where the core can't run them.
void builds_for_dla() {
  using nvinfer1::BuilderFlag;
  World &world = *goshawk_test_world();
  write(path("good.onnx"), "a network");
  goshawk_device *device = open_device("measured");
  Error plain;
  CHECK(build(device, path("good.onnx").c_str(), plain) == GOSHAWK_OK);
  CHECK(world.built_for_dla == -1 && world.read_for_dla == -1);
  CHECK((world.builder_flags & 1u << unsigned(BuilderFlag::kGPU_FALLBACK)) == 0);
  plugin().device_close(device);
  Error none, few;
  CHECK(open_on("0", none) == GOSHAWK_UNSUPPORTED && none.says("finds no DLA core"));
  world.dla_cores = 2;
  CHECK(open_on("2", few) == GOSHAWK_UNSUPPORTED && few.says("There is no DLA core 2: the board has 2."));
  device = open_device("measured", "1");
  CHECK(world.read_for_dla == 1);
  Error several, one;
  CHECK(build(device, path("good.onnx").c_str(), several) == GOSHAWK_INVALID && several.says("DLA runs one shape alone"));
  CHECK(build(device, path("good.onnx").c_str(), one, "4x2,4x2,4x2") == GOSHAWK_OK);
  CHECK(world.built_for_dla == 1);
  CHECK((world.builder_flags & 1u << unsigned(BuilderFlag::kGPU_FALLBACK)) != 0);
#if NV_TENSORRT_MAJOR < 11
  CHECK((world.builder_flags & 1u << unsigned(BuilderFlag::kFP16)) != 0);
  CHECK((world.builder_flags & 1u << unsigned(BuilderFlag::kINT8)) == 0);
#endif
#if NV_TENSORRT_MAJOR == 10
  CHECK(world.network_flags == 0);
#endif
  plugin().device_close(device);
  world.dla_cores = 0;
  world.read_for_dla = -1;
}

void refuses_another_version() {
  World &world = *goshawk_test_world();
  for (const int version : {NV_TENSORRT_VERSION - 1, 90000, 130000}) {
    world.version = version;
    goshawk_device *device = nullptr;
    Error error;
    CHECK(plugin().device_open(nullptr, &device, &error) == GOSHAWK_INCOMPATIBLE);
    CHECK(error.says("compile it again on this device"));
  }
  world.version = 0;
}

/// It stops at its limit, is never followed through a link, and a line has no second one inside.
void keeps_a_log() {
  const std::string file = path("short");
  {
    goshawk::tensorrt::LogFile log(64);
    log.write('E', "before it is open");
    log.open(file.c_str());
    for (int i = 0; i < 100; i++) log.write('W', "one\ntwo");
  }
  CHECK(read(file).size() < 80 && read(file).rfind("W one two\nW one two\n", 0) == 0);
  CHECK(::symlink(path("elsewhere").c_str(), path("link").c_str()) == 0);
  goshawk::tensorrt::LogFile log;
  log.open(path("link").c_str());
  log.write('E', "through a link");
  CHECK(::access(path("elsewhere").c_str(), F_OK) != 0);
}

}  // namespace

int main(int, char **arguments) {
  folder = arguments[1];
  builds();
  runs();
  chooses_memory();
  builds_for_dla();
  refuses_another_version();
  keeps_a_log();
  std::puts("ok");
  return 0;
}
