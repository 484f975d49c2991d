#pragma once

#include <napi.h>

namespace goshawk::bindings {

/// Exports `VideoNode`.
void define_v4l2(Napi::Env env, Napi::Object exports);

}  // namespace goshawk::bindings
