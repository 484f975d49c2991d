#pragma once

#include "convert.h"

namespace goshawk::bindings {

Napi::Array array_of(const Napi::Value &value, const char *name);

/// The record of the bundle as it is: `Head` of src/model/head.ts. What lies beyond a tensor is refused by check_outputs.
HeadSpec to_head(const Napi::Object &object, int class_count, const InputSpec &input);

/// `constants` of the input contract: { tensor, dtype, shape, values } each.
std::vector<ConstantInput> to_constants(const Napi::Object &input);

}  // namespace goshawk::bindings
