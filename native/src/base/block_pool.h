// Memory for messages and pictures that come in: blocks that are used again, because a fresh 6 MB costs more than copying into it.
#pragma once

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "pieces.h"

namespace goshawk {

struct FreeMemory {
  void operator()(uint8_t *memory) const { std::free(memory); }
};

/// Pictures in pages of 2 MiB where the kernel has them: copying and reading 6 MB then need 3 of them instead of 1500.
inline uint8_t *allocate_pages(size_t bytes) {
  constexpr size_t large_page = 2 << 20;
  void *memory = bytes < large_page / 2 ? std::malloc(bytes)
                                        : std::aligned_alloc(large_page, (bytes + large_page - 1) / large_page * large_page);
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (bytes >= large_page / 2) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<uint8_t *>(memory);
}

struct Block {
  explicit Block(size_t bytes) : data(allocate_pages(bytes)), capacity(bytes) {}
  const std::unique_ptr<uint8_t[], FreeMemory> data;
  const size_t capacity;
  std::atomic<bool> busy{true};
  /// Replaced by a larger one; whoever still sees it may let go of it.
  std::atomic<bool> retired{false};
};

/// One message in a block; the block goes back to its pool with the last owner.
class Lease {
 public:
  Lease(std::shared_ptr<Block> block, size_t size) : block(std::move(block)), size(size) {}
  virtual ~Lease() { block->busy.store(false, std::memory_order_release); }
  Lease(const Lease &) = delete;
  Lease &operator=(const Lease &) = delete;

  /// Where the message is still in the pieces in which it came; null where it is whole.
  virtual Pieces *pieces() { return nullptr; }

  const std::shared_ptr<Block> block;
  const size_t size;
};

class BlockPool {
 public:
  /// `max_bytes`: of all blocks together, whether they are in use or not.
  explicit BlockPool(size_t max_blocks, size_t max_bytes = std::numeric_limits<size_t>::max())
      : max_blocks_(max_blocks), max_bytes_(max_bytes) {}

  /// Null where every block is in use, and where memory is out: the caller is the middleware, which knows no exceptions.
  template <typename Kind = Lease>
  std::shared_ptr<Kind> take(size_t size) noexcept {
    try {
      const std::shared_ptr<Block> block = find(size);
      return block ? std::make_shared<Kind>(block, size) : nullptr;
    } catch (const std::bad_alloc &) {
      return nullptr;
    }
  }

 private:
  std::shared_ptr<Block> find(size_t size) {
    // The protocol may read up to the next multiple of four.
    const size_t needed = size + 4;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto &block : blocks_) {
      if (block->busy.load(std::memory_order_acquire) || block->capacity < needed) continue;
      block->busy.store(true, std::memory_order_relaxed);
      return block;
    }
    // Those that are free are too small, and give way.
    for (auto each = blocks_.begin(); each != blocks_.end() && !fits(needed);) {
      if ((*each)->busy.load(std::memory_order_acquire)) {
        ++each;
        continue;
      }
      (*each)->retired.store(true);
      bytes_ -= (*each)->capacity;
      each = blocks_.erase(each);
    }
    if (!fits(needed)) return nullptr;
    blocks_.push_back(std::make_shared<Block>(needed));
    bytes_ += needed;
    return blocks_.back();
  }
  bool fits(size_t needed) const {
    return blocks_.size() < max_blocks_ && needed <= max_bytes_ && bytes_ <= max_bytes_ - needed;
  }

  const size_t max_blocks_;
  const size_t max_bytes_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Block>> blocks_;
  size_t bytes_ = 0;
};

}  // namespace goshawk
