// The GPU and its memory: opened through the driver API, so that what is missing can be said.
#include "tensorrt_plugin.h"

#include <algorithm>
#include <chrono>

namespace goshawk::tensorrt {

using plugin::fail;

namespace {

goshawk_status allocate(goshawk_device *device, uint64_t bytes, goshawk_buffer *out, goshawk_error *error) {
  const Current current(device->context);
  const unsigned flags = CU_MEMHOSTALLOC_PORTABLE | (device->mapped ? CU_MEMHOSTALLOC_DEVICEMAP : 0u);
  goshawk_status status = judge(cuda().cuMemHostAlloc(&out->host, size_t(bytes), flags), "Pinned memory", error);
  if (status != GOSHAWK_OK) return status;
  CUdeviceptr address = 0;
  status = device->mapped ? judge(cuda().cuMemHostGetDevicePointer(&address, out->host, 0), "Mapped memory", error)
                          : judge(cuda().cuMemAlloc(&address, size_t(bytes)), "Device memory", error);
  if (status != GOSHAWK_OK) {
    cuda().cuMemFreeHost(out->host);
    out->host = nullptr;
    return status;
  }
  out->device = address;
  out->bytes = bytes;
  return GOSHAWK_OK;
}

void release(goshawk_device *device, goshawk_buffer *buffer) {
  const Current current(device->context);
  if (!device->mapped && buffer->device != 0) cuda().cuMemFree(buffer->device);
  if (buffer->host != nullptr) cuda().cuMemFreeHost(buffer->host);
  buffer->host = nullptr;
  buffer->device = 0;
}

goshawk_status stream_create(goshawk_device *device, goshawk_stream **out, goshawk_error *error) {
  const Current current(device->context);
  CUstream stream = nullptr;
  const goshawk_status status = judge(cuda().cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING), "A stream", error);
  if (status != GOSHAWK_OK) return status;
  *out = new goshawk_stream;
  (*out)->stream = stream;
  return GOSHAWK_OK;
}

void stream_destroy(goshawk_device *device, goshawk_stream *stream) {
  const Current current(device->context);
  if (stream->frame != 0) cuda().cuMemFree(stream->frame);
  cuda().cuStreamDestroy(stream->stream);
  delete stream;
}

uint32_t image_memories(goshawk_device *device) { return device->picture_memories; }

void forget_images(goshawk_device *device, uint64_t pool) {
  const Current current(device->context);
  device->pictures.forget(pool);
}

int attribute(const goshawk_device &device, CUdevice_attribute which) {
  int value = 0;
  cuda().cuDeviceGetAttribute(&value, which, device.device);
  return value;
}

/// What one tensor costs on this board when it is mapped, and when it is copied: the least of five rounds.
void measure_memory(goshawk_device &device) {
  using Clock = std::chrono::steady_clock;
  constexpr size_t bytes = size_t(2) << 20;
  struct Places {
    void *host = nullptr;
    CUdeviceptr mapped = 0, from = 0, to = 0;
    CUstream stream = nullptr;
    ~Places() {
      if (stream != nullptr) cuda().cuStreamDestroy(stream);
      if (from != 0) cuda().cuMemFree(from);
      if (to != 0) cuda().cuMemFree(to);
      if (host != nullptr) cuda().cuMemFreeHost(host);
    }
  } places;
  if (cuda().cuMemHostAlloc(&places.host, bytes, CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP) != CUDA_SUCCESS ||
      cuda().cuMemHostGetDevicePointer(&places.mapped, places.host, 0) != CUDA_SUCCESS ||
      cuda().cuMemAlloc(&places.from, bytes) != CUDA_SUCCESS || cuda().cuMemAlloc(&places.to, bytes) != CUDA_SUCCESS ||
      cuda().cuStreamCreate(&places.stream, CU_STREAM_NON_BLOCKING) != CUDA_SUCCESS) {
    return;
  }
  const auto least = [&](auto work) {
    double best = -1;
    for (int round = 0; round < 6; round++) {
      const Clock::time_point begin = Clock::now();
      if (!work() || cuda().cuStreamSynchronize(places.stream) != CUDA_SUCCESS) return -1.0;
      const double took = std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
      // The first one wakes the clocks up.
      if (round > 0) best = best < 0 ? took : std::min(best, took);
    }
    return best;
  };
  device.memory_times.mapped = least([&] {
    return cuda().cuMemcpyDtoDAsync(places.to, places.mapped, bytes, places.stream) == CUDA_SUCCESS;
  });
  device.memory_times.copied = least([&] {
    return cuda().cuMemcpyDtoDAsync(places.to, places.from, bytes, places.stream) == CUDA_SUCCESS &&
           cuda().cuMemcpyDtoHAsync(places.host, places.to, bytes, places.stream) == CUDA_SUCCESS;
  });
}

void choose_memory(goshawk_device &device, const std::string &asked) {
  device.integrated = attribute(device, CU_DEVICE_ATTRIBUTE_INTEGRATED) != 0 &&
                      attribute(device, CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY) != 0;
  if (!device.integrated) return;
  if (asked == "measured") measure_memory(device);
  device.mapped = maps_memory(asked, device.memory_times);
  device.logger.note("Tensors are " + std::string(device.mapped ? "mapped" : "copied") + " (" + asked + "; 2 MiB mapped: " +
                     std::to_string(device.memory_times.mapped) + " us, copied: " +
                     std::to_string(device.memory_times.copied) + " us).");
}

/// Option dla: a core. Asked of TensorRT itself: 10.8 to 11.3 know none, whatever the board has.
goshawk_status choose_dla(goshawk_device &device, const goshawk_options *options, goshawk_error *error) {
  const int64_t core = plugin::option_number(options, "dla", -1);
  if (core < 0) return GOSHAWK_OK;
  const int32_t cores = device.runtime->getNbDLACores();
  if (core >= cores) {
    return fail(error, GOSHAWK_UNSUPPORTED,
                cores == 0 ? "TensorRT " + device.library.version + " finds no DLA core: only boards of the Xavier and Orin " +
                                 "families have them, and TensorRT up to 10.7 and from 11.4.1 on reaches them."
                           : "There is no DLA core " + std::to_string(core) + ": the board has " + std::to_string(cores) + ".");
  }
  device.dla_core = int32_t(core);
  // Of the plans that are read from now on.
  device.runtime->setDLACore(device.dla_core);
  return GOSHAWK_OK;
}

void describe_device(goshawk_device &device) {
  char name[256] = "";
  cuda().cuDeviceGetName(name, sizeof name, device.device);
  int driver = 0;
  cuda().cuDriverGetVersion(&driver);
  const auto number = [&](CUdevice_attribute which) { return std::to_string(attribute(device, which)); };
  device.description =
      "{\"engine\":\"tensorrt\",\"version\":" + plugin::json_text(device.library.version) +
      ",\"device\":" + plugin::json_text(name) + ",\"driver\":" + std::to_string(driver) + ",\"computeCapability\":\"" +
      number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) + "." + number(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) +
      "\",\"smCount\":" + number(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) +
      ",\"dlaCores\":" + std::to_string(device.runtime->getNbDLACores()) +
      ",\"mapped\":" + (device.mapped ? "true" : "false");
  const MemoryTimes &times = device.memory_times;
  if (times.mapped >= 0 && times.copied >= 0) {
    device.description += ",\"mappedUs\":" + std::to_string(times.mapped) + ",\"copiedUs\":" + std::to_string(times.copied);
  }
  device.description += "}";
}

