#include "detector.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "bounded_queue.h"
#include "slot.h"

namespace goshawk {

namespace {

using Clock = std::chrono::steady_clock;

double ms_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

enum class Stage { waiting, reading, running, settled };

struct Job {
  uint64_t id = 0;
  FrameTask task;
  Detector::Done done;
  Clock::time_point deadline = Clock::time_point::max();
  Stage stage = Stage::waiting;
  /// Its result was given while the engine was still at work for it.
  bool abandoned = false;
  /// Set while the pixels are being read: the worker gives this result as soon as it has let go of them.
  Verdict verdict;
};

using JobPtr = std::shared_ptr<Job>;

}  // namespace

struct Detector::State {
  State(std::shared_ptr<Engine> engine, const DetectorSpec &spec)
      : spec(spec), waiting(size_t(spec.queue + spec.slots)) {
    for (int i = 0; i < spec.slots; i++) slots.push_back(std::make_unique<Slot>(engine, spec));
    current.resize(slots.size());
  }

  DetectorSpec spec;
  std::vector<std::unique_ptr<Slot>> slots;

  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable deadlines;
  std::condition_variable ended;
  BoundedQueue<JobPtr> waiting;
  /// The job of each slot, also after its result was given while the engine still holds the slot.
  std::vector<JobPtr> current;
  std::vector<std::thread> threads;
  uint64_t next_id = 1;
  size_t under_way = 0;
  int running_threads = 0;
  bool closing = false;
  bool closed = false;

  /// Takes the job's right to a result; the caller then gives it outside the lock. Null: somebody was faster.
  Done take(Job &job) {
    if (job.stage == Stage::settled) return nullptr;
    job.stage = Stage::settled;
    under_way -= 1;
    return std::move(job.done);
  }

  void give(const JobPtr &job, FrameResult &&result) {
    Done done;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      done = take(*job);
    }
    if (done) done(std::move(result));
  }

  void give(const JobPtr &job, const std::string &code, const std::string &message) {
    FrameResult result;
    result.verdict = {code, message};
    give(job, std::move(result));
  }

  void work_loop(size_t index);
  void work_on(Slot &slot, const JobPtr &job);
  void watch_loop();
  /// Ends a job early. Returns the function to call outside the lock, or null.
  Done interrupt(const JobPtr &job, const Verdict &verdict);
};

void Detector::State::work_loop(size_t index) {
  for (;;) {
    JobPtr job;
    {
      std::unique_lock<std::mutex> lock(mutex);
      current[index] = nullptr;
      work.wait(lock, [this] { return closing || !waiting.empty(); });
      if (waiting.empty()) break;
      job = waiting.pop();
      job->stage = Stage::reading;
      current[index] = job;
    }
    work_on(*slots[index], job);
  }
  const std::lock_guard<std::mutex> lock(mutex);
  running_threads -= 1;
  ended.notify_all();
}

void Detector::State::work_on(Slot &slot, const JobPtr &job) {
  FrameResult result;
  try {
    const auto start = Clock::now();
    slot.preprocess(job->task.image);
    Verdict verdict;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      verdict = job->verdict;
      if (verdict.ok()) job->stage = Stage::running;
    }
    if (!verdict.ok()) return give(job, verdict.code, verdict.message);
    const auto ready = Clock::now();
    std::string message;
    const goshawk_status status = slot.infer(message);
    if (status != GOSHAWK_OK) return give(job, status_code(status), message);
    const auto inferred = Clock::now();
    slot.postprocess(job->task, result);
    result.preprocess_ms = ms_between(start, ready);
    result.infer_ms = ms_between(ready, inferred);
    result.postprocess_ms = ms_between(inferred, Clock::now());
  } catch (const Failure &failure) {
    return give(job, failure.code(), failure.what());
  } catch (const std::bad_alloc &) {
    return give(job, "native-out-of-memory", "There was no memory for the frame.");
  } catch (const std::exception &error) {
    return give(job, "native-internal", error.what());
  }
  give(job, std::move(result));
}

Detector::Done Detector::State::interrupt(const JobPtr &job, const Verdict &verdict) {
  switch (job->stage) {
    case Stage::settled: return nullptr;
    case Stage::reading:
      if (job->verdict.ok()) job->verdict = verdict;
      // Its deadline is spent; without this the watch would spin on it until the pixels are let go.
      job->deadline = Clock::time_point::max();
      return nullptr;
    case Stage::waiting: waiting.remove([&](const JobPtr &other) { return other == job; }); break;
    case Stage::running:
      job->abandoned = true;
      for (size_t i = 0; i < current.size(); i++) {
        if (current[i] == job) slots[i]->cancel();
      }
      break;
  }
  return take(*job);
}

