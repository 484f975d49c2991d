// TensorRT behind the C ABI. Thin: no threads, no queues, no policy. One source for 8.5 to 11.
#include <algorithm>
#include <atomic>

#include "../error_words.h"
#include "../plugin_tensor.h"
#include "frame_graph.h"
#include "tensorrt_plugin.h"

using goshawk::plugin::fail;
using goshawk::plugin::Tensor;
using goshawk::tensorrt::Call;
using goshawk::tensorrt::cuda;
using goshawk::tensorrt::Current;
using goshawk::tensorrt::judge;

namespace {

struct GraphDriver {
  using Stream = CUstream;
  using Graph = CUgraph;
  using Executable = CUgraphExec;
  using Result = CUresult;
  /// Of this thread alone: others use the driver meanwhile.
  static Result begin(Stream stream) {
    return cuda().cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  }
  static Result end(Stream stream, Graph *graph) { return cuda().cuStreamEndCapture(stream, graph); }
  static Result instantiate(Executable *executable, Graph graph) {
    return cuda().cuGraphInstantiateWithFlags(executable, graph, 0);
  }
  static Result launch(Executable executable, Stream stream) { return cuda().cuGraphLaunch(executable, stream); }
  static void destroy(Graph graph) { cuda().cuGraphDestroy(graph); }
  static void destroy(Executable executable) { cuda().cuGraphExecDestroy(executable); }
};

goshawk_dtype from_tensorrt(nvinfer1::DataType type) {
  switch (type) {
    case nvinfer1::DataType::kFLOAT: return GOSHAWK_FLOAT32;
    case nvinfer1::DataType::kHALF: return GOSHAWK_FLOAT16;
    case nvinfer1::DataType::kUINT8: return GOSHAWK_UINT8;
    case nvinfer1::DataType::kINT8: return GOSHAWK_INT8;
    case nvinfer1::DataType::kINT32: return GOSHAWK_INT32;
    case nvinfer1::DataType::kBOOL: return GOSHAWK_BOOL;
#if NV_TENSORRT_MAJOR >= 10
    case nvinfer1::DataType::kINT64: return GOSHAWK_INT64;
#endif
    default: return 0;
  }
}

/// A negative rank is TensorRT's way to say that it does not know the shape; read as no sides it would be a scalar.
std::vector<int64_t> from_dims(const nvinfer1::Dims &dims) {
  return dims.nbDims < 0 ? std::vector<int64_t>{-1} : std::vector<int64_t>(dims.d, dims.d + dims.nbDims);
}

}  // namespace

struct goshawk_engine {
  goshawk_device *device = nullptr;
  std::unique_ptr<nvinfer1::ICudaEngine> engine;
  std::vector<Tensor> tensors;
  std::string description;
};

struct goshawk_context {
  goshawk_engine *engine = nullptr;
  std::unique_ptr<nvinfer1::IExecutionContext> context;
  CUstream stream = nullptr;
  /// Whose stream it is; null: the context's own.
  goshawk_stream *shared = nullptr;
  /// In the stream's memory, not in its own.
  bool shares_activations = false;
  std::vector<Tensor> tensors;
  std::vector<goshawk_buffer> buffers;
  /// The frame under way is not wanted any more.
  std::atomic<bool> cancelled{false};
  goshawk::tensorrt::FrameGraph<GraphDriver> graph;
};

