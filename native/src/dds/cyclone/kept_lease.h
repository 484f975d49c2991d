// A message that may stay in Cyclone's receive buffers.
#pragma once

#include <dds/ddsi/q_radmin.h>

#include <algorithm>
#include <cstring>

#include "../../base/block_pool.h"
#include "../piece_table.h"

namespace goshawk::dds {

/// Copying 6 MB out of the middleware's receive buffers is half a millisecond, and a small network looks at a third of the
/// rows: so a large message may stay in those buffers until somebody wants it whole.
class KeptLease : public Lease, public Pieces {
 public:
  using Lease::Lease;
  ~KeptLease() override {
    if (chain_ != nullptr) nn_fragchain_unref(chain_);
  }

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
  Pieces *pieces() override { return chain_ == nullptr ? nullptr : this; }
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

}  // namespace goshawk::dds
