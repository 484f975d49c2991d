// Real models on the CPU. The library is the one that the npm package onnxruntime-node ships (or any other), opened at
// run time from the path in the device option "library"; only C structs of its header are used here.

#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "../plugin_tensor.h"
#include "onnxruntime_device.h"

using namespace goshawk::onnxruntime;
using goshawk::plugin::fail;
using goshawk::plugin::option;
using goshawk::plugin::option_number;
using goshawk::plugin::Tensor;

namespace {

goshawk_dtype from_onnx(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT: return GOSHAWK_FLOAT32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16: return GOSHAWK_FLOAT16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8: return GOSHAWK_UINT8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8: return GOSHAWK_INT8;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32: return GOSHAWK_INT32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64: return GOSHAWK_INT64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL: return GOSHAWK_BOOL;
    default: return 0;
  }
}

ONNXTensorElementDataType to_onnx(goshawk_dtype dtype) {
  switch (dtype) {
    case GOSHAWK_FLOAT32: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
    case GOSHAWK_FLOAT16: return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16;
    case GOSHAWK_UINT8: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    case GOSHAWK_INT8: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8;
    case GOSHAWK_INT32: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
    case GOSHAWK_INT64: return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    case GOSHAWK_BOOL: return ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
    default: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  }
}

}  // namespace

struct goshawk_engine {
  goshawk_device *device = nullptr;
  OrtSession *session = nullptr;
  std::vector<Tensor> tensors;
  std::string description;
};

struct goshawk_context {
  goshawk_engine *engine = nullptr;
  OrtIoBinding *binding = nullptr;
  OrtRunOptions *run_options = nullptr;
  std::vector<Tensor> tensors;
  std::vector<OrtValue *> values;
  std::mutex mutex;
  bool running = false;
  bool terminated = false;
};

