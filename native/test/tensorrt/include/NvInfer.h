// A stand-in for TensorRT's header, of our own: what the plugin calls, as it is in 8.6, 10.3, 10.13 and 11.1, so that the plugin is
// compiled and run for each where there is no TensorRT. What a version lacks is not here either. Layouts are not TensorRT's: it goes with
// fake_tensorrt.cc alone. Define STAND_IN_MAJOR and STAND_IN_MINOR.
#pragma once

#include <cstddef>
#include <cstdint>

#define NV_TENSORRT_MAJOR STAND_IN_MAJOR
#define NV_TENSORRT_MINOR STAND_IN_MINOR
#define NV_TENSORRT_PATCH 1
#if NV_TENSORRT_MAJOR >= 10
#define NV_TENSORRT_VERSION (NV_TENSORRT_MAJOR * 10000 + NV_TENSORRT_MINOR * 100 + NV_TENSORRT_PATCH)
#else
#define NV_TENSORRT_VERSION (NV_TENSORRT_MAJOR * 1000 + NV_TENSORRT_MINOR * 100 + NV_TENSORRT_PATCH)
#endif

struct CUstream_st;
using cudaStream_t = CUstream_st *;

namespace nvinfer1 {

#if NV_TENSORRT_MAJOR >= 10
using Side = int64_t;
#else
using Side = int32_t;
#endif

struct Dims {
  static constexpr int32_t MAX_DIMS = 8;
  int32_t nbDims;
  Side d[MAX_DIMS];
};

enum class DataType : int32_t { kFLOAT, kHALF, kINT8, kINT32, kBOOL, kUINT8, kFP8, kBF16, kINT64, kINT4 };
enum class TensorIOMode : int32_t { kNONE, kINPUT, kOUTPUT };
enum class TensorLocation : int32_t { kDEVICE, kHOST };
enum class LayerInformationFormat : int32_t { kONELINE, kJSON };
enum class ProfilingVerbosity : int32_t { kLAYER_NAMES_ONLY, kNONE, kDETAILED };
enum class MemoryPoolType : int32_t { kWORKSPACE };
enum class OptProfileSelector : int32_t { kMIN, kOPT, kMAX };
enum class BuilderFlag : int32_t {
#if NV_TENSORRT_MAJOR < 11
  kFP16 = 0,
  kINT8 = 1,
#endif
  kGPU_FALLBACK = 3,
};
enum class DeviceType : int32_t { kGPU, kDLA };
enum class NetworkDefinitionCreationFlag : int32_t {
#if NV_TENSORRT_MAJOR == 10
  kSTRONGLY_TYPED = 1,
#endif
#if NV_TENSORRT_MAJOR <= 10
  kEXPLICIT_BATCH = 0,
#endif
};
#if NV_TENSORRT_MAJOR < 10
enum class PreviewFeature : int32_t { kPROFILE_SHARING_0806 = 2 };
#else
enum class ExecutionContextAllocationStrategy : int32_t { kSTATIC, kON_PROFILE_CHANGE, kUSER_MANAGED };
#endif

class ILogger {
 public:
  enum class Severity : int32_t { kINTERNAL_ERROR, kERROR, kWARNING, kINFO, kVERBOSE };
  virtual void log(Severity severity, const char *message) noexcept = 0;
  virtual ~ILogger() = default;
};

#if NV_TENSORRT_MAJOR >= 10
class IProgressMonitor {
 public:
  virtual void phaseStart(const char *name, const char *parent, int32_t steps) noexcept = 0;
  virtual bool stepComplete(const char *name, int32_t step) noexcept = 0;
  virtual void phaseFinish(const char *name) noexcept = 0;
  virtual ~IProgressMonitor() = default;
};
#endif

class IHostMemory {
 public:
  virtual void *data() const noexcept = 0;
  virtual size_t size() const noexcept = 0;
  virtual ~IHostMemory() = default;
};

class IEngineInspector {
 public:
  virtual const char *getEngineInformation(LayerInformationFormat) const noexcept = 0;
  virtual ~IEngineInspector() = default;
};

class IExecutionContext {
 public:
  virtual bool setInputShape(const char *name, const Dims &) noexcept = 0;
  virtual Dims getTensorShape(const char *name) const noexcept = 0;
  virtual bool setTensorAddress(const char *name, void *) noexcept = 0;
  virtual void setDeviceMemory(void *) noexcept = 0;
  virtual bool enqueueV3(cudaStream_t) noexcept = 0;
  virtual ~IExecutionContext() = default;
};

class ICudaEngine {
 public:
  virtual int32_t getNbIOTensors() const noexcept = 0;
  virtual const char *getIOTensorName(int32_t) const noexcept = 0;
  virtual TensorIOMode getTensorIOMode(const char *) const noexcept = 0;
  virtual DataType getTensorDataType(const char *) const noexcept = 0;
  virtual Dims getTensorShape(const char *) const noexcept = 0;
  virtual TensorLocation getTensorLocation(const char *) const noexcept = 0;
  virtual IEngineInspector *createEngineInspector() const noexcept = 0;
#if NV_TENSORRT_MAJOR >= 10
  virtual IExecutionContext *createExecutionContext(
      ExecutionContextAllocationStrategy = ExecutionContextAllocationStrategy::kSTATIC) noexcept = 0;
#else
  virtual IExecutionContext *createExecutionContext() noexcept = 0;
  virtual IExecutionContext *createExecutionContextWithoutDeviceMemory() noexcept = 0;
#endif
#if NV_TENSORRT_MAJOR > 10 || (NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR >= 1)
  virtual int64_t getDeviceMemorySizeV2() const noexcept = 0;
#else
  virtual size_t getDeviceMemorySize() const noexcept = 0;
#endif
  virtual ~ICudaEngine() = default;
};

class IRuntime {
 public:
  virtual ICudaEngine *deserializeCudaEngine(const void *, size_t) noexcept = 0;
  virtual int32_t getNbDLACores() const noexcept = 0;
  virtual void setDLACore(int32_t) noexcept = 0;
  virtual ~IRuntime() = default;
};

class ITensor {
 public:
  virtual const char *getName() const noexcept = 0;
  virtual Dims getDimensions() const noexcept = 0;

