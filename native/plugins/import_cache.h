// Pictures' memory that was imported once is used again: to import it is work for driver and kernel, and a decoder's pool repeats
// its few buffers. Knows no way of importing, so that its decisions are tested where there is no GPU.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "goshawk_engine.h"

namespace goshawk::plugin {

/// More than the pools of four cameras; a buffer of 1080p is 3 MB that its decoder can't give back meanwhile.
constexpr size_t most_imports = 64;
/// 20 buffers of 4K, and not 64 of them.
constexpr uint64_t most_import_bytes = uint64_t{256} << 20;

/// `Import` lets go of the memory when it is destroyed. While it is here it holds the memory, so no other memory can come under
/// its number. What is in use when it is forgotten goes with its last user.
template <typename Import>
class ImportCache {
 public:
  explicit ImportCache(size_t most, uint64_t most_bytes = most_import_bytes) : most_(most), most_bytes_(most_bytes) {}

  /// What was imported of this buffer, or what `make()` gives: null is not kept, nor is what alone is over the bound. `bytes`: of
  /// the whole memory, as this picture says; what was imported when it was said to have less is imported anew.
  template <typename Make>
  std::shared_ptr<Import> find(uint64_t pool, uint64_t buffer, uint64_t bytes, Make &&make) {
    // Let go of outside the lock.
    std::list<Entry> over;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (entry->pool != pool || entry->buffer != buffer) continue;
      if (entry->bytes < bytes) {
        drop(entry, over);
        break;
      }
      entries_.splice(entries_.begin(), entries_, entry);
      return entry->import;
    }
    std::shared_ptr<Import> import = make();
    if (import == nullptr) return nullptr;
    entries_.push_front({pool, buffer, bytes, import});
    bytes_ += bytes;
    imports_ += 1;
    while (entries_.size() > most_ || bytes_ > most_bytes_) drop(std::prev(entries_.end()), over);
    return import;
  }

  void forget(uint64_t pool) {
    // Let go of outside the lock.
    std::list<Entry> over;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (auto entry = entries_.begin(); entry != entries_.end();) {
      const auto next = std::next(entry);
      if (entry->pool == pool) drop(entry, over);
      entry = next;
    }
  }

  void clear() {
    std::list<Entry> over;
    const std::lock_guard<std::mutex> lock(mutex_);
    over.swap(entries_);
    bytes_ = 0;
  }

  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return entries_.size();
  }
  /// Since the start.
  uint64_t imports() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return imports_;
  }

 private:
  struct Entry {
    uint64_t pool;
    uint64_t buffer;
    uint64_t bytes;
    std::shared_ptr<Import> import;
  };

  void drop(typename std::list<Entry>::iterator entry, std::list<Entry> &over) {
    bytes_ -= entry->bytes;
    over.splice(over.begin(), entries_, entry);
  }

  const size_t most_;
  const uint64_t most_bytes_;
  mutable std::mutex mutex_;
  /// The one that was used last is first.
  std::list<Entry> entries_;
  /// Of all of them.
  uint64_t bytes_ = 0;
  uint64_t imports_ = 0;
};

/// Both planes lie inside of the file.
inline bool planes_fit(const goshawk_device_image &image) {
  constexpr uint64_t most_side = 16384;
  constexpr uint64_t most_pitch = uint64_t{1} << 20;
  const uint64_t width = image.width;
  const uint64_t height = image.height;
  if (width < 2 || height < 2 || width > most_side || height > most_side || width % 2 != 0 || height % 2 != 0) return false;
  for (int plane = 0; plane < 2; plane++) {
    const uint64_t rows = plane == 0 ? height : height / 2;
    if (image.pitch[plane] < width || image.pitch[plane] > most_pitch || image.offset[plane] > image.file_bytes) return false;
    const uint64_t bytes = (rows - 1) * image.pitch[plane] + width;
    if (bytes > image.file_bytes - image.offset[plane]) return false;
  }
  return true;
}

}  // namespace goshawk::plugin
