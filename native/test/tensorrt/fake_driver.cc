// libcuda.so.1 without a GPU: memory of the process, streams that do everything at once, graphs that are lists of what to do. Compiled
// against CUDA's own header.
#include <cuda.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "stand_ins.h"

namespace {

World world;
std::set<CUdeviceptr> pinned;

struct Recorded {
  std::vector<std::function<void()>> work;
};
struct FakeStream {
  bool capturing = false;
  Recorded recorded;
};

FakeStream &of(CUstream stream) { return *reinterpret_cast<FakeStream *>(stream); }

CUresult enqueue(CUstream stream, std::function<void()> work) {
  goshawk_test_enqueue(stream, &work, true);
  return CUDA_SUCCESS;
}

}  // namespace

extern "C" {

World *goshawk_test_world() { return &world; }

bool goshawk_test_enqueue(void *stream, const std::function<void()> *work, bool capturable) {
  FakeStream &its = of(static_cast<CUstream>(stream));
  if (!its.capturing) {
    (*work)();
    return true;
  }
  if (capturable) its.recorded.work.push_back(*work);
  return capturable;
}

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int *version) {
  *version = 13000;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult, const char **name) {
  *name = "CUDA_ERROR_OF_A_TEST";
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult, const char **words) {
  *words = "as it was told";
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  *device = ordinal;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char *name, int length, CUdevice) {
  std::strncpy(name, "A GPU of a test", size_t(length));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute which, CUdevice) {
  *value = which == CU_DEVICE_ATTRIBUTE_INTEGRATED || which == CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY ? world.integrated : 8;
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice) {
  *context = reinterpret_cast<CUcontext>(&world);
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease(CUdevice) { return CUDA_SUCCESS; }
CUresult cuDevicePrimaryCtxSetFlags(CUdevice, unsigned) { return CUDA_SUCCESS; }
CUresult cuCtxPushCurrent(CUcontext) { return CUDA_SUCCESS; }
CUresult cuCtxPopCurrent(CUcontext *) { return CUDA_SUCCESS; }

CUresult cuMemAlloc(CUdeviceptr *at, size_t bytes) {
  *at = reinterpret_cast<CUdeviceptr>(std::malloc(bytes));
  world.device_allocations += 1;
  return CUDA_SUCCESS;
}
CUresult cuMemFree(CUdeviceptr at) {
  std::free(reinterpret_cast<void *>(at));
  world.device_allocations -= 1;
  return CUDA_SUCCESS;
}
CUresult cuMemHostAlloc(void **at, size_t bytes, unsigned) {
  *at = std::malloc(bytes);
  return CUDA_SUCCESS;
}
CUresult cuMemFreeHost(void *at) {
  pinned.erase(reinterpret_cast<CUdeviceptr>(at));
  std::free(at);
  return CUDA_SUCCESS;
}
CUresult cuMemHostGetDevicePointer(CUdeviceptr *at, void *host, unsigned) {
  *at = reinterpret_cast<CUdeviceptr>(host);
  pinned.insert(*at);
  return world.integrated ? CUDA_SUCCESS : CUDA_ERROR_NOT_SUPPORTED;
}
CUresult cuMemGetInfo(size_t *free, size_t *total) {
  *free = *total = size_t(1) << 30;
  return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
  return enqueue(stream, [=] { std::memcpy(reinterpret_cast<void *>(to), from, bytes); });
}
CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return enqueue(stream, [=] { std::memcpy(to, reinterpret_cast<const void *>(from), bytes); });
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (pinned.count(from) > 0) std::this_thread::sleep_for(std::chrono::microseconds(world.uncached_us));
  return enqueue(stream, [=] { std::memcpy(reinterpret_cast<void *>(to), reinterpret_cast<const void *>(from), bytes); });
}

CUresult cuStreamCreate(CUstream *stream, unsigned) {
  *stream = reinterpret_cast<CUstream>(new FakeStream);
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy(CUstream stream) {
  delete &of(stream);
  return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream stream) {
  return of(stream).capturing ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_SUCCESS;
}
CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode) {
  of(stream).capturing = true;
  of(stream).recorded = {};
  return CUDA_SUCCESS;
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
  of(stream).capturing = false;
  *graph = reinterpret_cast<CUgraph>(new Recorded(of(stream).recorded));
  return CUDA_SUCCESS;
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec *executable, CUgraph graph, unsigned long long) {
  *executable = reinterpret_cast<CUgraphExec>(new Recorded(*reinterpret_cast<Recorded *>(graph)));
  return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec executable, CUstream) {
  world.launches_of_graphs += 1;
  for (const auto &work : reinterpret_cast<Recorded *>(executable)->work) work();
  return CUDA_SUCCESS;
}
CUresult cuGraphDestroy(CUgraph graph) {
  delete reinterpret_cast<Recorded *>(graph);
  return CUDA_SUCCESS;
}
CUresult cuGraphExecDestroy(CUgraphExec executable) {
  delete reinterpret_cast<Recorded *>(executable);
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule *, const void *) { return CUDA_ERROR_NO_BINARY_FOR_GPU; }
CUresult cuModuleUnload(CUmodule) { return CUDA_SUCCESS; }
CUresult cuModuleGetFunction(CUfunction *, CUmodule, const char *) { return CUDA_ERROR_NOT_FOUND; }
CUresult cuLaunchKernel(CUfunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, CUstream, void **, void **) {
  return CUDA_ERROR_NOT_SUPPORTED;
}
}
