// What plugins make of their engine's errors: the code first, then the words, and each call its own words. Nothing of
// NVIDIA is needed.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "../plugins/error_words.h"
#include "../plugins/tensorrt/cuda_status.h"
#include "../plugins/tensorrt/last_words.h"
#include "check.h"

namespace goshawk::test {

namespace {

struct WordsRow {
  const char *words;
  goshawk_status status;
};

/// As drivers, TensorRT and ONNX Runtime write them.
const WordsRow words_table[] = {
    {"1: [runner.cpp::execute::12] Error Code 1: Cuda Runtime (an illegal memory access was encountered)", GOSHAWK_PROCESS_LOST},
    {"CUDA_ERROR_ILLEGAL_ADDRESS, an illegal memory access was encountered", GOSHAWK_PROCESS_LOST},
    {"cudaErrorIllegalAddress", GOSHAWK_PROCESS_LOST},
    {"Error Code 1: Cuda Runtime (unspecified launch failure)", GOSHAWK_PROCESS_LOST},
    {"cudaErrorLaunchFailure", GOSHAWK_PROCESS_LOST},
    {"Error Code 1: Cuda Driver (uncorrectable ECC error encountered)", GOSHAWK_PROCESS_LOST},
    {"cudaErrorECCUncorrectable", GOSHAWK_PROCESS_LOST},
    {"the launch timed out and was terminated", GOSHAWK_PROCESS_LOST},
    {"Cuda Runtime (misaligned address)", GOSHAWK_PROCESS_LOST},
    {"an illegal instruction was encountered", GOSHAWK_PROCESS_LOST},
    {"device-side assert triggered", GOSHAWK_PROCESS_LOST},
    {"invalid program counter", GOSHAWK_PROCESS_LOST},
    {"hardware stack error", GOSHAWK_PROCESS_LOST},
    {"operation not supported on global/shared address space", GOSHAWK_PROCESS_LOST},
    {"Error Code 2: OutOfMemory (Requested size was 2147483648 bytes.)", GOSHAWK_OUT_OF_MEMORY},
    {"Error Code 1: Cuda Runtime (out of memory)", GOSHAWK_OUT_OF_MEMORY},
    {"CUDA_ERROR_OUT_OF_MEMORY, out of memory", GOSHAWK_OUT_OF_MEMORY},
    {"cudaErrorMemoryAllocation", GOSHAWK_OUT_OF_MEMORY},
    {"std::bad_alloc", GOSHAWK_OUT_OF_MEMORY},
    {"Failed to allocate memory for requested buffer of size 4096", GOSHAWK_OUT_OF_MEMORY},
    // Memory is in the words, and is not what is missing.
    {"The memory pool limit kWORKSPACE is ignored", GOSHAWK_FAILED},
    {"Memory layout of the input is not supported", GOSHAWK_FAILED},
    {"Error Code 9: API Usage Error (Parameter check failed, condition: memory.isValid())", GOSHAWK_FAILED},
    {"Error Code 10: Internal Error (Could not find any implementation for node /model.0/conv)", GOSHAWK_FAILED},
    {"", GOSHAWK_FAILED},
};

const WordsRow plan_table[] = {
    {"The engine plan file is not compatible with this version of TensorRT", GOSHAWK_INCOMPATIBLE},
    {"The engine plan file is generated on an incompatible device, expecting compute 8.7 got compute 8.9", GOSHAWK_INCOMPATIBLE},
    {"Error Code 1: Serialization (Serialization assertion magicTagRead == kMAGIC_TAG failed.)", GOSHAWK_CORRUPT},
    {"Error Code 2: OutOfMemory (Requested size was 99 bytes on the device.)", GOSHAWK_OUT_OF_MEMORY},
    {"an illegal memory access was encountered on the device", GOSHAWK_PROCESS_LOST},
};

struct CodeRow {
  int code;
  goshawk_status status;
};

const CodeRow code_table[] = {
    {0, GOSHAWK_OK},
    {1, GOSHAWK_FAILED},
    {2, GOSHAWK_OUT_OF_MEMORY},
    {4, GOSHAWK_PROCESS_LOST},
    {46, GOSHAWK_DEVICE_LOST},
    {100, GOSHAWK_NOT_FOUND},
    {101, GOSHAWK_NOT_FOUND},
    {201, GOSHAWK_DEVICE_LOST},
    {209, GOSHAWK_INCOMPATIBLE},
    {214, GOSHAWK_PROCESS_LOST},
    {220, GOSHAWK_PROCESS_LOST},
    {222, GOSHAWK_INCOMPATIBLE},
    {226, GOSHAWK_PROCESS_LOST},
    {600, GOSHAWK_FAILED},
    {700, GOSHAWK_PROCESS_LOST},
    {701, GOSHAWK_FAILED},
    {702, GOSHAWK_PROCESS_LOST},
    {709, GOSHAWK_DEVICE_LOST},
    {710, GOSHAWK_PROCESS_LOST},
    {714, GOSHAWK_PROCESS_LOST},
    {715, GOSHAWK_PROCESS_LOST},
    {716, GOSHAWK_PROCESS_LOST},
    {717, GOSHAWK_PROCESS_LOST},
    {718, GOSHAWK_PROCESS_LOST},
    {719, GOSHAWK_PROCESS_LOST},
    {721, GOSHAWK_PROCESS_LOST},
    {803, GOSHAWK_INCOMPATIBLE},
    {810, GOSHAWK_PROCESS_LOST},
    {900, GOSHAWK_FAILED},
    {911, GOSHAWK_PROCESS_LOST},
    {999, GOSHAWK_FAILED},
};

void tables() {
  for (const WordsRow &row : words_table) CHECK(plugin::status_of_words(row.words, GOSHAWK_FAILED) == row.status);
  for (const WordsRow &row : plan_table) CHECK(plugin::status_of_plan(row.words) == row.status);
  for (const CodeRow &row : code_table) CHECK(tensorrt::status_of_cuda(row.code) == row.status);
}

using Words = tensorrt::LastWords;

void one_call() {
  Words words;
  words.say("before anything was called");
  const Words::Call outer(words);
  CHECK(outer.words("nothing") == "nothing");
  words.say("the cause");
  words.say("a consequence");
  {
    const Words::Call inner(words);
    CHECK(inner.words("nothing") == "nothing");
    words.say("of the inner call");
    CHECK(inner.words("nothing") == "of the inner call");
  }
  CHECK(outer.words("nothing") == "the cause");
}

/// A thread of the engine itself speaks for the only call there is, and for nobody where there are two.
void engine_threads() {
  Words words;
  const Words::Call call(words);
  std::thread([&] { words.say("of the builder's thread"); }).join();
  CHECK(call.words("nothing") == "of the builder's thread");

  const Words::Call second(words);
  std::thread other([&] {
    const Words::Call own(words);
    std::thread([&] { words.say("whose?"); }).join();
    CHECK(own.words("nothing") == "nothing");
  });
  other.join();
  CHECK(second.words("nothing") == "nothing");
}

/// Slots fail side by side, and each hears of its own failure.
void many_slots() {
  Words words;
  std::atomic<int> wrong{0};
  std::vector<std::thread> slots;
  for (int slot = 0; slot < 4; slot++) {
    slots.emplace_back([&, slot] {
      for (int frame = 0; frame < 500; frame++) {
        const std::string own = "slot " + std::to_string(slot) + " frame " + std::to_string(frame);
        const Words::Call call(words);
        if (frame % 3 != 0) words.say(own.c_str());
        std::this_thread::yield();
        if (call.words("nothing") != (frame % 3 != 0 ? own : "nothing")) wrong++;
      }
    });
  }
  for (std::thread &slot : slots) slot.join();
  CHECK(wrong == 0);
}

}  // namespace

void plugin_errors() {
  tables();
  one_call();
  engine_threads();
  many_slots();
}

}  // namespace goshawk::test
