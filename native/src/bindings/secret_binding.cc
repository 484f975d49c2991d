// Memory for what must not reach a disk.
#include "../base/locked_process.h"
#include "../core/secret_memory.h"
#include "convert.h"
#include "registry.h"

#include <memory>

namespace goshawk::bindings {

Napi::Value forbid_dumps_value(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    forbid_dumps();
    return info.Env().Undefined();
  });
}

/// The pages live for as long as JavaScript sees them.
Napi::Value secret_bytes(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const size_t wanted = size_t(info[0].ToNumber().Int64Value());
    auto *pages = new SecretPages(secret_pages(wanted));
    Napi::Object out = Napi::Object::New(env);
    out.Set("lockProblem", pages->lock_problem);
    const Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
        env, pages->data, wanted,
        [](Napi::Env, void *, SecretPages *own) {
          forget(*own);
          delete own;
        },
        pages);
    out.Set("bytes", Napi::Uint8Array::New(env, wanted, buffer, 0));
    return out;
  });
}

Napi::Value memory_file_value(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsTypedArray()) return Napi::Number::New(info.Env(), memory_file(nullptr, 0));
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    return Napi::Number::New(info.Env(), memory_file(bytes.Data(), bytes.ByteLength()));
  });
}

/// The file's pages stay in memory for as long as JavaScript has what this gives back, or until it is let go.
Napi::Value lock_memory_file_value(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const std::shared_ptr<SecretPages> pages(new SecretPages(lock_file(info[0].ToNumber().Int32Value())),
                                             [](SecretPages *own) {
                                               let_go(*own);
                                               delete own;
                                             });
    Napi::Object out = Napi::Object::New(env);
    out.Set("lockProblem", pages->lock_problem);
    out.Set("letGo", Napi::Function::New(env, [pages](const Napi::CallbackInfo &) {
              let_go(*pages);
              *pages = SecretPages();
            }));
    return out;
  });
}

Napi::Value lock_process_value(const Napi::CallbackInfo &info) {
  return guarded(info.Env(), [&]() -> Napi::Value { return Napi::String::New(info.Env(), lock_process()); });
}

}  // namespace goshawk::bindings