namespace {

goshawk_status read_tensor(const OrtApi *api, const OrtSession *session, OrtAllocator *allocator, size_t index,
                           bool input, Tensor &out, goshawk_error *error) {
  char *name = nullptr;
  OrtTypeInfo *type = nullptr;
  if (input) {
    GOSHAWK_TRY(api, SessionGetInputName(session, index, allocator, &name));
  } else {
    GOSHAWK_TRY(api, SessionGetOutputName(session, index, allocator, &name));
  }
  out.name = name;
  allocator->Free(allocator, name);
  if (input) {
    GOSHAWK_TRY(api, SessionGetInputTypeInfo(session, index, &type));
  } else {
    GOSHAWK_TRY(api, SessionGetOutputTypeInfo(session, index, &type));
  }
  const std::unique_ptr<OrtTypeInfo, decltype(api->ReleaseTypeInfo)> owner(type, api->ReleaseTypeInfo);
  const OrtTensorTypeAndShapeInfo *shape = nullptr;
  GOSHAWK_TRY(api, CastTypeInfoToTensorInfo(type, &shape));
  if (shape == nullptr) return fail(error, GOSHAWK_UNSUPPORTED, out.name + " is no tensor.");
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  GOSHAWK_TRY(api, GetTensorElementType(shape, &element));
  out.dtype = from_onnx(element);
  out.input = input;
  size_t rank = 0;
  GOSHAWK_TRY(api, GetDimensionsCount(shape, &rank));
  if (rank > GOSHAWK_MAX_RANK) return fail(error, GOSHAWK_UNSUPPORTED, out.name + " has more than 8 dimensions.");
  out.dims.resize(rank);
  GOSHAWK_TRY(api, GetDimensions(shape, out.dims.data(), rank));
  return GOSHAWK_OK;
}

goshawk_status read_tensors(goshawk_engine &engine, goshawk_error *error) {
  const OrtApi *api = engine.device->api;
  OrtAllocator *allocator = nullptr;
  size_t inputs = 0, outputs = 0;
  GOSHAWK_TRY(api, GetAllocatorWithDefaultOptions(&allocator));
  GOSHAWK_TRY(api, SessionGetInputCount(engine.session, &inputs));
  GOSHAWK_TRY(api, SessionGetOutputCount(engine.session, &outputs));
  engine.tensors.resize(inputs + outputs);
  for (size_t i = 0; i < inputs + outputs; i++) {
    const bool input = i < inputs;
    const goshawk_status status = read_tensor(api, engine.session, allocator, input ? i : i - inputs, input,
                                              engine.tensors[i], error);
    if (status != GOSHAWK_OK) return status;
  }
  return GOSHAWK_OK;
}

goshawk_status session_options(const OrtApi *api, const goshawk_options *options, OrtSessionOptions *out,
                               goshawk_error *error) {
  // Said explicitly: the library's own default takes every core, and spins on them between two frames.
  GOSHAWK_TRY(api, SetIntraOpNumThreads(out, int(option_number(options, "intra_op_threads", 1))));
  GOSHAWK_TRY(api, SetInterOpNumThreads(out, 1));
  GOSHAWK_TRY(api, SetSessionExecutionMode(out, ORT_SEQUENTIAL));
  GOSHAWK_TRY(api, SetSessionGraphOptimizationLevel(out, ORT_ENABLE_ALL));
  const char *spin = option(options, "spin", "0");
  GOSHAWK_TRY(api, AddSessionConfigEntry(out, "session.intra_op.allow_spinning", spin));
  // Files for TensorRT have halves as scales, and the product of two is too small for one.
  const char *keep = std::strcmp(option(options, "rewrite_pairs", "1"), "0") == 0 ? "1" : "0";
  GOSHAWK_TRY(api, AddSessionConfigEntry(out, "session.disable_quant_qdq", keep));
  return GOSHAWK_OK;
}

void engine_close(goshawk_engine *engine) {
  if (engine->session != nullptr) engine->device->api->ReleaseSession(engine->session);
  delete engine;
}

goshawk_status open_session(goshawk_engine &engine, const goshawk_model *model, const goshawk_options *options,
                            goshawk_error *error) {
  const OrtApi *api = engine.device->api;
  OrtSessionOptions *raw = nullptr;
  GOSHAWK_TRY(api, CreateSessionOptions(&raw));
  const std::unique_ptr<OrtSessionOptions, decltype(api->ReleaseSessionOptions)> owner(raw, api->ReleaseSessionOptions);
  const goshawk_status status = session_options(api, options, raw, error);
  if (status != GOSHAWK_OK) return status;
  if (model->path != nullptr) {
    GOSHAWK_TRY(api, CreateSession(engine.device->env, model->path, raw, &engine.session));
  } else {
    GOSHAWK_TRY(api, CreateSessionFromArray(engine.device->env, model->bytes, size_t(model->byte_count), raw,
                                            &engine.session));
  }
  return read_tensors(engine, error);
}

goshawk_status engine_open(goshawk_device *device, const goshawk_model *model, const goshawk_options *options,
                           goshawk_engine **out, goshawk_error *error) {
  auto engine = new goshawk_engine;
  engine->device = device;
  engine->description = device->description;
  const goshawk_status status = open_session(*engine, model, options, error);
  if (status != GOSHAWK_OK) {
    engine_close(engine);
    return status;
  }
  *out = engine;
  return GOSHAWK_OK;
}

const char *engine_describe(goshawk_engine *engine) { return engine->description.c_str(); }
uint32_t tensor_count(goshawk_engine *engine) { return uint32_t(engine->tensors.size()); }

goshawk_status tensor_info(goshawk_engine *engine, uint32_t index, goshawk_tensor *out) {
  return goshawk::plugin::tell(engine->tensors, index, out);
}

void context_destroy(goshawk_context *context) {
  const OrtApi *api = context->engine->device->api;
  if (context->binding != nullptr) api->ReleaseIoBinding(context->binding);
  for (OrtValue *value : context->values) {
    if (value != nullptr) api->ReleaseValue(value);
  }
  if (context->run_options != nullptr) api->ReleaseRunOptions(context->run_options);
  delete context;
}

goshawk_status context_create(goshawk_engine *engine, goshawk_stream *, goshawk_context **out, goshawk_error *error) {
  const OrtApi *api = engine->device->api;
  auto context = new goshawk_context;
  context->engine = engine;
  context->tensors = engine->tensors;
  context->values.resize(engine->tensors.size());
  goshawk_status status = judge(api, api->CreateIoBinding(engine->session, &context->binding), error);
  if (status == GOSHAWK_OK) status = judge(api, api->CreateRunOptions(&context->run_options), error);
  if (status != GOSHAWK_OK) {
    context_destroy(context);
    return status;
  }
  *out = context;
  return GOSHAWK_OK;
}

goshawk_status context_set_shape(goshawk_context *context, uint32_t index, int32_t rank, const int64_t *dims,
                                 goshawk_error *error) {
  return goshawk::plugin::set_shape(context->engine->tensors, context->tensors, index, rank, dims, error);
}

/// Runs once with outputs of the library's own to learn their shapes.
goshawk_status discover_shapes(goshawk_context *context, goshawk_error *error) {
  const goshawk_device &device = *context->engine->device;
  const OrtApi *api = device.api;
  api->ClearBoundOutputs(context->binding);
  for (const Tensor &tensor : context->tensors) {
    if (!tensor.input) GOSHAWK_TRY(api, BindOutputToDevice(context->binding, tensor.name.c_str(), device.memory));
  }
  GOSHAWK_TRY(api, RunWithBinding(context->engine->session, context->run_options, context->binding));
  OrtAllocator *allocator = nullptr;
  GOSHAWK_TRY(api, GetAllocatorWithDefaultOptions(&allocator));
  OrtValue **values = nullptr;
  size_t count = 0;
  GOSHAWK_TRY(api, GetBoundOutputValues(context->binding, allocator, &values, &count));
  goshawk_status status = GOSHAWK_OK;
  size_t next = 0;
  for (Tensor &tensor : context->tensors) {
    if (tensor.input || next >= count) continue;
    OrtValue *value = values[next++];
    OrtTensorTypeAndShapeInfo *shape = nullptr;
    if (status == GOSHAWK_OK) status = judge(api, api->GetTensorTypeAndShape(value, &shape), error);
    if (shape != nullptr) {
      size_t rank = 0;
      if (status == GOSHAWK_OK) status = judge(api, api->GetDimensionsCount(shape, &rank), error);
      tensor.dims.resize(rank);
      if (status == GOSHAWK_OK) status = judge(api, api->GetDimensions(shape, tensor.dims.data(), rank), error);
      api->ReleaseTensorTypeAndShapeInfo(shape);
    }
    api->ReleaseValue(value);
  }
  allocator->Free(allocator, values);
  api->ClearBoundOutputs(context->binding);
  return status;
}

goshawk_status context_prepare(goshawk_context *context, goshawk_error *error) {
  bool unknown = false;
  for (size_t i = 0; i < context->tensors.size(); i++) {
    const Tensor &tensor = context->tensors[i];
    if (tensor.input && !tensor.known()) {
      return fail(error, GOSHAWK_INVALID, "Input " + tensor.name + " has no shape yet.");
    }
    if (tensor.input && context->values[i] == nullptr) {
      return fail(error, GOSHAWK_INVALID, "Input " + tensor.name + " is not bound.");
    }
    unknown = unknown || !tensor.known();
  }
  return unknown ? discover_shapes(context, error) : GOSHAWK_OK;
}

goshawk_status context_tensor(goshawk_context *context, uint32_t index, goshawk_tensor *out) {
  return goshawk::plugin::tell(context->tensors, index, out);
}

goshawk_status context_bind(goshawk_context *context, uint32_t index, const goshawk_buffer *buffer,
                            goshawk_error *error) {
  const goshawk_status allowed = goshawk::plugin::check_binding(context->tensors, index, buffer, error);
  if (allowed != GOSHAWK_OK) return allowed;
  const goshawk_device &device = *context->engine->device;
  const OrtApi *api = device.api;
  const Tensor &tensor = context->tensors[index];
  OrtValue *value = nullptr;
  GOSHAWK_TRY(api, CreateTensorWithDataAsOrtValue(device.memory, buffer->host, tensor.bytes(), tensor.dims.data(),
                                                  tensor.dims.size(), to_onnx(tensor.dtype), &value));
  if (context->values[index] != nullptr) api->ReleaseValue(context->values[index]);
  context->values[index] = value;
  if (tensor.input) {
    GOSHAWK_TRY(api, BindInput(context->binding, tensor.name.c_str(), value));
  } else {
    GOSHAWK_TRY(api, BindOutput(context->binding, tensor.name.c_str(), value));
  }
  return GOSHAWK_OK;
}

/// Computes on the calling thread: the caller's slot waits anyway, and a second thread would only add a hop.
goshawk_status context_submit(goshawk_context *context, goshawk_completion done, void *user, goshawk_error *error) {
  const OrtApi *api = context->engine->device->api;
  const auto bound = [context](size_t i) { return context->values[i] != nullptr; };
  const goshawk_status ready = goshawk::plugin::check_all_bound(context->tensors, bound, error);
  if (ready != GOSHAWK_OK) return ready;
  {
    const std::lock_guard<std::mutex> lock(context->mutex);
    if (context->terminated) GOSHAWK_TRY(api, RunOptionsUnsetTerminate(context->run_options));
    context->terminated = false;
    context->running = true;
  }
  OrtStatus *status = api->RunWithBinding(context->engine->session, context->run_options, context->binding);
  bool terminated;
  {
    const std::lock_guard<std::mutex> lock(context->mutex);
    context->running = false;
    terminated = context->terminated;
  }
  if (status == nullptr) {
    done(user, GOSHAWK_OK, nullptr);
    return GOSHAWK_OK;
  }
  goshawk_error own = {};
  own.struct_size = sizeof own;
  const goshawk_status code = judge(api, status, &own);
  done(user, terminated ? GOSHAWK_CANCELLED : code, own.message);
  return GOSHAWK_OK;
}

void context_cancel(goshawk_context *context) {
  const OrtApi *api = context->engine->device->api;
  const std::lock_guard<std::mutex> lock(context->mutex);
  if (!context->running) return;
  OrtStatus *status = api->RunOptionsSetTerminate(context->run_options);
  if (status != nullptr) {
    api->ReleaseStatus(status);
  } else {
    context->terminated = true;
  }
}

const goshawk_engine_api engine_table = {
    sizeof(goshawk_engine_api), 0,
    engine_open,  engine_close,     engine_describe, tensor_count,   tensor_info,  context_create, context_destroy,
    context_set_shape, context_prepare, context_tensor, context_bind, context_submit, context_cancel, nullptr};
const goshawk_plugin table = {sizeof(goshawk_plugin), GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, "onnxruntime", "",
                              &engine_table, &memory_api, device_open, device_close, device_describe};

}  // namespace

goshawk_status goshawk_plugin_open(uint32_t host_abi_major, uint32_t, const goshawk_plugin **out, goshawk_error *error) {
  return goshawk::plugin::offer(table, GOSHAWK_ABI_MAJOR, host_abi_major, out, error);
}
