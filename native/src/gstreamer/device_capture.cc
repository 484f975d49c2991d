#include "device_capture.h"

#include <fcntl.h>
#include <gst/allocators/allocators.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cstring>

#include "../../plugins/nv_surface.h"
#include "memfd_allocator.h"
#include "pipeline.h"

namespace goshawk::gstreamer {

namespace {

std::atomic<uint64_t> last_pool{0};

/// Done however the reading ends: who reads may throw.
template <typename Work>
class AtEnd {
 public:
  explicit AtEnd(Work work) : work_(std::move(work)) {}
  ~AtEnd() { work_(); }
  AtEnd(const AtEnd &) = delete;
  AtEnd &operator=(const AtEnd &) = delete;

 private:
  const Work work_;
};

/// One buffer, kept from its pool.
class HeldBuffer : public DevicePicture {
 public:
  /// `hold` has counted it already.
  HeldBuffer(GstBuffer *buffer, std::shared_ptr<DeviceHold> hold) : buffer_(gst_buffer_ref(buffer)), hold_(std::move(hold)) {}
  ~HeldBuffer() override {
    gst_buffer_unref(buffer_);
    hold_->held.fetch_sub(1);
  }

 protected:
  GstBuffer *const buffer_;

 private:
  const std::shared_ptr<DeviceHold> hold_;
};

/// GStreamer maps the file, once for as long as its pool keeps it where that is the allocator's way.
class FilePicture : public HeldBuffer {
 public:
  FilePicture(GstBuffer *buffer, std::shared_ptr<DeviceHold> hold, const GstVideoInfo &info)
      : HeldBuffer(buffer, std::move(hold)), info_(info) {}

  bool read(const std::function<void(const PicturePlanes &)> &work) override {
    GstVideoFrame frame;
    if (!gst_video_frame_map(&frame, &info_, buffer_, GST_MAP_READ)) return false;
    const AtEnd unmapped([&] { gst_video_frame_unmap(&frame); });
    sync(DMA_BUF_SYNC_START);
    const AtEnd synced([&] { sync(DMA_BUF_SYNC_END); });
    work({static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 0)), size_t(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0)),
          static_cast<const uint8_t *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, 1)), size_t(GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 1))});
    return true;
  }

 private:
  /// The caches of the processor may be behind what a device wrote.
  void sync(uint64_t flags) const {
    if (memory != DeviceMemory::dmabuf) return;
    dma_buf_sync what = {};
    what.flags = flags | DMA_BUF_SYNC_READ;
    ::ioctl(file, DMA_BUF_IOCTL_SYNC, &what);
  }
  GstVideoInfo info_;
};

/// A Jetson's surface: its own library maps it.
class SurfacePicture : public HeldBuffer {
 public:
  SurfacePicture(GstBuffer *buffer, std::shared_ptr<DeviceHold> hold, nv::Surface *surface)
      : HeldBuffer(buffer, std::move(hold)), surface_(surface) {}

  bool read(const std::function<void(const PicturePlanes &)> &work) override {
    const nv::SurfaceLibrary &library = nv::surface_library();
    if (!library.problem.empty() || library.map(surface_, 0, -1, nv::map_read) != 0) return false;
    const AtEnd unmapped([&] { library.unmap(surface_, 0, -1); });
    const bool synced = library.sync_for_cpu(surface_, 0, -1) == 0;
    const nv::SurfaceParams &params = surface_->list[0];
    if (synced) {
      work({static_cast<const uint8_t *>(params.address[0]), size_t(pitch[0]),
            static_cast<const uint8_t *>(params.address[1]), size_t(pitch[1])});
    }
    return synced;
  }

 private:
  nv::Surface *const surface_;
};

/// What names the memory behind a file, also where the file is open under another number.
bool identify(DevicePicture &picture) {
  struct stat about = {};
  if (::fstat(picture.file, &about) != 0) return false;
  picture.buffer = uint64_t(about.st_ino) ^ (uint64_t(about.st_dev) << 40);
  return true;
}

