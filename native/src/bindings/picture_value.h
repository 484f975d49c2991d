// A picture in device memory as a value of JavaScript, from one addon to the other; one that was released is refused.
#pragma once

#include "../base/device_picture.h"
#include "weak_value.h"

namespace goshawk::bindings {

inline constexpr napi_type_tag picture_tag = {0x3b7c5e9014ad26f8, 0xb1d0479c5a6e83f2};

inline Napi::Value picture_handle(Napi::Env env, const std::shared_ptr<DevicePicture> &picture) {
  return weak_value(env, picture, picture_tag);
}

inline bool is_picture(const Napi::Value &value) { return is_weak_value<DevicePicture>(value, picture_tag); }

/// Throws for a picture that was released.
inline std::shared_ptr<DevicePicture> picture_of(const Napi::Value &value) {
  return locked<DevicePicture>(value, "The picture was released before it was looked at.");
}

}  // namespace goshawk::bindings
