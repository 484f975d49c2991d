#include "detector.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "bounded_queue.h"
#include "../base/compute_thread.h"
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
  Clock::time_point arrived;
  Stage stage = Stage::waiting;
  /// Its result was given while the engine was still at work for it.
  bool abandoned = false;
  /// Set while the pixels are being read: the worker gives this result as soon as it has read them.
  Verdict verdict;
};

using JobPtr = std::shared_ptr<Job>;

}  // namespace

/// One of the slots, and whoever works in it now.
struct Place {
  /// Null while a new one is made.
  std::shared_ptr<Slot> slot;
  /// Which thread it belongs to: one that was given up finds another number here, if it ever comes back.
  uint64_t owner = 0;
  /// The jobs of the slot, also after their results were given while the engine still holds it.
  std::vector<JobPtr> jobs;
  /// When an engine that was asked to end is given up.
  Clock::time_point give_up_at = Clock::time_point::max();
};

struct Detector::State : std::enable_shared_from_this<Detector::State> {
  State(std::shared_ptr<Engine> engine, const DetectorSpec &spec)
      : engine(std::move(engine)), spec(spec), waiting(size_t(spec.queue + spec.slots * spec.max_batch)),
        places(size_t(spec.slots)), most_given_up(std::max(2, spec.slots)) {
    for (Place &place : places) place.slot = std::make_shared<Slot>(this->engine, spec);
  }

  const std::shared_ptr<Engine> engine;
  const DetectorSpec spec;

  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable deadlines;
  /// What the deadline thread sleeps until. A later deadline need not wake it, so it is hardly ever woken: all frames have
  /// the same time-out.
  Clock::time_point next_deadline = Clock::time_point::max();
  std::condition_variable ended;
  BoundedQueue<JobPtr> waiting;
  std::vector<Place> places;
  const int most_given_up;
  int given_up = 0;
  int lost = 0;
  /// Why no frame can be run any more.
  Verdict broken;
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

  /// Starts a thread that works in this place, with a new slot where it has none. Under the lock.
  void start(size_t index);
  void work_loop(size_t index, uint64_t owner, const std::shared_ptr<Slot> &slot);
  void work_in_new_slot(size_t index, uint64_t owner);
  /// Under the lock: its thread is left behind in the engine, and another one begins.
  void give_up(size_t index);
  /// Under the lock: the place has no slot any more.
  void lose_place(const std::string &why);
  /// What waits and can't be run any more. Under the lock; the caller refuses it outside.
  std::vector<Done> take_refused();
  void refuse(const std::vector<Done> &refused);
  /// Takes what the slot runs next; empty: the detector is closing.
  std::vector<JobPtr> next_batch(std::unique_lock<std::mutex> &lock);
  void work_on(Slot &slot, const std::vector<JobPtr> &batch);
  bool wanted(const std::vector<JobPtr> &jobs);
  bool preprocess(Slot &slot, const JobPtr &job, size_t place, double &ms);
  void postprocess(Slot &slot, const JobPtr &job, size_t place, FrameResult &&result);
  void deadline_loop();
  /// Ends a job early. Returns the function to call outside the lock, or null.
  Done interrupt(const JobPtr &job, const Verdict &verdict);
};

std::vector<JobPtr> Detector::State::next_batch(std::unique_lock<std::mutex> &lock) {
  std::vector<JobPtr> batch;
  for (;;) {
    work.wait(lock, [this] { return closing || !waiting.empty(); });
    if (waiting.empty()) return batch;
    const size_t most = size_t(spec.max_batch);
    if (closing || waiting.size() >= most) break;
    // Frames wait in the queue, where a time-out, a cancel or another slot finds them.
    const auto until = waiting.front()->arrived + spec.max_wait;
    if (Clock::now() >= until) break;
    work.wait_until(lock, until);
  }
  while (!waiting.empty() && batch.size() < size_t(spec.max_batch)) {
    batch.push_back(waiting.pop());
    batch.back()->stage = Stage::reading;
  }
  // A submit wakes one thread only, and that may have been this one.
  if (!waiting.empty()) work.notify_one();
  return batch;
}

void Detector::State::start(size_t index) {
  const std::shared_ptr<State> self = shared_from_this();
  const uint64_t owner = ++places[index].owner;
  threads.emplace_back([self, index, owner, slot = places[index].slot] {
    if (slot != nullptr) {
      self->work_loop(index, owner, slot);
    } else {
      self->work_in_new_slot(index, owner);
    }
    const std::lock_guard<std::mutex> lock(self->mutex);
    self->running_threads -= 1;
    self->ended.notify_all();
  });
  running_threads += 1;
}

void Detector::State::work_loop(size_t index, uint64_t owner, const std::shared_ptr<Slot> &slot) {
  const ComputeThread computing;
  for (;;) {
    std::vector<JobPtr> batch;
    {
      std::unique_lock<std::mutex> lock(mutex);
      Place &place = places[index];
      if (place.owner != owner) return;
      place.jobs.clear();
      place.give_up_at = Clock::time_point::max();
      batch = next_batch(lock);
      if (batch.empty()) return;
      place.jobs = batch;
    }
    work_on(*slot, batch);
  }
}

