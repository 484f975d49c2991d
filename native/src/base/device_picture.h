// A picture whose pixels stay where the decoder put them: a file that names the memory, and where its planes lie. Two addons
// of one build share this: the one that receives and the one that reads pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace goshawk {

/// What the file is. As bits: they are joined to what somebody can read.
enum class DeviceMemory : uint32_t {
  /// A dma-buf of a driver.
  dmabuf = 1,
  /// Memory of a process, shared by its file (memfd).
  memfd = 2,
  /// A surface of a Jetson's own library, whose file is a dma-buf; `description` is the library's.
  nvmm = 4,
};

/// nv12 for the processor, while it reads.
struct PicturePlanes {
  const uint8_t *luma = nullptr;
  size_t luma_step = 0;
  const uint8_t *chroma = nullptr;
  size_t chroma_step = 0;
};

/// The buffers that one pipeline decodes into. Whoever imported some of them is told when the last picture is gone.
class PicturePool {
 public:
  explicit PicturePool(uint64_t id) : id(id) {}
  ~PicturePool() {
    for (const End &end : ends_) end.tell(id);
  }
  PicturePool(const PicturePool &) = delete;
  PicturePool &operator=(const PicturePool &) = delete;

  /// Called once, on any thread, when nobody has a picture of it any more. Of an owner that is gone nothing is kept: engines
  /// change more often than cameras.
  void when_over(std::weak_ptr<const void> owner, std::function<void(uint64_t)> tell) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_.remove_if([](const End &end) { return end.owner.expired(); });
    ends_.push_back({std::move(owner), std::move(tell)});
  }
  size_t waiting() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return ends_.size();
  }

  /// Of no other pool in this process.
  const uint64_t id;

 private:
  struct End {
    std::weak_ptr<const void> owner;
    std::function<void(uint64_t)> tell;
  };
  mutable std::mutex mutex_;
  std::list<End> ends_;
};

/// nv12. The buffer goes back to its decoder with the last owner.
class DevicePicture {
 public:
  virtual ~DevicePicture() = default;

  /// Maps the picture for the time of `work`; false where it can't be mapped. One thread at a time.
  virtual bool read(const std::function<void(const PicturePlanes &)> &work) = 0;

  DeviceMemory memory = DeviceMemory::memfd;
  uint32_t width = 0;
  uint32_t height = 0;
  /// Open for as long as the picture is.
  int file = -1;
  uint64_t file_bytes = 0;
  /// The same for the same memory, within its pool.
  uint64_t buffer = 0;
  std::shared_ptr<PicturePool> pool;
  /// Luma and chroma, in bytes of the file.
  uint64_t offset[2] = {};
  uint64_t pitch[2] = {};
  std::vector<uint8_t> description;
};

}  // namespace goshawk