/// One thread looks after every deadline, because a worker may be inside an engine that does not come back.
void Detector::State::watch_loop() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!closing) {
    Clock::time_point next = Clock::time_point::max();
    JobPtr late;
    const auto look = [&](const JobPtr &job) {
      if (job != nullptr && job->stage != Stage::settled && job->deadline < next) {
        next = job->deadline;
        late = job;
      }
      return false;
    };
    for (const JobPtr &job : current) look(job);
    waiting.remove(look);
    if (late == nullptr) {
      deadlines.wait(lock);
    } else if (next > Clock::now()) {
      deadlines.wait_until(lock, next);
    } else {
      const Verdict verdict = {"native-timeout",
                               "No result within " + std::to_string(spec.timeout.count()) + " ms."};
      if (Done done = interrupt(late, verdict)) {
        lock.unlock();
        FrameResult result;
        result.verdict = verdict;
        done(std::move(result));
        lock.lock();
      }
    }
  }
  running_threads -= 1;
  ended.notify_all();
}

Detector::Detector(std::shared_ptr<Engine> engine, const DetectorSpec &spec)
    : state_(std::make_shared<State>(std::move(engine), spec)) {
  // Threads hold the state themselves: one that is left behind inside an engine must not find it gone.
  const std::shared_ptr<State> state = state_;
  const std::lock_guard<std::mutex> lock(state->mutex);
  for (size_t i = 0; i < state->slots.size(); i++) {
    state->threads.emplace_back([state, i] { state->work_loop(i); });
    state->running_threads += 1;
  }
  if (spec.timeout.count() > 0) {
    state->threads.emplace_back([state] { state->watch_loop(); });
    state->running_threads += 1;
  }
}

Detector::~Detector() { close(); }

uint64_t Detector::submit(FrameTask &&task, Done &&done) {
  check_image(task.image);
  State &s = *state_;
  const JobPtr job = std::make_shared<Job>();
  job->task = std::move(task);
  job->done = std::move(done);
  {
    const std::lock_guard<std::mutex> lock(s.mutex);
    if (s.closing) throw Failure("native-closed", "The detector is closed.");
    const size_t limit = s.slots.size() + size_t(s.spec.queue);
    if (s.under_way >= limit || !s.waiting.push(JobPtr(job))) {
      throw Failure("native-busy", std::to_string(s.under_way) + " frames are under way already.");
    }
    job->id = s.next_id++;
    if (s.spec.timeout.count() > 0) job->deadline = Clock::now() + s.spec.timeout;
    s.under_way += 1;
  }
  s.work.notify_one();
  if (s.spec.timeout.count() > 0) s.deadlines.notify_one();
  return job->id;
}

bool Detector::cancel(uint64_t id) {
  State &s = *state_;
  JobPtr job;
  Done done;
  const Verdict verdict = {"cancelled", "The frame was cancelled."};
  {
    const std::lock_guard<std::mutex> lock(s.mutex);
    const auto look = [&](const JobPtr &other) {
      if (other != nullptr && other->id == id && other->stage != Stage::settled) job = other;
      return false;
    };
    for (const JobPtr &other : s.current) look(other);
    s.waiting.remove(look);
    if (job == nullptr) return false;
    done = s.interrupt(job, verdict);
  }
  if (done) {
    FrameResult result;
    result.verdict = verdict;
    done(std::move(result));
  }
  return true;
}

bool Detector::close() {
  State &s = *state_;
  std::vector<Done> cancelled;
  std::vector<std::thread> threads;
  const Verdict verdict = {"cancelled", "The detector was closed."};
  const auto settle_all = [&] {
    for (Done &done : cancelled) {
      FrameResult result;
      result.verdict = verdict;
      done(std::move(result));
    }
    cancelled.clear();
  };
  {
    const std::lock_guard<std::mutex> lock(s.mutex);
    if (s.closed) return s.running_threads == 0;
    s.closed = true;
    s.closing = true;
    while (!s.waiting.empty()) {
      const JobPtr job = s.waiting.pop();
      if (Done done = s.take(*job)) cancelled.push_back(std::move(done));
    }
    threads.swap(s.threads);
  }
  s.work.notify_all();
  s.deadlines.notify_all();
  settle_all();
  bool ended;
  {
    std::unique_lock<std::mutex> lock(s.mutex);
    // What runs may end by itself; only what takes too long is asked to stop, and then left behind.
    const auto all_ended = [&s] { return s.running_threads == 0; };
    ended = s.ended.wait_for(lock, s.spec.close_timeout / 2, all_ended);
    if (!ended) {
      for (const JobPtr &job : s.current) {
        if (job == nullptr) continue;
        if (Done done = s.interrupt(job, verdict)) cancelled.push_back(std::move(done));
      }
      ended = s.ended.wait_for(lock, s.spec.close_timeout / 2, all_ended);
    }
  }
  settle_all();
  for (std::thread &thread : threads) {
    if (ended) {
      thread.join();
    } else {
      thread.detach();
    }
  }
  return ended;
}

int Detector::stuck() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  int count = 0;
  for (const JobPtr &job : state_->current) count += job != nullptr && job->abandoned ? 1 : 0;
  return count;
}

}  // namespace goshawk
