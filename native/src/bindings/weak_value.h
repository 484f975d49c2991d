// What an addon lends to another one as a value of JavaScript. The value does not keep it.
#pragma once

#include <napi.h>

#include <memory>

namespace goshawk::bindings {

template <typename T>
Napi::Value weak_value(Napi::Env env, const std::shared_ptr<T> &lent, const napi_type_tag &tag) {
  auto value = Napi::External<std::weak_ptr<T>>::New(env, new std::weak_ptr<T>(lent),
                                                     [](Napi::Env, std::weak_ptr<T> *owner) { delete owner; });
  value.TypeTag(&tag);
  return value;
}

template <typename T>
bool is_weak_value(const Napi::Value &value, const napi_type_tag &tag) {
  return value.IsExternal() && value.As<Napi::External<std::weak_ptr<T>>>().CheckTypeTag(&tag);
}

/// Of a value that is one. Throws where what was lent is gone: `released` says so.
template <typename T>
std::shared_ptr<T> locked(const Napi::Value &value, const char *released) {
  std::shared_ptr<T> lent = value.As<Napi::External<std::weak_ptr<T>>>().Data()->lock();
  if (lent == nullptr) throw Napi::Error::New(value.Env(), released);
  return lent;
}

}  // namespace goshawk::bindings