void Detector::State::work_in_new_slot(size_t index, uint64_t owner) {
  std::shared_ptr<Slot> slot;
  std::string why;
  try {
    slot = std::make_shared<Slot>(engine, spec);
  } catch (const std::exception &error) {
    why = error.what();
  }
  std::vector<Done> refused;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (slot != nullptr) {
      places[index].slot = slot;
    } else {
      lose_place(why);
      refused = take_refused();
    }
  }
  refuse(refused);
  if (slot != nullptr) work_loop(index, owner, slot);
}

void Detector::State::give_up(size_t index) {
  Place &place = places[index];
  // Each of them has its result.
  place.jobs.clear();
  place.give_up_at = Clock::time_point::max();
  place.slot.reset();
  place.owner += 1;
  given_up += 1;
  if (given_up > most_given_up) {
    lose_place("The engine hangs: " + std::to_string(given_up) + " of its slots were given up.");
  } else {
    start(index);
  }
}

void Detector::State::lose_place(const std::string &why) {
  lost += 1;
  if (lost == spec.slots) broken = {"native-device-lost", why};
}

std::vector<Detector::Done> Detector::State::take_refused() {
  std::vector<Done> refused;
  while (!broken.ok() && !waiting.empty()) {
    if (Done done = take(*waiting.pop())) refused.push_back(std::move(done));
  }
  return refused;
}

/// False where the job has its result already.
bool Detector::State::preprocess(Slot &slot, const JobPtr &job, size_t place, double &ms) {
  try {
    const auto start = Clock::now();
    // Buffers of a decoder are few: an engine that hangs must hold none, whatever became of the frame.
    try {
      slot.preprocess(job->task, place);
    } catch (...) {
      job->task.picture.reset();
      throw;
    }
    job->task.picture.reset();
    ms = ms_between(start, Clock::now());
    Verdict verdict;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      verdict = job->verdict;
      if (verdict.ok()) job->stage = Stage::running;
    }
    if (verdict.ok()) return true;
    give(job, verdict.code, verdict.message);
  } catch (const Failure &failure) {
    give(job, failure.code(), failure.what());
  } catch (const std::bad_alloc &) {
    give(job, "native-out-of-memory", "There was no memory for the frame.");
  } catch (const std::exception &error) {
    give(job, "native-internal", error.what());
  }
  return false;
}

void Detector::State::postprocess(Slot &slot, const JobPtr &job, size_t place, FrameResult &&result) {
  try {
    const auto start = Clock::now();
    slot.postprocess(job->task, place, result);
    result.postprocess_ms = ms_between(start, Clock::now());
  } catch (const Failure &failure) {
    return give(job, failure.code(), failure.what());
  } catch (const std::bad_alloc &) {
    return give(job, "native-out-of-memory", "There was no memory for the frame.");
  } catch (const std::exception &error) {
    return give(job, "native-internal", error.what());
  }
  give(job, std::move(result));
}

/// False where every one of them has its result already: an engine that hangs must not be given what nobody waits for.
bool Detector::State::wanted(const std::vector<JobPtr> &jobs) {
  const std::lock_guard<std::mutex> lock(mutex);
  return std::any_of(jobs.begin(), jobs.end(), [](const JobPtr &job) { return job->stage != Stage::settled; });
}

/// A frame that fails before the network leaves its place to the next one; what the network says is said to all.
void Detector::State::work_on(Slot &slot, const std::vector<JobPtr> &batch) {
  std::vector<JobPtr> placed;
  std::vector<double> preprocess_ms;
  for (const JobPtr &job : batch) {
    double ms = 0;
    if (!preprocess(slot, job, placed.size(), ms)) continue;
    placed.push_back(job);
    preprocess_ms.push_back(ms);
  }
  if (!wanted(placed)) return;
  const auto ready = Clock::now();
  std::string message;
  const goshawk_status status = slot.infer(placed.size(), message);
  const double infer_ms = ms_between(ready, Clock::now());
  for (size_t i = 0; i < placed.size(); i++) {
    if (status != GOSHAWK_OK) {
      give(placed[i], status_code(status), message);
      continue;
    }
    FrameResult result;
    result.preprocess_ms = preprocess_ms[i];
    result.infer_ms = infer_ms;
    postprocess(slot, placed[i], i, std::move(result));
  }
}

/// Only once `broken` is set, and it does not change any more.
void Detector::State::refuse(const std::vector<Done> &refused) {
  for (const Done &done : refused) {
    FrameResult result;
    result.verdict = broken;
    done(std::move(result));
  }
}

