// Memory for received messages: blocks that are used again, because a fresh 6 MB costs more than copying into it.
#pragma once

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <dds/ddsi/q_radmin.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#include "../core/piece_table.h"
#include "../core/pieces.h"

namespace goshawk::dds {

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

/// One message in a block; the block goes back to its pool with the last owner. Copying 6 MB out of the middleware's receive
/// buffers is half a millisecond, and a small network looks at a third of the rows: so a large message may stay in those
/// buffers until somebody wants it whole.
class Lease : public Pieces {
 public:
  Lease(std::shared_ptr<Block> block, size_t size) : block(std::move(block)), size(size) {}
  ~Lease() override {
    if (chain_ != nullptr) nn_fragchain_unref(chain_);
    block->busy.store(false, std::memory_order_release);
  }
  Lease(const Lease &) = delete;
  Lease &operator=(const Lease &) = delete;

  /// Copies the message out of the fragments of the middleware. False where they don't cover it.
  bool copy(const nn_rdata *fragment) {
    size_t offset = 0;
    for (; fragment != nullptr && offset < size; fragment = fragment->nextfrag) {
      // Fragments may overlap: only what is new is copied.
      if (fragment->maxp1 <= offset) continue;
      if (fragment->min > offset) return false;
      const size_t end = std::min(size_t(fragment->maxp1), size);
      std::memcpy(block->data.get() + offset, payload_of(fragment) + (offset - fragment->min), end - offset);
      offset = end;
    }
    return offset == size;
  }

  /// Keeps the fragments and copies the head alone. False, and nothing is kept, where they don't cover the message.
  bool keep(nn_rdata *fragment, size_t head) {
    for (const nn_rdata *each = fragment; each != nullptr && pieces_.covered() < size; each = each->nextfrag) {
      if (!pieces_.add(payload_of(each), each->min, std::min(size_t(each->maxp1), size))) break;
    }
    if (pieces_.covered() != size) return false;
    pieces_.copy(block->data.get(), 0, std::min(head, size));
    // As the middleware counts: one for each fragment, against its receive buffer.
    for (nn_rdata *each = fragment; each != nullptr; each = each->nextfrag) ddsrt_atomic_inc32(&each->rmsg->refcount);
    chain_ = fragment;
    return true;
  }
  bool in_pieces() const { return chain_ != nullptr; }
  /// The receive buffers belong to the middleware: it must not end before them.
  void outlived_by(std::shared_ptr<void> owner) { owner_ = std::move(owner); }

  const uint8_t *read(const uint8_t *at, size_t bytes, uint8_t *scratch) override {
    if (const uint8_t *together = pieces_.find(offset_of(at), bytes)) return together;
    pieces_.copy(scratch, offset_of(at), offset_of(at) + bytes);
    return scratch;
  }
  const uint8_t *where(const uint8_t *at) const override { return pieces_.find(offset_of(at), 1); }
  bool holds(const uint8_t *at, size_t bytes) const override {
    const uint8_t *begin = block->data.get();
    return chain_ != nullptr && at >= begin && at <= begin + size && bytes <= size_t(begin + size - at);
  }
  void gather() override {
    if (chain_ != nullptr) std::call_once(gathered_, [this] { pieces_.copy(block->data.get(), 0, size); });
  }

  const std::shared_ptr<Block> block;
  const size_t size;

 private:
  static const uint8_t *payload_of(const nn_rdata *fragment) {
    return NN_RMSG_PAYLOADOFF(fragment->rmsg, NN_RDATA_PAYLOAD_OFF(fragment));
  }
  size_t offset_of(const uint8_t *at) const { return size_t(at - block->data.get()); }

  std::shared_ptr<void> owner_;
  nn_rdata *chain_ = nullptr;
  PieceTable pieces_;
  std::once_flag gathered_;
};

class BlockPool {
 public:
  explicit BlockPool(size_t max_blocks) : max_blocks_(max_blocks) {}

  /// Null where every block is in use, and where memory is out: the caller is the middleware, which knows no exceptions.
  std::shared_ptr<Lease> take(size_t size) noexcept {
    try {
      return take_or_throw(size);
    } catch (const std::bad_alloc &) {
      return nullptr;
    }
  }

 private:
  std::shared_ptr<Lease> take_or_throw(size_t size) {
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

  const size_t max_blocks_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Block>> blocks_;
};

}  // namespace goshawk::dds