/// Other processes see it: one that could cut it off would end everybody who reads it.
bool keeps_its_size(int file) {
  const int seals = ::fcntl(file, F_GET_SEALS);
  return seals >= 0 && ((seals & F_SEAL_SHRINK) != 0 || ::fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
}

/// Upstream asks where to write: into memory that has a file. What the rest of the query says is upstream's.
GstPadProbeReturn on_query(GstPad *, GstPadProbeInfo *info, gpointer) {
  GstQuery *query = GST_PAD_PROBE_INFO_QUERY(info);
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION) return GST_PAD_PROBE_OK;
  GstCaps *caps = nullptr;
  gboolean need_pool = FALSE;
  gst_query_parse_allocation(query, &caps, &need_pool);
  GstVideoInfo video;
  if (caps == nullptr || !gst_video_info_from_caps(&video, caps) || GST_VIDEO_INFO_FORMAT(&video) != GST_VIDEO_FORMAT_NV12)
    return GST_PAD_PROBE_OK;
  GstAllocator *allocator = memfd_allocator();
  GstAllocationParams params;
  gst_allocation_params_init(&params);
  gst_query_add_allocation_param(query, allocator, &params);
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  // A pool of ours: one of upstream's own need not take the allocator.
  GstBufferPool *pool = gst_video_buffer_pool_new();
  GstStructure *config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, guint(GST_VIDEO_INFO_SIZE(&video)), 0, 0);
  gst_buffer_pool_config_set_allocator(config, allocator, &params);
  gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  if (gst_buffer_pool_set_config(pool, config))
    gst_query_add_allocation_pool(query, pool, guint(GST_VIDEO_INFO_SIZE(&video)), 0, 0);
  gst_object_unref(pool);
  gst_object_unref(allocator);
  return GST_PAD_PROBE_HANDLED;
}

/// `NV12` alone, or with a modifier of zero.
bool is_linear_nv12(const char *format) {
  if (std::strncmp(format, "NV12", 4) != 0) return false;
  const char *modifier = format + 4;
  return *modifier == 0 || (std::strncmp(modifier, ":0x0", 4) == 0 && modifier[3 + std::strspn(modifier + 3, "0")] == 0);
}

/// From GStreamer 1.24 on caps name the format of a device as `drm-format`, with a modifier where it is tiled. Read by hand:
/// what GStreamer has for it is not there before. A tiled picture has no format of GStreamer's, and nobody here reads it.
bool info_of_drm_caps(const GstStructure *structure, GstCaps *caps, GstVideoInfo &info) {
  const char *format = gst_structure_get_string(structure, "drm-format");
  if (format == nullptr || !is_linear_nv12(format)) return false;
  GstCaps *plain = gst_caps_copy(caps);
  GstStructure *said = gst_caps_get_structure(plain, 0);
  gst_structure_set(said, "format", G_TYPE_STRING, "NV12", nullptr);
  gst_structure_remove_field(said, "drm-format");
  const bool known = gst_video_info_from_caps(&info, plain);
  gst_caps_unref(plain);
  return known;
}

}  // namespace

bool is_nvmm(GstCaps *caps) {
  const GstCapsFeatures *features = gst_caps_get_size(caps) > 0 ? gst_caps_get_features(caps, 0) : nullptr;
  return features != nullptr && gst_caps_features_contains(features, "memory:NVMM");
}

bool video_info_of(GstCaps *caps, GstVideoInfo &info) {
  const GstStructure *structure = gst_caps_get_size(caps) > 0 ? gst_caps_get_structure(caps, 0) : nullptr;
  if (structure == nullptr) return false;
  const char *format = gst_structure_get_string(structure, "format");
  if (format != nullptr && std::strcmp(format, "DMA_DRM") == 0) return info_of_drm_caps(structure, caps, info);
  return gst_video_info_from_caps(&info, caps);
}

std::string surface_problem() { return nv::surface_library().problem; }

DeviceCapture::DeviceCapture(uint32_t memories, uint32_t most_held)
    : memories_(memories), hold_(std::make_shared<DeviceHold>(most_held)),
      pool_(std::make_shared<PicturePool>(++last_pool)) {}

void DeviceCapture::offer_shared_memory(GstPad *pad) {
  if ((memories_ & uint32_t(DeviceMemory::memfd)) != 0)
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, on_query, nullptr, nullptr);
}

bool DeviceCapture::count_in(bool at_once) {
  // Only the one streaming thread of the appsink counts up.
  if (!at_once && hold_->held.load() >= hold_->most) return false;
  hold_->held.fetch_add(1);
  return true;
}

std::shared_ptr<DevicePicture> DeviceCapture::take(GstBuffer *buffer, GstCaps *caps, Refusal &refusal, bool at_once) {
  refusal = Refusal::not_wanted;
  GstVideoInfo info;
  if (memories_ == 0 || !video_info_of(caps, info)) return nullptr;
  refusal = Refusal::layout;
  if (GST_VIDEO_INFO_FORMAT(&info) != GST_VIDEO_FORMAT_NV12) return nullptr;
  std::shared_ptr<DevicePicture> picture =
      is_nvmm(caps) ? take_surface(buffer, info, refusal, at_once) : take_file(buffer, info, refusal);
  if (picture == nullptr) return nullptr;
  picture->width = uint32_t(GST_VIDEO_INFO_WIDTH(&info)) & ~1u;
  picture->height = uint32_t(GST_VIDEO_INFO_HEIGHT(&info)) & ~1u;
  picture->pool = pool_;
  refusal = Refusal::none;
  return picture;
}

