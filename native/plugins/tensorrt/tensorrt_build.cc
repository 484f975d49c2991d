// ONNX to a plan. Blocks for minutes and may need gigabytes: meant for a child process, whose end is the cancel that
// always works; the progress monitor (10.0 and newer) also lets it stop in an orderly way.
#include <NvOnnxParser.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <sstream>
#include <vector>

#include "tensorrt_plugin.h"

namespace goshawk::tensorrt {

namespace {

#if NV_TENSORRT_MAJOR >= 10
/// TensorRT calls it from several of its threads.
class Monitor final : public nvinfer1::IProgressMonitor {
 public:
  explicit Monitor(const goshawk_build &build) : build_(build) {}

  void phaseStart(const char *name, const char *, int32_t steps) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    try {
      phases_.push_back({name, steps});
    } catch (...) {
      return;
    }
    tell(name, 0);
  }
  bool stepComplete(const char *name, int32_t step) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    double fraction = -1;
    for (const Phase &phase : phases_) {
      if (phase.name == name && phase.steps > 0) fraction = double(step + 1) / phase.steps;
    }
    return tell(name, fraction);
  }
  void phaseFinish(const char *name) noexcept override {
    const std::lock_guard<std::mutex> lock(mutex_);
    phases_.erase(std::remove_if(phases_.begin(), phases_.end(), [&](const Phase &p) { return p.name == name; }),
                  phases_.end());
    tell(name, 1);
  }
  bool stopped() const { return stopped_; }

 private:
  struct Phase {
    std::string name;
    int32_t steps;
  };
  /// Under the lock: whoever listens hears one at a time.
  bool tell(const char *name, double fraction) noexcept {
    if (build_.progress != nullptr && build_.progress(build_.user, name, fraction) != 0) stopped_ = true;
    return !stopped_;
  }

  const goshawk_build &build_;
  std::mutex mutex_;
  std::vector<Phase> phases_;
  std::atomic<bool> stopped_{false};
};
#endif

bool write_file(const char *path, const void *bytes, size_t size) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(static_cast<const char *>(bytes), std::streamsize(size));
  stream.close();
  return !stream.fail();
}

/// "1x3x640x640"
bool parse_dims(const std::string &text, nvinfer1::Dims &dims) {
  std::istringstream stream(text);
  std::string side;
  dims.nbDims = 0;
  while (std::getline(stream, side, 'x')) {
    const long value = std::strtol(side.c_str(), nullptr, 10);
    if (value < 1 || dims.nbDims >= nvinfer1::Dims::MAX_DIMS) return false;
    dims.d[dims.nbDims++] = static_cast<std::decay_t<decltype(dims.d[0])>>(value);
  }
  return dims.nbDims > 0;
}

/// One profile for the inputs that the file leaves open: option shape.<tensor> = "min,opt,max", each like 1x3x640x640.
/// `fixed`: for DLA, which runs one number of pictures alone; others would go to the GPU without a word.
goshawk_status set_profile(nvinfer1::IBuilder &builder, const nvinfer1::INetworkDefinition &network,
                           nvinfer1::IBuilderConfig &config, const goshawk_options *options, bool fixed,
                           goshawk_error *error) {
  nvinfer1::IOptimizationProfile *profile = nullptr;
  for (int32_t i = 0; i < network.getNbInputs(); i++) {
    const nvinfer1::ITensor &input = *network.getInput(i);
    const nvinfer1::Dims declared = input.getDimensions();
    const int32_t rank = std::max<int32_t>(declared.nbDims, 0);
    if (std::none_of(declared.d, declared.d + rank, [](auto side) { return side < 0; })) continue;
    const std::string key = std::string("shape.") + input.getName();
    std::istringstream three(plugin::option(options, key.c_str(), ""));
    std::string text;
    nvinfer1::Dims dims[3] = {};
    for (nvinfer1::Dims &each : dims) {
      if (!std::getline(three, text, ',') || !parse_dims(text, each)) {
        return plugin::fail(error, GOSHAWK_INVALID, "The input " + std::string(input.getName()) +
                                                        " is dynamic: the option " + key + " must say min,opt,max.");
      }
    }
    const auto same = [](const nvinfer1::Dims &one, const nvinfer1::Dims &other) {
      return one.nbDims == other.nbDims && std::equal(one.d, one.d + one.nbDims, other.d);
    };
    if (fixed && !(same(dims[0], dims[1]) && same(dims[1], dims[2]))) {
      return plugin::fail(error, GOSHAWK_INVALID, "DLA runs one shape alone, and the profile of " +
                                                      std::string(input.getName()) + " has several: let it run one picture at a time.");
    }
    if (profile == nullptr) profile = builder.createOptimizationProfile();
    using nvinfer1::OptProfileSelector;
    if (profile == nullptr || !profile->setDimensions(input.getName(), OptProfileSelector::kMIN, dims[0]) ||
        !profile->setDimensions(input.getName(), OptProfileSelector::kOPT, dims[1]) ||
        !profile->setDimensions(input.getName(), OptProfileSelector::kMAX, dims[2])) {
      return plugin::fail(error, GOSHAWK_INVALID, "TensorRT refuses the profile of " + std::string(input.getName()) + ".");
    }
  }
  if (profile != nullptr && config.addOptimizationProfile(profile) < 0) {
    return plugin::fail(error, GOSHAWK_INVALID, "TensorRT refuses the profile: min must not be above opt, nor opt above max.");
  }
  return GOSHAWK_OK;
}

