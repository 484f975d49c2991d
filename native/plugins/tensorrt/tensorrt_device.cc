// The GPU and its memory: opened through the driver API, so that what is missing can be said.
#include "tensorrt_plugin.h"

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
      ",\"mapped\":" + (device.mapped ? "true" : "false") + "}";
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
  device.mapped = attribute(device, CU_DEVICE_ATTRIBUTE_INTEGRATED) != 0 &&
                  attribute(device, CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY) != 0;
  const Current current(device.context);
  const Call call(device.logger);
  device.runtime.reset(
      static_cast<nvinfer1::IRuntime *>(device.library.create_runtime(&device.logger, NV_TENSORRT_VERSION)));
  if (device.runtime == nullptr) {
    return call.fail(GOSHAWK_FAILED, "TensorRT gave no runtime.", error);
  }
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
          device.mapped, driver, attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR));
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
