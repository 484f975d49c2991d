// Pictures that are not copied: the buffer that the decoder wrote is held until its last user is done, and is named by the
// file of its memory.
#pragma once

#include <gst/video/video.h>

#include <atomic>
#include <memory>

#include "../base/device_picture.h"

namespace goshawk::gstreamer {

/// How many buffers of one pipeline may be kept from their decoder: it has few, and stands still without.
struct DeviceHold {
  explicit DeviceHold(uint32_t most) : most(most) {}
  const uint32_t most;
  std::atomic<uint32_t> held{0};
};

/// Why a buffer was copied in spite of all.
enum class Refusal { none, not_wanted, no_file, layout, full };

/// One pipeline's way of taking buffers as they are.
class DeviceCapture {
 public:
  /// `memories`: bits of DeviceMemory that are wanted.
  DeviceCapture(uint32_t memories, uint32_t most_held);

  /// Null, with the reason, where the picture has to be copied. `at_once`: it is let go of before the next one, and may be one
  /// more than are held.
  std::shared_ptr<DevicePicture> take(GstBuffer *buffer, GstCaps *caps, Refusal &refusal, bool at_once = false);
  uint32_t held() const { return hold_->held.load(); }
  /// What upstream is asked to write into, where shared memory is wanted. The pad is the appsink's.
  void offer_shared_memory(GstPad *pad);

 private:
  std::shared_ptr<DevicePicture> take_surface(GstBuffer *buffer, const GstVideoInfo &info, Refusal &refusal, bool at_once);
  std::shared_ptr<DevicePicture> take_file(GstBuffer *buffer, const GstVideoInfo &info, Refusal &refusal);
  bool count_in(bool at_once);

  const uint32_t memories_;
  const std::shared_ptr<DeviceHold> hold_;
  const std::shared_ptr<PicturePool> pool_;
};

/// The size and format of caps, also of those that name their memory. False where they say nothing that is known here.
bool video_info_of(GstCaps *caps, GstVideoInfo &info);
/// Their pictures are not in memory that a map of GStreamer's gives.
bool is_nvmm(GstCaps *caps);

}  // namespace goshawk::gstreamer