/// "NonMaxSuppression /nms/Nms: why": which operator, as a network is searched by it.
std::string words_of(const nvonnxparser::IParserError &error) {
  const auto text = [](const char *words) { return std::string(words != nullptr ? words : ""); };
#if NV_TENSORRT_MAJOR >= 10
  const std::string node = text(error.nodeOperator()) + " " + text(error.nodeName());
#else
  const std::string node = error.node() >= 0 ? "node " + std::to_string(error.node()) : "";
#endif
  return (node.size() > 1 ? node + ": " : "") + text(error.desc());
}

goshawk_status parse(nvinfer1::INetworkDefinition &network, goshawk_device &device, const char *path,
                     std::unique_ptr<nvonnxparser::IParser> &parser, goshawk_error *error) {
  const auto create = open_parser(error);
  if (create == nullptr) return GOSHAWK_NOT_FOUND;
  parser.reset(static_cast<nvonnxparser::IParser *>(create(&network, &device.logger, NV_ONNX_PARSER_VERSION)));
  if (parser == nullptr) return plugin::fail(error, GOSHAWK_FAILED, "The ONNX parser does not open.");
  if (parser->parseFromFile(path, int32_t(nvinfer1::ILogger::Severity::kERROR))) return GOSHAWK_OK;
  std::string words;
  for (int32_t i = 0; i < parser->getNbErrors(); i++) words += (words.empty() ? "" : "; ") + words_of(*parser->getError(i));
  return plugin::fail(error, GOSHAWK_UNSUPPORTED, words.empty() ? "The ONNX file can't be read." : words);
}