std::shared_ptr<DevicePicture> DeviceCapture::take_file(GstBuffer *buffer, const GstVideoInfo &info, Refusal &refusal) {
  refusal = Refusal::no_file;
  // Planes in memories of their own have files of their own.
  GstMemory *memory = gst_buffer_n_memory(buffer) == 1 ? gst_buffer_peek_memory(buffer, 0) : nullptr;
  if (memory == nullptr || !gst_is_fd_memory(memory)) return nullptr;
  const DeviceMemory kind = gst_is_dmabuf_memory(memory) ? DeviceMemory::dmabuf : DeviceMemory::memfd;
  if ((memories_ & uint32_t(kind)) == 0) {
    refusal = Refusal::not_wanted;
    return nullptr;
  }
  gsize start = 0;
  const gsize size = gst_memory_get_sizes(memory, &start, nullptr);
  if (kind == DeviceMemory::memfd && !keeps_its_size(gst_fd_memory_get_fd(memory))) return nullptr;
  uint64_t offset[2] = {GST_VIDEO_INFO_PLANE_OFFSET(&info, 0), GST_VIDEO_INFO_PLANE_OFFSET(&info, 1)};
  int64_t pitch[2] = {GST_VIDEO_INFO_PLANE_STRIDE(&info, 0), GST_VIDEO_INFO_PLANE_STRIDE(&info, 1)};
  // The buffer's own word on where its planes are goes before the caps'.
  const GstVideoMeta *meta = gst_buffer_get_video_meta(buffer);
  for (int plane = 0; meta != nullptr && meta->n_planes == 2 && plane < 2; plane++) {
    offset[plane] = meta->offset[plane];
    pitch[plane] = meta->stride[plane];
  }
  const uint64_t width = uint64_t(GST_VIDEO_INFO_WIDTH(&info));
  const uint64_t height = uint64_t(GST_VIDEO_INFO_HEIGHT(&info));
  refusal = Refusal::layout;
  for (int plane = 0; plane < 2; plane++) {
    const uint64_t rows = plane == 0 ? height : height / 2;
    if (pitch[plane] < int64_t(width) || offset[plane] > size) return nullptr;
    if (offset[plane] + (rows - 1) * uint64_t(pitch[plane]) + width > size) return nullptr;
  }
  refusal = Refusal::full;
  if (!count_in(false)) return nullptr;
  auto picture = std::make_shared<FilePicture>(buffer, hold_, info);
  picture->memory = kind;
  picture->file = gst_fd_memory_get_fd(memory);
  for (int plane = 0; plane < 2; plane++) {
    picture->offset[plane] = start + offset[plane];
    picture->pitch[plane] = uint64_t(pitch[plane]);
  }
  picture->file_bytes = start + size;
  if (identify(*picture)) return picture;
  refusal = Refusal::no_file;
  return nullptr;
}

std::shared_ptr<DevicePicture> DeviceCapture::take_surface(GstBuffer *buffer, const GstVideoInfo &info, Refusal &refusal,
                                                          bool at_once) {
  refusal = Refusal::not_wanted;
  const nv::SurfaceLibrary &library = nv::surface_library();
  if ((memories_ & uint32_t(DeviceMemory::nvmm)) == 0 || !library.problem.empty()) return nullptr;
  refusal = Refusal::no_file;
  // What such a buffer maps to is no picture: it is the surface's description, and is where it is for as long as the buffer.
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return nullptr;
  auto *surface = map.size >= sizeof(nv::Surface) ? reinterpret_cast<nv::Surface *>(map.data) : nullptr;
  gst_buffer_unmap(buffer, &map);
  if (surface == nullptr || surface->batch_size < 1 || surface->list == nullptr || surface->memory != nv::surface_array)
    return nullptr;
  const nv::SurfaceParams &params = surface->list[0];
  refusal = Refusal::layout;
  const auto width = uint32_t(GST_VIDEO_INFO_WIDTH(&info));
  if (params.layout != nv::pitch_layout || params.planes.count != 2 || params.planes.pitch[0] < width ||
      params.planes.pitch[1] < width || params.width < width || params.height < uint32_t(GST_VIDEO_INFO_HEIGHT(&info))) {
    return nullptr;
  }
  nv::MapParams description = {};
  if (library.get_map_params(surface, 0, &description) != 0) return nullptr;
  refusal = Refusal::full;
  if (!count_in(at_once)) return nullptr;
  auto picture = std::make_shared<SurfacePicture>(buffer, hold_, surface);
  picture->memory = DeviceMemory::nvmm;
  picture->file = int(params.file);
  picture->file_bytes = params.bytes;
  for (int plane = 0; plane < 2; plane++) {
    picture->offset[plane] = params.planes.offset[plane];
    picture->pitch[plane] = params.planes.pitch[plane];
  }
  const auto *bytes = reinterpret_cast<const uint8_t *>(&description);
  picture->description.assign(bytes, bytes + sizeof description);
  if (identify(*picture)) return picture;
  refusal = Refusal::no_file;
  return nullptr;
}

}  // namespace goshawk::gstreamer
