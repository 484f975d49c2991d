#include "registry.h"

#include "convert.h"

namespace goshawk::bindings {

std::shared_ptr<Registry> Registry::make(Napi::Env env) {
  auto registry = std::make_shared<Registry>();
  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, Napi::String::New(env, "goshawk results"), 0, 1, nullptr, nullptr, registry.get(), settle,
      &registry->results_);
  if (status != napi_ok) throw Napi::Error::New(env);
  napi_unref_threadsafe_function(env, registry->results_);
  return registry;
}

Registry &Registry::of(Napi::Env env) { return **env.GetInstanceData<std::shared_ptr<Registry>>(); }

void Registry::shut_down() {
  for (Closable *item : items_) item->shut_down();
}

void Registry::begin(Napi::Env env) {
  if (under_way_++ == 0) napi_ref_threadsafe_function(env, results_);
}

void Registry::deliver(PendingFrame *pending) {
  // Refused only where the environment is ending; the frame is then leaked: nothing of it may be touched on this thread.
  napi_call_threadsafe_function(results_, pending, napi_tsfn_nonblocking);
}

void Registry::settle(napi_env raw_env, napi_value, void *context, void *data) {
  const std::unique_ptr<PendingFrame> pending(static_cast<PendingFrame *>(data));
  if (raw_env == nullptr) {
    // The environment is ending: nobody waits, and its references are gone already.
    pending->pixels.SuppressDestruct();
    pending->thumbnail.SuppressDestruct();
    return;
  }
  const Napi::Env env(raw_env);
  const Napi::HandleScope scope(env);
  Registry &registry = *static_cast<Registry *>(context);
  if (--registry.under_way_ == 0) napi_unref_threadsafe_function(raw_env, registry.results_);
  const FrameResult &result = pending->result;
  if (!result.verdict.ok()) {
    pending->deferred.Reject(to_error(env, result.verdict.code, result.verdict.message).Value());
    return;
  }
  // In the order in which native/frame-call.ts reads them.
  pending->deferred.Resolve(from_detections(env, result.detections,
                                          {double(result.candidates), double(result.invalid), result.preprocess_ms,
                                           result.infer_ms, result.postprocess_ms, double(result.embedding.size())},
                                          result.embedding));
}

}  // namespace goshawk::bindings
