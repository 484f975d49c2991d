// The peer of the stage "network": ONNX Runtime from C++ with IoBinding, nothing around it.
//
//   network-peer LIBRARY      LIBRARY: libonnxruntime.so.1, opened at run time
//
// One line in: {"iterations": n, "model": "path", "input": "path of raw float32"}; one line out: {"ms": [...]}.
#include <dlfcn.h>

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace {

std::string text(const std::string &line, const std::string &key) {
  const std::string mark = "\"" + key + "\":\"";
  const size_t from = line.find(mark);
  if (from == std::string::npos) return {};
  return line.substr(from + mark.size(), line.find('"', from + mark.size()) - from - mark.size());
}

int number(const std::string &line, const std::string &key) {
  const size_t from = line.find("\"" + key + "\":");
  return from == std::string::npos ? 0 : std::atoi(line.c_str() + from + key.size() + 3);
}

float *aligned(size_t count) { return static_cast<float *>(std::aligned_alloc(64, (count * 4 + 63) / 64 * 64)); }

struct Bound {
  Ort::Session session;
  Ort::IoBinding binding;
  std::vector<Ort::Value> values;

  Bound(Ort::Env &env, const std::string &model, const std::string &input, const Ort::SessionOptions &options)
      : session(env, model.c_str(), options), binding(session) {
    Ort::AllocatorWithDefaultOptions allocator;
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const auto add = [&](const Ort::TypeInfo &type) -> Ort::Value & {
      const auto info = type.GetTensorTypeAndShapeInfo();
      const auto shape = info.GetShape();
      const size_t count = info.GetElementCount();
      values.push_back(Ort::Value::CreateTensor<float>(memory, aligned(count), count, shape.data(), shape.size()));
      return values.back();
    };
    values.reserve(1 + session.GetOutputCount());
    Ort::Value &in = add(session.GetInputTypeInfo(0));
    std::ifstream file(input, std::ios::binary);
    const auto bytes = in.GetTensorTypeAndShapeInfo().GetElementCount() * sizeof(float);
    if (!file.read(reinterpret_cast<char *>(in.GetTensorMutableData<float>()), std::streamsize(bytes))) {
      std::cerr << "The input " << input << " is shorter than the tensor.\n";
      std::exit(1);
    }
    binding.BindInput(session.GetInputNameAllocated(0, allocator).get(), in);
    for (size_t i = 0; i < session.GetOutputCount(); i++) {
      binding.BindOutput(session.GetOutputNameAllocated(i, allocator).get(), add(session.GetOutputTypeInfo(i)));
    }
  }
};

}  // namespace

int main(int, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::cerr << dlerror() << "\n";
    return 1;
  }
  const auto base = reinterpret_cast<const OrtApiBase *(*)()>(dlsym(library, "OrtGetApiBase"));
  Ort::InitApi(base()->GetApi(ORT_API_VERSION));
  Ort::Env env(ORT_LOGGING_LEVEL_ERROR, "peer");
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  const Ort::RunOptions run;
  std::unique_ptr<Bound> bound;
  std::string loaded;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string model = text(line, "model");
    if (model != loaded) bound = std::make_unique<Bound>(env, model, text(line, "input"), options);
    loaded = model;
    std::string answer = "{\"ms\":[";
    const int count = number(line, "iterations");
    for (int i = 0; i < count; i++) {
      const auto begin = std::chrono::steady_clock::now();
      bound->session.Run(run, bound->binding);
      const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
      answer += (i == 0 ? "" : ",") + std::to_string(taken.count());
    }
    std::cout << answer << "]}" << std::endl;
  }
}