uint32_t network_flags([[maybe_unused]] bool dla) {
#if NV_TENSORRT_MAJOR >= 11
  return 0;
#elif NV_TENSORRT_MAJOR == 10
  // Until 10.7 DLA is asked for FP16 by a flag, as trtexec does with --useDLACore --fp16.
  if (dla) return 0;
  // Precision lies in the ONNX file: what was measured is what runs.
  return 1u << uint32_t(nvinfer1::NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
#else
  return 1u << uint32_t(nvinfer1::NetworkDefinitionCreationFlag::kEXPLICIT_BATCH);
#endif
}

/// Layers go to the core; what it can't run is the GPU's, and the inspector tells which.
void use_dla(nvinfer1::IBuilderConfig &config, int32_t core) {
  config.setDefaultDeviceType(nvinfer1::DeviceType::kDLA);
  config.setDLACore(core);
  config.setFlag(nvinfer1::BuilderFlag::kGPU_FALLBACK);
#if NV_TENSORRT_MAJOR == 10
  config.setFlag(nvinfer1::BuilderFlag::kFP16);
#endif
}

goshawk_status build_plan(goshawk_device *device, const goshawk_build *request, const goshawk_options *options,
                          goshawk_error *error) {
  if (device->library.create_builder == nullptr) {
    return plugin::fail(error, GOSHAWK_UNSUPPORTED, "This TensorRT is the lean runtime: it can't build.");
  }
  const bool dla = device->dla_core >= 0;
  const Current current(device->context);
  const Call call(device->logger);
  const std::unique_ptr<nvinfer1::IBuilder> builder(
      static_cast<nvinfer1::IBuilder *>(device->library.create_builder(&device->logger, NV_TENSORRT_VERSION)));
  if (builder == nullptr) return call.fail(GOSHAWK_FAILED, "TensorRT gave no builder.", error);
  const std::unique_ptr<nvinfer1::INetworkDefinition> network(builder->createNetworkV2(network_flags(dla)));
  const std::unique_ptr<nvinfer1::IBuilderConfig> config(builder->createBuilderConfig());
  if (network == nullptr || config == nullptr) {
    return call.fail(GOSHAWK_FAILED, "TensorRT gave no network to build.", error);
  }
  // Its weights are the network's until the plan is there.
  std::unique_ptr<nvonnxparser::IParser> parser;
  goshawk_status status = parse(*network, *device, request->onnx_path, parser, error);
  if (status == GOSHAWK_OK) status = set_profile(*builder, *network, *config, options, dla, error);
  if (status != GOSHAWK_OK) return status;
  config->setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, size_t(request->workspace_bytes));
  config->setProfilingVerbosity(nvinfer1::ProfilingVerbosity::kDETAILED);
  if (dla) use_dla(*config, device->dla_core);
#if NV_TENSORRT_MAJOR < 10
  // 8.x obeys the Q and DQ nodes of the file only where INT8 is allowed at all; DLA obeys none.
  if (!dla) config->setFlag(nvinfer1::BuilderFlag::kINT8);
  config->setFlag(nvinfer1::BuilderFlag::kFP16);
#endif
#if NV_TENSORRT_MAJOR == 9 || (NV_TENSORRT_MAJOR == 8 && NV_TENSORRT_MINOR >= 6)
  // As it is from 10 on: slots and batch sizes have a context each, and all of them the one profile.
  config->setPreviewFeature(nvinfer1::PreviewFeature::kPROFILE_SHARING_0806, true);
#endif
  std::unique_ptr<nvinfer1::ITimingCache> cache;
  if (request->timing_cache_path != nullptr) {
    std::vector<char> known;
    plugin::read_file(request->timing_cache_path, known);
    cache.reset(config->createTimingCache(known.data(), known.size()));
    // One of another version or board is refused here; then measuring starts from nothing.
    if (cache == nullptr || !config->setTimingCache(*cache, false)) {
      cache.reset(config->createTimingCache(nullptr, 0));
      if (cache != nullptr) config->setTimingCache(*cache, false);
    }
  }
#if NV_TENSORRT_MAJOR >= 10
  Monitor monitor(*request);
  config->setProgressMonitor(&monitor);
#endif
  const std::unique_ptr<nvinfer1::IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
#if NV_TENSORRT_MAJOR >= 10
  if (monitor.stopped()) return plugin::fail(error, GOSHAWK_CANCELLED, "The build was stopped.");
#endif
  if (plan == nullptr) {
    return call.fail(GOSHAWK_FAILED, "TensorRT built no engine and does not say why.", error);
  }
  if (request->timing_cache_path != nullptr && config->getTimingCache() != nullptr) {
    const std::unique_ptr<nvinfer1::IHostMemory> learned(config->getTimingCache()->serialize());
    // Only costs time the next time.
    if (learned != nullptr) write_file(request->timing_cache_path, learned->data(), learned->size());
  }
  if (!write_file(request->plan_path, plan->data(), plan->size())) {
    return plugin::fail(error, GOSHAWK_FAILED, std::string("The plan can't be written to ") + request->plan_path + ".");
  }
  return GOSHAWK_OK;
}

}  // namespace

goshawk_status build(goshawk_device *device, const goshawk_build *request, const goshawk_options *options,
                     goshawk_error *error) {
  return plugin::guarded(error, [&] { return build_plan(device, request, options, error); });
}

}  // namespace goshawk::tensorrt
