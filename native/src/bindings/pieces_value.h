// A message in pieces as a value of JavaScript, from one addon to the other; one that was released is refused.
#pragma once

#include "../base/image.h"
#include "weak_value.h"

namespace goshawk::bindings {

inline constexpr napi_type_tag pieces_tag = {0x60d4a3b1c2f84e57, 0x9a1be05d7c63f201};

inline Napi::Value pieces_value(Napi::Env env, const std::shared_ptr<Pieces> &pieces) {
  return weak_value(env, pieces, pieces_tag);
}

/// Null for undefined. Throws for another value, for a message that was released and for bytes that are not of it.
inline std::shared_ptr<Pieces> pieces_of(const Napi::Value &value, const Image &image) {
  if (value.IsUndefined()) return nullptr;
  if (!is_weak_value<Pieces>(value, pieces_tag)) {
    throw Napi::TypeError::New(value.Env(), "\"pieces\" must be what a message in pieces came with.");
  }
  const auto pieces = locked<Pieces>(value, "The pixels were released before they were looked at.");
  if (!pieces->holds(image.data, image.bytes)) {
    throw Napi::TypeError::New(value.Env(), "\"pieces\" must be those of the pixels.");
  }
  return pieces;
}

}  // namespace goshawk::bindings
