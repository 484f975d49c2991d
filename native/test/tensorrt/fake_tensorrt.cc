// libnvinfer and libnvonnxparser in one, for the stand-in header: one network, "images" [-1, 2] to "output0" [-1, 2], which adds one. A
// file that holds "operator" has an operator that the parser does not know.
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "NvOnnxParser.h"
#include "stand_ins.h"

using namespace nvinfer1;

namespace {

constexpr Side width = 2;
constexpr size_t activation_bytes = 4096;
constexpr char plan_text[] = "a plan of the stand-in";

Dims dims_of(Side frames) { return {2, {frames, width}}; }

struct Memory final : IHostMemory {
  std::string bytes;
  explicit Memory(std::string text) : bytes(std::move(text)) {}
  void *data() const noexcept override { return const_cast<char *>(bytes.data()); }
  size_t size() const noexcept override { return bytes.size(); }
};

struct Inspector final : IEngineInspector {
  const char *getEngineInformation(LayerInformationFormat) const noexcept override { return "{\"Layers\":[]}"; }
};

struct Context final : IExecutionContext {
  Side frames = -1;
  std::map<std::string, void *> places;
  void *activations = nullptr;
  std::string own;

  bool setInputShape(const char *, const Dims &dims) noexcept override {
    frames = dims.d[0];
    return frames <= 4;
  }
  Dims getTensorShape(const char *) const noexcept override { return dims_of(frames); }
  bool setTensorAddress(const char *name, void *at) noexcept override {
    places[name] = at;
    return true;
  }
  void setDeviceMemory(void *at) noexcept override { activations = at; }
  bool enqueueV3(cudaStream_t stream) noexcept override {
    const std::function<void()> work = [this] {
      if (activations == nullptr) own.resize(activation_bytes);
      void *memory = activations != nullptr ? activations : own.data();
      std::memset(memory, 7, activation_bytes);
      goshawk_test_world()->activations = memory;
      const auto *in = static_cast<const float *>(places["images"]);
      auto *out = static_cast<float *>(places["output0"]);
      for (Side i = 0; i < frames * width; i++) out[i] = in[i] + 1;
    };
    return goshawk_test_enqueue(stream, &work, !goshawk_test_world()->refuses_capture);
  }
};

struct Engine final : ICudaEngine {
  int32_t getNbIOTensors() const noexcept override { return 2; }
  const char *getIOTensorName(int32_t i) const noexcept override { return i == 0 ? "images" : "output0"; }
  TensorIOMode getTensorIOMode(const char *name) const noexcept override {
    return std::strcmp(name, "images") == 0 ? TensorIOMode::kINPUT : TensorIOMode::kOUTPUT;
  }
  DataType getTensorDataType(const char *) const noexcept override { return DataType::kFLOAT; }
  Dims getTensorShape(const char *) const noexcept override { return dims_of(-1); }
  TensorLocation getTensorLocation(const char *) const noexcept override { return TensorLocation::kDEVICE; }
  IEngineInspector *createEngineInspector() const noexcept override { return new Inspector; }
  static IExecutionContext *create(bool with_memory) {
    World &world = *goshawk_test_world();
    (with_memory ? world.contexts_with_memory : world.contexts_without_memory) += 1;
    return new Context;
  }
#if NV_TENSORRT_MAJOR >= 10
  IExecutionContext *createExecutionContext(ExecutionContextAllocationStrategy how) noexcept override {
    return create(how != ExecutionContextAllocationStrategy::kUSER_MANAGED);
  }
#else
  IExecutionContext *createExecutionContext() noexcept override { return create(true); }
  IExecutionContext *createExecutionContextWithoutDeviceMemory() noexcept override { return create(false); }
#endif
#if NV_TENSORRT_MAJOR > 10 || (NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR >= 1)
  int64_t getDeviceMemorySizeV2() const noexcept override { return activation_bytes; }
#else
  size_t getDeviceMemorySize() const noexcept override { return activation_bytes; }
#endif
};

struct Runtime final : IRuntime {
  ILogger &logger;
  explicit Runtime(ILogger &its) : logger(its) {}
  ICudaEngine *deserializeCudaEngine(const void *bytes, size_t size) noexcept override {
    logger.log(ILogger::Severity::kVERBOSE, "reading\na plan");
    if (size == sizeof plan_text - 1 && std::memcmp(bytes, plan_text, size) == 0) return new Engine;
    logger.log(ILogger::Severity::kERROR, "Serialization assertion magicTagRead == kMAGIC_TAG failed.");
    return nullptr;
  }
  int32_t getNbDLACores() const noexcept override { return goshawk_test_world()->dla_cores; }
  void setDLACore(int32_t core) noexcept override { goshawk_test_world()->read_for_dla = core; }
};

struct Input final : ITensor {
  const char *getName() const noexcept override { return "images"; }
  Dims getDimensions() const noexcept override { return dims_of(-1); }
  ~Input() override = default;
};

struct Network final : INetworkDefinition {
  mutable Input input;
  int32_t getNbInputs() const noexcept override { return 1; }
  ITensor *getInput(int32_t) const noexcept override { return &input; }
};

struct Profile final : IOptimizationProfile {
  bool setDimensions(const char *, OptProfileSelector, const Dims &dims) noexcept override { return dims.d[1] == width; }
  ~Profile() override = default;
};

struct Cache final : ITimingCache {
  IHostMemory *serialize() const noexcept override { return new Memory("timings"); }
};

struct Config final : IBuilderConfig {
  const ITimingCache *cache = nullptr;
  void setMemoryPoolLimit(MemoryPoolType, size_t) noexcept override {}
  void setProfilingVerbosity(ProfilingVerbosity) noexcept override {}
  int32_t addOptimizationProfile(const IOptimizationProfile *) noexcept override { return 0; }
  ITimingCache *createTimingCache(const void *, size_t) const noexcept override { return new Cache; }
  bool setTimingCache(const ITimingCache &its, bool) noexcept override {
    cache = &its;
    return true;
  }
  const ITimingCache *getTimingCache() const noexcept override { return cache; }
  int32_t core = -1;
  DeviceType type = DeviceType::kGPU;
  unsigned flags = 0;
  void setFlag(BuilderFlag flag) noexcept override { flags |= 1u << unsigned(flag); }
  void setDefaultDeviceType(DeviceType its) noexcept override { type = its; }
  void setDLACore(int32_t its) noexcept override { core = its; }
#if NV_TENSORRT_MAJOR < 10
  void setPreviewFeature(PreviewFeature, bool) noexcept override {}
#else
  IProgressMonitor *monitor = nullptr;
  void setProgressMonitor(IProgressMonitor *its) noexcept override { monitor = its; }
#endif
};

struct Builder final : IBuilder {
  ILogger &logger;
  Profile profile;
  explicit Builder(ILogger &its) : logger(its) {}
  INetworkDefinition *createNetworkV2(uint32_t flags) noexcept override {
    goshawk_test_world()->network_flags = flags;
    return new Network;
  }
  IBuilderConfig *createBuilderConfig() noexcept override { return new Config; }
  IOptimizationProfile *createOptimizationProfile() noexcept override { return &profile; }
  IHostMemory *buildSerializedNetwork(INetworkDefinition &, IBuilderConfig &config) noexcept override {
    logger.log(ILogger::Severity::kWARNING, "Weights are subnormal");
    const Config &asked = static_cast<Config &>(config);
    goshawk_test_world()->built_for_dla = asked.type == DeviceType::kDLA ? asked.core : -1;
    goshawk_test_world()->builder_flags = asked.flags;
#if NV_TENSORRT_MAJOR >= 10
    IProgressMonitor &monitor = *static_cast<Config &>(config).monitor;
    monitor.phaseStart("Building", nullptr, 2);
    const bool goes_on = monitor.stepComplete("Building", 0) && monitor.stepComplete("Building", 1);
    monitor.phaseFinish("Building");
    if (!goes_on) return nullptr;
#endif
    return new Memory(plan_text);
  }
};

struct ParserError final : nvonnxparser::IParserError {
  const char *desc() const override { return "no importer is registered"; }
  int node() const override { return 12; }
#if NV_TENSORRT_MAJOR >= 10
  const char *nodeName() const override { return "/nms/Nms"; }
  const char *nodeOperator() const override { return "NonMaxSuppression"; }
#endif
  ~ParserError() override = default;
};

struct Parser final : nvonnxparser::IParser {
  ParserError error;
  bool fails = false;
  bool parseFromFile(const char *path, int) noexcept override {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    fails = text.str().find("operator") != std::string::npos;
    return !fails;
  }
  int getNbErrors() const noexcept override { return fails ? 1 : 0; }
  const nvonnxparser::IParserError *getError(int) const noexcept override { return &error; }
};

}  // namespace

extern "C" {
int32_t getInferLibVersion() {
  const int32_t other = goshawk_test_world()->version;
  return other != 0 ? other : NV_TENSORRT_VERSION;
}
void *createInferRuntime_INTERNAL(void *logger, int32_t) { return static_cast<IRuntime *>(new Runtime(*static_cast<ILogger *>(logger))); }
void *createInferBuilder_INTERNAL(void *logger, int32_t) { return static_cast<IBuilder *>(new Builder(*static_cast<ILogger *>(logger))); }
void *createNvOnnxParser_INTERNAL(void *, void *, int) { return static_cast<nvonnxparser::IParser *>(new Parser); }
}
