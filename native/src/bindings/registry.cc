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

PendingPromise::PendingPromise(Napi::Env env) : env_(env) {
  if (napi_create_promise(env_, &deferred_, &promise_) != napi_ok) throw Napi::Error::New(env);
}

PendingPromise::~PendingPromise() {
  napi_value nothing = nullptr;
  if (deferred_ != nullptr && napi_get_undefined(env_, &nothing) == napi_ok) {
    napi_resolve_deferred(env_, deferred_, nothing);
  }
}

void PendingPromise::settle(napi_status (*how)(napi_env, napi_deferred, napi_value), napi_value value) {
  const napi_deferred deferred = deferred_;
  deferred_ = nullptr;
  if (how(env_, deferred, value) != napi_ok) throw Napi::Error::New(env_);
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
    pending->promise.forget();
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
    pending->promise.reject(to_error(env, result.verdict.code, result.verdict.message).Value());
    return;
  }
  // In the order in which native/frame-call.ts reads them.
  pending->promise.resolve(from_found(env, result.found,
                                      {double(result.found.candidates), double(result.found.invalid), result.preprocess_ms,
                                       result.infer_ms, result.postprocess_ms, double(result.embedding.size())},
                                      result.embedding));
}

}  // namespace goshawk::bindings
