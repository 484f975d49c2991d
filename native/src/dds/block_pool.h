// Memory for received messages: blocks that are used again, because a fresh 6 MB costs more than copying into it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace goshawk::dds {

struct Block {
  explicit Block(size_t bytes) : data(new uint8_t[bytes]), capacity(bytes) {}
  const std::unique_ptr<uint8_t[]> data;
  const size_t capacity;
  std::atomic<bool> busy{true};
  /// Replaced by a larger one; whoever still sees it may let go of it.
  std::atomic<bool> retired{false};
};

/// One message in a block; the block goes back to its pool with the last owner.
class Lease {
 public:
  Lease(std::shared_ptr<Block> block, size_t size) : block(std::move(block)), size(size) {}
  ~Lease() { block->busy.store(false, std::memory_order_release); }
  Lease(const Lease &) = delete;
  Lease &operator=(const Lease &) = delete;
  const std::shared_ptr<Block> block;
  const size_t size;
};

class BlockPool {
 public:
  explicit BlockPool(size_t max_blocks) : max_blocks_(max_blocks) {}

  /// Null where every block is in use.
  std::shared_ptr<Lease> take(size_t size) {
    // The protocol may read up to the next multiple of four.
    const size_t needed = size + 4;
    const std::lock_guard<std::mutex> lock(mutex_);
    std::shared_ptr<Block> *small = nullptr;
    for (auto &block : blocks_) {
      if (block->busy.load(std::memory_order_acquire)) continue;
      if (block->capacity >= needed) {
        block->busy.store(true, std::memory_order_relaxed);
        return std::make_shared<Lease>(block, size);
      }
      small = &block;
    }
    if (blocks_.size() < max_blocks_) {
      blocks_.push_back(std::make_shared<Block>(needed));
      return std::make_shared<Lease>(blocks_.back(), size);
    }
    if (small == nullptr) return nullptr;
    (*small)->retired.store(true);
    *small = std::make_shared<Block>(needed);
    return std::make_shared<Lease>(*small, size);
  }

 private:
  const size_t max_blocks_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

}  // namespace goshawk::dds
