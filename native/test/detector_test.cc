// The detector over the reference engine: many threads, late answers, cancel, time-outs, close while busy.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include <unistd.h>

#include "../plugins/reference/fake_device.h"
#include "../src/base/device_picture.h"
#include "../src/core/detector.h"
#include "check.h"

namespace goshawk::test {

namespace {

std::string model_file(const std::string &batch = "1") {
  const std::string path = "/tmp/goshawk-native-test-" + std::to_string(getpid()) + batch + ".txt";
  std::ofstream(path) << "goshawk-reference 1\nboard any\ninput images float32 " + batch +
                             " 3 32 32\noutput output float32 " + batch +
                             " 4 7\nvalues 5 16 10 10 0.9 1 0\nend\n";
  return path;
}

DetectorSpec spec_of(int slots, int queue, int timeout_ms) {
  DetectorSpec spec;
  spec.input.width = spec.input.height = 32;
  spec.input.fit.keeps_aspect = false;
  spec.input_tensor = "images";
  spec.head.class_count = 2;
  spec.head.input_width = spec.head.input_height = 32;
  spec.head.outputs = {{{"output"}, HeadSpec::Axis::last, 7, false}};
  spec.head.boxes = HeadSpec::Boxes{};
  spec.head.objectness = HeadSpec::Score{};
  spec.head.objectness->at = 4;
  spec.head.scores.at = 5;
  spec.slots = slots;
  spec.queue = queue;
  spec.timeout = std::chrono::milliseconds(timeout_ms);
  spec.close_timeout = std::chrono::milliseconds(4000);
  spec.warm_up = false;
  return spec;
}

std::shared_ptr<Engine> engine_with(const std::string &path, const Options &faults) {
  const goshawk_plugin *table = nullptr;
  CHECK(goshawk_plugin_open(GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, &table, nullptr) == GOSHAWK_OK);
  const auto device = std::make_shared<Device>(std::make_shared<const Plugin>(table), faults);
  ModelSource source;
  source.path = path;
  return std::make_shared<Engine>(device, source, Options{});
}

struct Frame {
  explicit Frame(int level) : pixels(new uint8_t[32 * 32]) { std::fill(pixels.get(), pixels.get() + 1024, uint8_t(level)); }
  FrameTask task() const {
    FrameTask task;
    task.image = {pixels.get(), 1024, 32, 32, 32, Encoding::mono8};
    return task;
  }
  std::unique_ptr<uint8_t[]> pixels;
};

struct Tally {
  std::atomic<int> done{0}, wrong{0}, failed{0}, cancelled{0}, timed_out{0};
  int all() const { return done + failed + cancelled + timed_out; }
};

/// Every frame frees its pixels with its result: a read after that is what AddressSanitizer would see.
void feed(Detector &detector, int frames, int first, Tally &tally, bool cancel_some) {
  for (int i = 0; i < frames; i++) {
    const int level = (first + i) % 10;
    auto *frame = new Frame(level);
    const auto done = [frame, level, &tally](FrameResult &&result) {
      delete frame;
      if (result.verdict.code == "cancelled") {
        tally.cancelled++;
      } else if (result.verdict.code == "native-timeout") {
        tally.timed_out++;
      } else if (!result.verdict.ok()) {
        tally.failed++;
      } else {
        const bool right = result.found.detections.size() == 1 && int(result.found.detections[0].x1) == level;
        if (!right) tally.wrong++;
        tally.done++;
      }
    };
    try {
      const uint64_t id = detector.submit(frame->task(), done);
      if (cancel_some && i % 3 == 0) detector.cancel(id);
    } catch (const Failure &failure) {
      CHECK(failure.code() == "native-busy" || failure.code() == "native-closed");
      delete frame;
      if (failure.code() == "native-closed") return;
      i -= 1;
      std::this_thread::yield();
    }
  }
}

void many_threads(const std::string &path, int frames, const Options &faults, int timeout_ms, int batch = 1) {
  Tally tally;
  {
    DetectorSpec spec = spec_of(3, 5, timeout_ms);
    spec.max_batch = batch;
    spec.max_wait = std::chrono::milliseconds(batch > 1 ? 2 : 0);
    Detector detector(engine_with(path, faults), spec);
    std::thread first([&] { feed(detector, frames, 0, tally, true); });
    std::thread second([&] { feed(detector, frames, 5, tally, false); });
    first.join();
    second.join();
    CHECK(detector.close());
  }
  CHECK(tally.all() == 2 * frames);
  CHECK(tally.wrong == 0);
  std::printf("detector: %d done, %d cancelled, %d failed, %d timed out\n", tally.done.load(), tally.cancelled.load(),
              tally.failed.load(), tally.timed_out.load());
}

void close_while_fed(const std::string &path, int rounds) {
  for (int i = 0; i < rounds; i++) {
    Tally tally;
    Detector detector(engine_with(path, {{"late_ms", "1"}}), spec_of(2, 4, i % 2 == 0 ? 0 : 2));
    std::thread feeder([&] { feed(detector, 1000000, i, tally, i % 2 == 0); });
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(detector.close());
    const int before = tally.all();
    feeder.join();
    CHECK(tally.all() == before);
    CHECK(tally.wrong == 0);
  }
}

/// Another thread cancels a frame, and is slow to tell it.
void tells_nothing_after_close(const std::string &path) {
  Detector detector(engine_with(path, {{"late_ms", "20"}}), spec_of(1, 4, 0));
  const Frame running(1), waiting(2);
  std::atomic<bool> begun{false}, told{false};
  detector.submit(running.task(), [](FrameResult &&) {});
  const uint64_t id = detector.submit(waiting.task(), [&](FrameResult &&) {
    begun = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    told = true;
  });
  std::thread canceller([&] { detector.cancel(id); });
  while (!begun) std::this_thread::yield();
  CHECK(detector.close());
  CHECK(told);
  canceller.join();
}

void loads(const std::string &path, int rounds) {
  for (int i = 0; i < rounds; i++) Detector detector(engine_with(path, {}), spec_of(1, 1, 0));
}

/// Code of the frame's result, "" where it was right. Blocks.
std::string run_frame(Detector &detector, int level) {
  const Frame frame(level);
  std::promise<std::string> told;
  try {
    detector.submit(frame.task(), [&](FrameResult &&result) {
      const bool right = result.found.detections.size() == 1 && int(result.found.detections[0].x1) == level;
      told.set_value(result.verdict.ok() && !right ? "wrong" : result.verdict.code);
    });
  } catch (const Failure &failure) {
    return failure.code();
  }
  return told.get_future().get();
}

struct Unreadable : DevicePicture {
  bool read(const std::function<void(const PicturePlanes &)> &) override { return false; }
};

/// A frame that fails holds no buffer of a decoder while the rest of its run goes on.
void lets_go_of_a_picture_that_fails(const std::string &path) {
  Detector detector(engine_with(path, {}), spec_of(1, 1, 0));
  FrameTask task;
  task.picture = std::make_shared<Unreadable>();
  task.picture->width = task.picture->height = 32;
  const std::weak_ptr<DevicePicture> held = task.picture;
  std::promise<bool> told;
  detector.submit(std::move(task), [&](FrameResult &&result) { told.set_value(!result.verdict.ok() && held.expired()); });
  CHECK(told.get_future().get());
  CHECK(detector.close());
}

DetectorSpec hasty(int slots) {
  DetectorSpec spec = spec_of(slots, 5, 400);
  spec.give_up = std::chrono::milliseconds(50);
  return spec;
}

void wait_for(const std::function<bool()> &done) {
  while (!done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// A machine that is busy lets a good frame time out too.
void answers(Detector &detector, int level) {
  std::string code;
  for (int tries = 0; tries < 50; tries++) {
    code = run_frame(detector, level);
    if (code == "") return;
    CHECK(code == "native-timeout");
  }
  CHECK(code == "");
}

/// What hangs comes back before the detector is closed, so that everything is freed.
void close_released(Detector &detector) {
  reference::FakeDevice::let_go = true;
  CHECK(detector.close());
  reference::FakeDevice::let_go = false;
}

}  // namespace

/// Engines that hold their thread whatever they are asked, as a GPU that hangs.
void hung_slots() {
  const std::string path = model_file();
  {
    // One frame hangs: its slot is given up, and a new one answers.
    Detector detector(engine_with(path, {{"hang_at", "2"}, {"hang_once", "1"}}), hasty(1));
    answers(detector, 1);
    CHECK(run_frame(detector, 2) == "native-timeout");
    wait_for([&] { return detector.given_up() == 1; });
    for (int level = 0; level < 10; level++) answers(detector, level);
    close_released(detector);
  }
  {
    // An engine that ends when it is asked to keeps its slot.
    DetectorSpec spec = hasty(1);
    spec.give_up = std::chrono::hours(1);
    Detector detector(engine_with(path, {{"never_at", "1"}}), spec);
    CHECK(run_frame(detector, 1) == "native-timeout");
    wait_for([&] { return detector.stuck() == 0; });
    answers(detector, 2);
    CHECK(detector.given_up() == 0);
    CHECK(detector.close());
  }
  {
    // Every frame hangs: when the new slots hang too, frames are refused at once.
    Detector detector(engine_with(path, {{"hang_at", "1"}}), hasty(1));
    std::string last;
    while (last != "native-device-lost") {
      last = run_frame(detector, 1);
      CHECK(last == "native-timeout" || last == "native-device-lost");
    }
    CHECK(detector.given_up() == 3);
    CHECK(run_frame(detector, 1) == "native-device-lost");
    close_released(detector);
  }
  {
    // The warm-up of a new slot hangs too: nothing waits for it but its own thread.
    DetectorSpec spec = hasty(1);
    spec.warm_up = true;
    Detector detector(engine_with(path, {{"hang_at", "3"}}), spec);
    CHECK(run_frame(detector, 1) == "native-timeout");
    wait_for([&] { return detector.given_up() == 1; });
    CHECK(run_frame(detector, 2) == "native-timeout");
    close_released(detector);
  }
  {
    // Of several slots one hangs: the others go on meanwhile.
    DetectorSpec spec = hasty(3);
    spec.give_up = std::chrono::hours(1);
    Detector detector(engine_with(path, {{"hang_at", "3"}, {"hang_once", "1"}}), spec);
    int hung = 0;
    for (int level = 0; level < 5; level++) hung += run_frame(detector, level) == "native-timeout" ? 1 : 0;
    CHECK(hung >= 1);
    for (int level = 0; level < 10; level++) answers(detector, level);
    CHECK(detector.stuck() == 1);
    close_released(detector);
  }
  unlink(path.c_str());
  std::printf("detector: slots that hang are given up\n");
}

namespace {

/// Two outputs, one of integers, and an input of integers that every frame gets.
void several_tensors(int frames) {
  const std::string path = "/tmp/goshawk-native-test-" + std::to_string(getpid()) + "several.txt";
  std::ofstream(path) << "goshawk-reference 1\nboard any\ninput sizes int64 1 2\ninput images float32 1 3 32 32\n"
                         "output labels int64 1 2\nvalues 1 0\noutput boxes float32 1 2 5\nvalues 5 6 20 30 0.9 1 1 2 2 0.1\nend\n";
  DetectorSpec spec = spec_of(2, 5, 0);
  spec.head.outputs = {{{"boxes"}, HeadSpec::Axis::last, 5, false}, {{"labels"}, HeadSpec::Axis::none, 1, false}};
  spec.head.boxes->format = HeadSpec::Format::xyxy;
  spec.head.objectness.reset();
  spec.head.scores.at = 4;
  spec.head.classes = HeadSpec::Classes{1, 0, 0};
  const int64_t sizes[2] = {7, 32};
  ConstantInput constant = {"sizes", GOSHAWK_INT64, {1, 2}, std::vector<uint8_t>(sizeof sizes)};
  std::copy_n(reinterpret_cast<const uint8_t *>(sizes), sizeof sizes, constant.bytes.begin());
  const auto refused = [&](std::vector<ConstantInput> constants, int batch) {
    DetectorSpec other = spec;
    other.constants = std::move(constants);
    other.max_batch = batch;
    try {
      Detector detector(engine_with(path, {}), other);
      return std::string();
    } catch (const Failure &failure) {
      return failure.code();
    }
  };
  ConstantInput narrow = constant, unknown = constant, picture = constant;
  narrow.dtype = GOSHAWK_INT32;
  unknown.tensor = "scale";
  picture.tensor = "images";
  CHECK(refused({}, 1) == "native-model-input");
  CHECK(refused({narrow}, 1) == "native-model-input");
  CHECK(refused({constant, unknown}, 1) == "native-model-input");
  CHECK(refused({constant, picture}, 1) == "native-model-input");
  CHECK(refused({constant, constant}, 1) == "native-model-input");
  CHECK(refused({constant}, 2) == "native-unsupported");
  spec.constants = {constant};
  Detector detector(engine_with(path, {}), spec);
  for (int i = 0; i < frames; i++) {
    const Frame frame(i % 10);
    std::promise<FrameResult> answer;
    detector.submit(frame.task(), [&](FrameResult &&result) { answer.set_value(std::move(result)); });
    const FrameResult result = answer.get_future().get();
    CHECK(result.verdict.ok() && result.found.detections.size() == 1);
    const Detection &found = result.found.detections[0];
    CHECK(found.class_id == 1 && int(found.x1) == 5 + i % 10 && int(found.y1) == 6 + 7);
  }
  CHECK(detector.close());
  unlink(path.c_str());
}

}  // namespace

void detectors(int frames) {
  const std::string path = model_file();
  many_threads(path, frames, {}, 0);
  many_threads(path, frames / 20, {{"late_ms", "1"}, {"reorder", "1"}}, 10);
  many_threads(path, frames / 20, {{"no_memory_at_frame", "7"}}, 1000);
  many_threads(path, frames / 20, {{"lost_at", "9"}}, 0);
  const std::string batches = model_file("-1");
  many_threads(batches, frames, {}, 0, 4);
  many_threads(batches, frames / 20, {{"late_ms", "1"}, {"reorder", "1"}}, 10, 4);
  many_threads(batches, frames / 20, {{"no_memory_at_frame", "7"}}, 1000, 3);
  unlink(batches.c_str());
  tells_nothing_after_close(path);
  close_while_fed(path, 20);
  lets_go_of_a_picture_that_fails(path);
  loads(path, 50);
  several_tensors(frames / 10);
  unlink(path.c_str());
}

}  // namespace goshawk::test