namespace goshawk::tensorrt {

namespace {

std::string describe(const goshawk_engine &engine) {
  std::string text = engine.device->description;
  const std::unique_ptr<nvinfer1::IEngineInspector> inspector(engine.engine->createEngineInspector());
  if (inspector == nullptr) return text;
  const char *layers = inspector->getEngineInformation(nvinfer1::LayerInformationFormat::kJSON);
  if (layers == nullptr || layers[0] != '{') return text;
  text.pop_back();
  // As TensorRT writes it, which differs from version to version; TypeScript makes one shape of it.
  return text + ",\"inspector\":" + layers + "}";
}

/// Refuses what could only be read as something else: a data type or a place of memory that the seam has no word for.
goshawk_status read_tensors(goshawk_engine &engine, goshawk_error *error) {
  const nvinfer1::ICudaEngine &plan = *engine.engine;
  for (int32_t i = 0; i < plan.getNbIOTensors(); i++) {
    Tensor tensor;
    tensor.name = plan.getIOTensorName(i);
    const char *name = tensor.name.c_str();
    tensor.input = plan.getTensorIOMode(name) == nvinfer1::TensorIOMode::kINPUT;
    tensor.dtype = from_tensorrt(plan.getTensorDataType(name));
    tensor.dims = from_dims(plan.getTensorShape(name));
    if (tensor.dtype == 0) return fail(error, GOSHAWK_UNSUPPORTED, tensor.name + " has a data type that is not known here.");
    if (plan.getTensorLocation(name) != nvinfer1::TensorLocation::kDEVICE) {
      return fail(error, GOSHAWK_UNSUPPORTED, tensor.name + " is a shape, not a tensor on the device.");
    }
    if (tensor.dims.size() > GOSHAWK_MAX_RANK) {
      return fail(error, GOSHAWK_UNSUPPORTED, tensor.name + " has more than 8 dimensions.");
    }
    engine.tensors.push_back(std::move(tensor));
  }
  return GOSHAWK_OK;
}

goshawk_status open_plan(goshawk_device *device, const goshawk_model *model, goshawk_engine **out, goshawk_error *error) {
  std::vector<char> file;
  const void *bytes = model->bytes;
  size_t size = size_t(model->byte_count);
  if (model->path != nullptr) {
    if (!plugin::read_file(model->path, file)) {
      return fail(error, GOSHAWK_NOT_FOUND, std::string("There is no plan ") + model->path + ".");
    }
    bytes = file.data();
    size = file.size();
  }
  const Current current(device->context);
  const Call call(device->logger);
  auto engine = std::make_unique<goshawk_engine>();
  engine->device = device;
  engine->engine.reset(device->runtime->deserializeCudaEngine(bytes, size));
  if (engine->engine == nullptr) {
    const char *fallback = "TensorRT does not read this plan and does not say why.";
    return call.fail(plugin::status_of_plan(call.words(fallback)), fallback, error);
  }
  const goshawk_status status = read_tensors(*engine, error);
  if (status != GOSHAWK_OK) return status;
  engine->description = describe(*engine);
  *out = engine.release();
  return GOSHAWK_OK;
}

goshawk_status engine_open(goshawk_device *device, const goshawk_model *model, const goshawk_options *,
                           goshawk_engine **out, goshawk_error *error) {
  return plugin::guarded(error, [&] { return open_plan(device, model, out, error); });
}

void engine_close(goshawk_engine *engine) {
  const Current current(engine->device->context);
  delete engine;
}

const char *engine_describe(goshawk_engine *engine) { return engine->description.c_str(); }
uint32_t tensor_count(goshawk_engine *engine) { return uint32_t(engine->tensors.size()); }

goshawk_status tensor_info(goshawk_engine *engine, uint32_t index, goshawk_tensor *out) {
  return plugin::tell(engine->tensors, index, out);
}

#if NV_TENSORRT_MAJOR >= 10
nvinfer1::IExecutionContext *create_without_memory(nvinfer1::ICudaEngine &engine) {
  return engine.createExecutionContext(nvinfer1::ExecutionContextAllocationStrategy::kUSER_MANAGED);
}
#else
nvinfer1::IExecutionContext *create_without_memory(nvinfer1::ICudaEngine &engine) {
  return engine.createExecutionContextWithoutDeviceMemory();
}
#endif

size_t activation_bytes(const nvinfer1::ICudaEngine &engine) {
#if NV_TENSORRT_MAJOR > 10 || (NV_TENSORRT_MAJOR == 10 && NV_TENSORRT_MINOR >= 1)
  return size_t(std::max<int64_t>(engine.getDeviceMemorySizeV2(), 0));
#else
  return engine.getDeviceMemorySize();
#endif
}

/// Its activations lie in memory of the stream, which the stream's contexts of one engine share.
goshawk_status share_activations(goshawk_context &context, goshawk_error *error) {
  goshawk_stream::Activations &place = context.shared->activations[context.engine];
  place.contexts += 1;
  context.shares_activations = true;
  if (place.contexts == 1) {
    place.bytes = activation_bytes(*context.engine->engine);
    const goshawk_status status =
        place.bytes == 0 ? GOSHAWK_OK : judge(cuda().cuMemAlloc(&place.memory, place.bytes), "Memory for activations", error);
    if (status != GOSHAWK_OK) return status;
    context.engine->device->logger.note("Activations take " + std::to_string(place.bytes) + " bytes.");
  }
  context.context->setDeviceMemory(reinterpret_cast<void *>(place.memory));
  return GOSHAWK_OK;
}

void leave_activations(goshawk_context &context) {
  const auto place = context.shared->activations.find(context.engine);
  if (--place->second.contexts > 0) return;
  if (place->second.memory != 0) cuda().cuMemFree(place->second.memory);
  context.shared->activations.erase(place);
}

void context_destroy(goshawk_context *context) {
  const Current current(context->engine->device->context);
  context->graph.drop();
  context->context.reset();
  if (context->shares_activations) leave_activations(*context);
  if (context->shared == nullptr && context->stream != nullptr) cuda().cuStreamDestroy(context->stream);
  delete context;
}

goshawk_status context_create(goshawk_engine *engine, goshawk_stream *stream, goshawk_context **out,
                              goshawk_error *error) {
  const Current current(engine->device->context);
  auto *context = new goshawk_context;
  context->engine = engine;
  context->tensors = engine->tensors;
  context->buffers.resize(engine->tensors.size());
  const Call call(engine->device->logger);
  context->shared = stream;
  context->context.reset(stream != nullptr ? create_without_memory(*engine->engine)
                                           : engine->engine->createExecutionContext());
  goshawk_status status = GOSHAWK_OK;
  if (context->context == nullptr) {
    status = call.fail(GOSHAWK_FAILED, "TensorRT gave no execution context.", error);
  } else if (stream != nullptr) {
    context->stream = stream->stream;
    status = share_activations(*context, error);
  } else {
    status = judge(cuda().cuStreamCreate(&context->stream, CU_STREAM_NON_BLOCKING), "A stream", error);
  }
  if (status != GOSHAWK_OK) {
    context_destroy(context);
    return status;
  }
  *out = context;
  return GOSHAWK_OK;
}

goshawk_status context_set_shape(goshawk_context *context, uint32_t index, int32_t rank, const int64_t *sides,
                                 goshawk_error *error) {
  const goshawk_status allowed = plugin::check_input(context->tensors, index, rank, error);
  if (allowed != GOSHAWK_OK) return allowed;
  const Current current(context->engine->device->context);
  Tensor &tensor = context->tensors[index];
  nvinfer1::Dims dims = {};
  dims.nbDims = rank;
  for (int32_t i = 0; i < rank; i++) dims.d[i] = static_cast<std::decay_t<decltype(dims.d[0])>>(sides[i]);
  const Call call(context->engine->device->logger);
  if (!context->context->setInputShape(tensor.name.c_str(), dims)) {
    return call.fail(GOSHAWK_INVALID, "The shape is outside of the engine's optimization profile.", error);
  }
  tensor.dims.assign(sides, sides + rank);
  context->graph.drop();
  return GOSHAWK_OK;
}

goshawk_status context_prepare(goshawk_context *context, goshawk_error *error) {
  const Current current(context->engine->device->context);
  for (Tensor &tensor : context->tensors) {
    tensor.dims = from_dims(context->context->getTensorShape(tensor.name.c_str()));
    if (!tensor.known()) return fail(error, GOSHAWK_UNSUPPORTED, "The shape of " + tensor.name + " depends on its data.");
  }
  return GOSHAWK_OK;
}

goshawk_status context_tensor(goshawk_context *context, uint32_t index, goshawk_tensor *out) {
  return plugin::tell(context->tensors, index, out);
}

goshawk_status context_bind(goshawk_context *context, uint32_t index, const goshawk_buffer *buffer,
                            goshawk_error *error) {
  const goshawk_status allowed = plugin::check_binding(context->tensors, index, buffer, error);
  if (allowed != GOSHAWK_OK) return allowed;
  const Tensor &tensor = context->tensors[index];
  const Current current(context->engine->device->context);
  const Call call(context->engine->device->logger);
  if (!context->context->setTensorAddress(tensor.name.c_str(), reinterpret_cast<void *>(buffer->device))) {
    return call.fail(GOSHAWK_INVALID, "TensorRT refuses the address.", error);
  }
  // With kernels the letterbox writes the picture to the device and no frame copies an input: what is constant goes there now.
  const goshawk_device &device = *context->engine->device;
  if (tensor.input && device.letterbox != nullptr && !device.mapped) {
    goshawk_status status = judge(
        cuda().cuMemcpyHtoDAsync(buffer->device, buffer->host, size_t(tensor.bytes()), context->stream),
        "The copy of an input to the device", error);
    if (status == GOSHAWK_OK) status = judge(cuda().cuStreamSynchronize(context->stream), "The copy of an input", error);
    if (status != GOSHAWK_OK) return status;
  }
  context->buffers[index] = *buffer;
  context->graph.drop();
  return GOSHAWK_OK;
}

goshawk_status cancelled(goshawk_error *error) {
  return fail(error, GOSHAWK_CANCELLED, "The frame was cancelled before the device had it.");
}

/// Copies in, the network, copies out: everything of one frame, in the order of the stream.
goshawk_status enqueue(goshawk_context *context, goshawk_error *error) {
  const bool copies = !context->engine->device->mapped;
  for (size_t i = 0; copies && i < context->tensors.size(); i++) {
    const goshawk_buffer &buffer = context->buffers[i];
    // With kernels the letterbox has written to the device already.
    if (!context->tensors[i].input || context->engine->device->letterbox != nullptr) continue;
    const goshawk_status status = judge(
        cuda().cuMemcpyHtoDAsync(buffer.device, buffer.host, size_t(context->tensors[i].bytes()), context->stream),
        "The copy to the device", error);
    if (status != GOSHAWK_OK) return status;
  }
  if (context->cancelled) return cancelled(error);
  const Call call(context->engine->device->logger);
  if (!context->context->enqueueV3(context->stream)) {
    return call.fail(GOSHAWK_FAILED, "TensorRT did not take the frame.", error);
  }
  for (size_t i = 0; copies && i < context->tensors.size(); i++) {
    const goshawk_buffer &buffer = context->buffers[i];
    if (context->tensors[i].input) continue;
    const goshawk_status status = judge(
        cuda().cuMemcpyDtoHAsync(buffer.host, buffer.device, size_t(context->tensors[i].bytes()), context->stream),
        "The copy from the device", error);
    if (status != GOSHAWK_OK) return status;
  }
  return GOSHAWK_OK;
}

goshawk_status context_submit(goshawk_context *context, goshawk_completion done, void *user, goshawk_error *error) {
  const auto bound = [context](size_t i) { return context->buffers[i].host != nullptr; };
  goshawk_status status = plugin::check_all_bound(context->tensors, bound, error);
  if (status != GOSHAWK_OK) return status;
  context->cancelled = false;
  const Current current(context->engine->device->context);
  const bool was_told = context->graph.tried();
  status = context->graph.run(
      context->stream, [context](goshawk_error *into) { return enqueue(context, into); },
      [](CUresult result, goshawk_error *into) { return judge(result, "The launch", into); }, error);
  if (status != GOSHAWK_OK) {
    // What was put into the stream before it failed may still read and write the caller's buffers.
    cuda().cuStreamSynchronize(context->stream);
    return status;
  }
  goshawk_error own = {};
  own.struct_size = sizeof own;
  // The caller's slot waits anyway; the context blocks instead of spinning (see device_open).
  status = judge(cuda().cuStreamSynchronize(context->stream), "The frame", &own);
  if (!was_told && context->graph.tried()) {
    context->engine->device->logger.note(context->graph.captured()
                                             ? "A frame is one CUDA graph."
                                             : "A frame can't be captured as a CUDA graph: it is enqueued anew each time.");
  }
  done(user, status, own.message);
  return GOSHAWK_OK;
}

/// What the device has can't be taken back: a kernel that hangs holds the thread that waits for it, and the core gives the
/// slot up. What it does not have yet is not given to it.
void context_cancel(goshawk_context *context) { context->cancelled = true; }

const goshawk_engine_api engine_table = {
    sizeof(goshawk_engine_api), 0,
    engine_open,  engine_close,     engine_describe, tensor_count,   tensor_info,  context_create, context_destroy,
    context_set_shape, context_prepare, context_tensor, context_bind, context_submit, context_cancel, build};
const goshawk_plugin table = {sizeof(goshawk_plugin), GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, "tensorrt", "",
                              &engine_table, &memory_api, device_open, device_close, device_describe};

}  // namespace

}  // namespace goshawk::tensorrt

goshawk_status goshawk_plugin_open(uint32_t host_abi_major, uint32_t, const goshawk_plugin **out, goshawk_error *error) {
  using namespace goshawk;
  return plugin::offer(tensorrt::table, GOSHAWK_ABI_MAJOR, host_abi_major, out, error);
}
