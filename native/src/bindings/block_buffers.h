// ArrayBuffers over the blocks of a pool.
#pragma once

#include <napi.h>

#include <map>
#include <memory>

#include "../base/block_pool.h"

namespace goshawk::bindings {

/// The one ArrayBuffer over a block: made once, used for all that comes to lie there. No copy.
class BlockBuffers {
 public:
  Napi::ArrayBuffer of(Napi::Env env, const std::shared_ptr<Block> &block) {
    for (auto it = buffers_.begin(); it != buffers_.end();) {
      it = it->first->retired.load() ? buffers_.erase(it) : std::next(it);
    }
    const auto known = buffers_.find(block);
    if (known != buffers_.end()) return known->second.Value().As<Napi::ArrayBuffer>();
    auto *owner = new std::shared_ptr<Block>(block);
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
        env, block->data.get(), block->capacity, [](Napi::Env, void *, std::shared_ptr<Block> *ended) { delete ended; },
        owner);
    buffers_.emplace(block, Napi::Persistent(buffer.As<Napi::Object>()));
    return buffer;
  }
  void clear() { buffers_.clear(); }

 private:
  std::map<std::shared_ptr<Block>, Napi::ObjectReference> buffers_;
};

}  // namespace goshawk::bindings