goshawk_status open_device(goshawk_device &device, const goshawk_options *options, goshawk_error *error) {
  if (!cuda().problem.empty()) return fail(error, GOSHAWK_NOT_FOUND, cuda().problem);
  goshawk_status status = device.library.open(error);
  if (status != GOSHAWK_OK) return status;
  status = judge(cuda().cuInit(0), "The CUDA driver", error);
  const int ordinal = int(plugin::option_number(options, "device", 0));
  if (status == GOSHAWK_OK) status = judge(cuda().cuDeviceGet(&device.device, ordinal), "The GPU", error);
  if (status != GOSHAWK_OK) return status;
  // Refused where somebody else uses the context already; then waiting spins, which costs CPU but no frame.
  cuda().cuDevicePrimaryCtxSetFlags(device.device, CU_CTX_SCHED_BLOCKING_SYNC);
  status = judge(cuda().cuDevicePrimaryCtxRetain(&device.context, device.device), "The GPU's context", error);
  if (status != GOSHAWK_OK) return status;
  const char *log = plugin::option(options, "log", nullptr);
  if (log != nullptr) device.logger.keep(log);
  const Current current(device.context);
  choose_memory(device, plugin::option(options, "memory", "measured"));
  const Call call(device.logger);
  device.runtime.reset(
      static_cast<nvinfer1::IRuntime *>(device.library.create_runtime(&device.logger, NV_TENSORRT_VERSION)));
  if (device.runtime == nullptr) {
    return call.fail(GOSHAWK_FAILED, "TensorRT gave no runtime.", error);
  }
  status = choose_dla(device, options, error);
  if (status != GOSHAWK_OK) return status;
  // Running code that lies in the plan is a decision of security; nobody has taken it here.
  const char *kernels = plugin::option(options, "kernels", nullptr);
  if (kernels != nullptr) {
    std::vector<char> image;
    if (!plugin::read_file(kernels, image)) {
      return fail(error, GOSHAWK_NOT_FOUND, std::string("There are no kernels ") + kernels + ".");
    }
    image.push_back('\0');
    status = judge(cuda().cuModuleLoadData(&device.kernels, image.data()), "The letterbox kernel", error);
    if (status == GOSHAWK_OK) {
      status = judge(cuda().cuModuleGetFunction(&device.letterbox, device.kernels, "goshawk_letterbox_kernel"),
                     "The letterbox kernel", error);
    }
    if (status != GOSHAWK_OK) return status;
    if (cuda().cuModuleGetFunction(&device.letterbox_planes, device.kernels, "goshawk_letterbox_planes_kernel") !=
        CUDA_SUCCESS) {
      device.letterbox_planes = nullptr;
    }
    int driver = 0;
    cuda().cuDriverGetVersion(&driver);
    if (device.letterbox_planes != nullptr) {
      device.picture_memories = importable_memories(
          device.integrated, driver, attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
    }
  }
  describe_device(device);
  return GOSHAWK_OK;
}

}  // namespace

const goshawk_memory_api memory_api = {sizeof(goshawk_memory_api), 0, allocate, release,
                                       stream_create, stream_destroy, letterbox, nullptr, nullptr,
                                       image_memories, letterbox_image, forget_images};

void device_close(goshawk_device *device) {
  if (device->context != nullptr) {
    {
      const Current current(device->context);
      device->pictures.clear();
      device->runtime.reset();
      if (device->kernels != nullptr) cuda().cuModuleUnload(device->kernels);
    }
    cuda().cuDevicePrimaryCtxRelease(device->device);
  }
  delete device;
}

goshawk_status device_open(const goshawk_options *options, goshawk_device **out, goshawk_error *error) {
  auto *device = new goshawk_device;
  const goshawk_status status = plugin::guarded(error, [&] { return open_device(*device, options, error); });
  if (status != GOSHAWK_OK) {
    device_close(device);
    return status;
  }
  *out = device;
  return GOSHAWK_OK;
}

const char *device_describe(goshawk_device *device) { return device->description.c_str(); }

}  // namespace goshawk::tensorrt
