// A picture in device memory as a value of JavaScript, from one addon to the other. It does not keep the picture: one that was
// released is refused.
#pragma once

#include <napi.h>

#include <memory>

#include "../base/device_picture.h"

namespace goshawk::bindings {

inline constexpr napi_type_tag picture_tag = {0x3b7c5e9014ad26f8, 0xb1d0479c5a6e83f2};

inline Napi::Value picture_handle(Napi::Env env, const std::shared_ptr<DevicePicture> &picture) {
  auto value = Napi::External<std::weak_ptr<DevicePicture>>::New(
      env, new std::weak_ptr<DevicePicture>(picture), [](Napi::Env, std::weak_ptr<DevicePicture> *owner) { delete owner; });
  value.TypeTag(&picture_tag);
  return value;
}

inline bool is_picture(const Napi::Value &value) {
  return value.IsExternal() && value.As<Napi::External<std::weak_ptr<DevicePicture>>>().CheckTypeTag(&picture_tag);
}

/// Throws for a picture that was released.
inline std::shared_ptr<DevicePicture> picture_of(const Napi::Value &value) {
  std::shared_ptr<DevicePicture> picture = value.As<Napi::External<std::weak_ptr<DevicePicture>>>().Data()->lock();
  if (picture == nullptr) throw Napi::Error::New(value.Env(), "The picture was released before it was looked at.");
  return picture;
}

}  // namespace goshawk::bindings