 protected:
  virtual ~ITensor() = default;
};

class INetworkDefinition {
 public:
  virtual int32_t getNbInputs() const noexcept = 0;
  virtual ITensor *getInput(int32_t) const noexcept = 0;
  virtual ~INetworkDefinition() = default;
};

class IOptimizationProfile {
 public:
  virtual bool setDimensions(const char *name, OptProfileSelector, const Dims &) noexcept = 0;

 protected:
  virtual ~IOptimizationProfile() = default;
};

class ITimingCache {
 public:
  virtual IHostMemory *serialize() const noexcept = 0;
  virtual ~ITimingCache() = default;
};

class IBuilderConfig {
 public:
  virtual void setMemoryPoolLimit(MemoryPoolType, size_t) noexcept = 0;
  virtual void setProfilingVerbosity(ProfilingVerbosity) noexcept = 0;
  virtual int32_t addOptimizationProfile(const IOptimizationProfile *) noexcept = 0;
  virtual ITimingCache *createTimingCache(const void *, size_t) const noexcept = 0;
  virtual bool setTimingCache(const ITimingCache &, bool) noexcept = 0;
  virtual const ITimingCache *getTimingCache() const noexcept = 0;
  virtual void setFlag(BuilderFlag) noexcept = 0;
  virtual void setDefaultDeviceType(DeviceType) noexcept = 0;
  virtual void setDLACore(int32_t) noexcept = 0;
#if NV_TENSORRT_MAJOR < 10
  virtual void setPreviewFeature(PreviewFeature, bool) noexcept = 0;
#else
  virtual void setProgressMonitor(IProgressMonitor *) noexcept = 0;
#endif
  virtual ~IBuilderConfig() = default;
};

class IBuilder {
 public:
  virtual INetworkDefinition *createNetworkV2(uint32_t flags) noexcept = 0;
  virtual IBuilderConfig *createBuilderConfig() noexcept = 0;
  virtual IOptimizationProfile *createOptimizationProfile() noexcept = 0;
  virtual IHostMemory *buildSerializedNetwork(INetworkDefinition &, IBuilderConfig &) noexcept = 0;
  virtual ~IBuilder() = default;
};

}  // namespace nvinfer1