Detector::Done Detector::State::interrupt(const JobPtr &job, const Verdict &verdict) {
  switch (job->stage) {
    case Stage::settled: return nullptr;
    case Stage::reading:
      if (job->verdict.ok()) job->verdict = verdict;
      // Its deadline is spent; without this the deadline thread would spin on it until the pixels are released.
      job->deadline = Clock::time_point::max();
      return nullptr;
    case Stage::waiting: waiting.remove([&](const JobPtr &other) { return other == job; }); break;
    case Stage::running:
      job->abandoned = true;
      for (Place &place : places) {
        const std::vector<JobPtr> &batch = place.jobs;
        if (std::find(batch.begin(), batch.end(), job) == batch.end()) continue;
        // Somebody else may still want what the engine computes.
        const auto needless = [&](const JobPtr &other) { return other->abandoned || other->stage == Stage::settled; };
        if (!std::all_of(batch.begin(), batch.end(), needless)) continue;
        place.slot->cancel();
        place.give_up_at = Clock::now() + spec.give_up;
        // The deadline thread may sleep until later.
        deadlines.notify_one();
      }
      break;
  }
  return take(*job);
}

/// One thread checks every deadline, because a worker may be inside an engine that does not come back.
void Detector::State::deadline_loop() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!closing) {
    Clock::time_point next = Clock::time_point::max();
    JobPtr late;
    const auto find_earliest = [&](const JobPtr &job) {
      if (job != nullptr && job->stage != Stage::settled && job->deadline < next) {
        next = job->deadline;
        late = job;
      }
      return false;
    };
    size_t hung = places.size();
    for (size_t i = 0; i < places.size(); i++) {
      for (const JobPtr &job : places[i].jobs) find_earliest(job);
    }
    waiting.remove(find_earliest);
    for (size_t i = 0; i < places.size(); i++) {
      if (places[i].give_up_at >= next) continue;
      next = places[i].give_up_at;
      hung = i;
    }
    next_deadline = next;
    if (next == Clock::time_point::max()) {
      deadlines.wait(lock);
    } else if (next <= Clock::now() && hung < places.size()) {
      give_up(hung);
      const std::vector<Done> refused = take_refused();
      lock.unlock();
      refuse(refused);
      lock.lock();
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
  for (size_t i = 0; i < state->places.size(); i++) state->start(i);
  if (spec.timeout.count() > 0) {
    state->threads.emplace_back([state] { state->deadline_loop(); });
    state->running_threads += 1;
  }
}

Detector::~Detector() { close(); }

uint64_t Detector::submit(FrameTask &&task, Done &&done) {
  if (task.picture == nullptr) check_image(task.image);
  State &s = *state_;
  const JobPtr job = std::make_shared<Job>();
  bool sooner = false;
  job->task = std::move(task);
  job->done = std::move(done);
  {
    const std::lock_guard<std::mutex> lock(s.mutex);
    if (s.closing) throw Failure("native-closed", "The detector is closed.");
    if (!s.broken.ok()) throw Failure(s.broken.code, s.broken.message);
    const size_t limit = s.places.size() * size_t(s.spec.max_batch) + size_t(s.spec.queue);
    if (s.under_way >= limit || !s.waiting.push(JobPtr(job))) {
      throw Failure("native-busy", std::to_string(s.under_way) + " frames are under way already.");
    }
    job->id = s.next_id++;
    job->arrived = Clock::now();
    if (s.spec.timeout.count() > 0) job->deadline = job->arrived + s.spec.timeout;
    sooner = job->deadline < s.next_deadline;
    // The deadline thread may not sleep yet; it checks every job before it does.
    if (sooner) s.next_deadline = job->deadline;
    s.under_way += 1;
  }
  s.work.notify_one();
  if (sooner) s.deadlines.notify_one();
  return job->id;
}

bool Detector::cancel(uint64_t id) {
  State &s = *state_;
  JobPtr job;
  Done done;
  const Verdict verdict = {"cancelled", "The frame was cancelled."};
  {
    const std::lock_guard<std::mutex> lock(s.mutex);
    const auto find = [&](const JobPtr &other) {
      if (other != nullptr && other->id == id && other->stage != Stage::settled) job = other;
      return false;
    };
    for (const Place &place : s.places) {
      for (const JobPtr &other : place.jobs) find(other);
    }
    s.waiting.remove(find);
    if (job == nullptr) return false;
    done = s.interrupt(job, verdict);
    // After close() nothing is told: it waits for this thread as for its own.
    if (done) s.running_threads += 1;
  }
  if (done) {
    FrameResult result;
    result.verdict = verdict;
    done(std::move(result));
    const std::lock_guard<std::mutex> lock(s.mutex);
    s.running_threads -= 1;
    s.ended.notify_all();
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
      for (const Place &place : s.places) {
        for (const JobPtr &job : place.jobs) {
          if (Done done = s.interrupt(job, verdict)) cancelled.push_back(std::move(done));
        }
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
  for (const Place &place : state_->places) {
    const auto abandoned = [](const JobPtr &job) { return job->abandoned; };
    count += std::any_of(place.jobs.begin(), place.jobs.end(), abandoned) ? 1 : 0;
  }
  return count;
}

int Detector::given_up() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->given_up;
}

}  // namespace goshawk
