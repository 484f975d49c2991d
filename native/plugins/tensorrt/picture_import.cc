#include "picture_import.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "../nv_surface.h"
#include "../symbol.h"
#include "egl_frame.h"

namespace goshawk::tensorrt {

using plugin::fail;

namespace {

/// CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD: a word of CUDA 13's header, which older boards compile without. "Importing a
/// dma_buf object is supported only on Tegra Jetson platform starting with Thor series" (cuda.h 13.0, cuImportExternalMemory).
constexpr auto dmabuf_handle = static_cast<CUexternalMemoryHandleType>(9);
constexpr int first_driver_with_dmabuf = 13000;
/// Orin's is 8, Thor's 10 or 11 by the version of CUDA.
constexpr int first_gpu_with_dmabuf = 10;

/// Of the same library as the rest of the driver; null where it has no EGL.
struct OptionalDriver {
  CUresult (*register_image)(CUgraphicsResource *, void *image, unsigned flags) = nullptr;
  CUresult (*mapped_frame)(EglFrame *, CUgraphicsResource, unsigned index, unsigned level) = nullptr;
  CUresult (*unregister)(CUgraphicsResource) = nullptr;
  CUresult (*import)(CUexternalMemory *, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC *) = nullptr;
  CUresult (*mapped_buffer)(CUdeviceptr *, CUexternalMemory, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC *) = nullptr;
  CUresult (*destroy)(CUexternalMemory) = nullptr;

  bool has_surfaces() const { return register_image != nullptr && mapped_frame != nullptr && unregister != nullptr; }
  bool has_files() const { return import != nullptr && mapped_buffer != nullptr && destroy != nullptr; }
};

/// Not among the functions that the plugin can't do without: a driver of a server has no surfaces.
const OptionalDriver &optional_driver() {
  static const OptionalDriver table = [] {
    OptionalDriver t;
    void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return t;
    const auto find = [library](auto &function, const char *name) { plugin::find_symbol(library, function, name); };
    find(t.register_image, "cuGraphicsEGLRegisterImage");
    find(t.mapped_frame, "cuGraphicsResourceGetMappedEglFrame");
    find(t.unregister, "cuGraphicsUnregisterResource");
    find(t.import, "cuImportExternalMemory");
    find(t.mapped_buffer, "cuExternalMemoryGetMappedBuffer");
    find(t.destroy, "cuDestroyExternalMemory");
    return t;
  }();
  return table;
}

/// A descriptor of our own for the time of the import, and as long as it is kept.
class OwnFile {
 public:
  explicit OwnFile(int file) : file_(::fcntl(file, F_DUPFD_CLOEXEC, 3)) {}
  ~OwnFile() {
    if (file_ >= 0) ::close(file_);
  }
  OwnFile(const OwnFile &) = delete;
  OwnFile &operator=(const OwnFile &) = delete;
  int number() const { return file_; }

 private:
  const int file_;
};

/// JetPack 6: the board's library makes an EGL image of the surface, which CUDA takes.
struct SurfaceImport : ImportedPicture {
  explicit SurfaceImport(int file) : file(file) {}
  ~SurfaceImport() override {
    const nv::SurfaceLibrary &library = nv::surface_library();
    if (resource != nullptr) optional_driver().unregister(resource);
    if (has_image) library.unmap_egl_image(surface, 0);
    if (surface != nullptr) library.destroy(surface);
  }
  bool locate(const goshawk_device_image &image, PlaneAddresses &planes) const override {
    planes = addresses;
    return image.width <= width && image.height <= height && image.width <= planes.luma_pitch &&
           image.width <= planes.chroma_pitch;
  }
  // Goes last: the surface names it.
  OwnFile file;
  nv::Surface *surface = nullptr;
  bool has_image = false;
  CUgraphicsResource resource = nullptr;
  uint32_t width = 0;
  uint32_t height = 0;
  PlaneAddresses addresses;
};

/// Thor and newer: CUDA takes the dma-buf itself.
struct FileImport : ImportedPicture {
  explicit FileImport(int file) : file(file) {}
  ~FileImport() override {
    if (base != 0) cuda().cuMemFree(base);
    if (memory != nullptr) optional_driver().destroy(memory);
  }
  bool locate(const goshawk_device_image &image, PlaneAddresses &planes) const override {
    planes = {base + image.offset[0], base + image.offset[1], image.pitch[0], image.pitch[1]};
    return image.file_bytes <= bytes;
  }
  OwnFile file;
  CUexternalMemory memory = nullptr;
  CUdeviceptr base = 0;
  uint64_t bytes = 0;
};

std::shared_ptr<ImportedPicture> import_surface(const goshawk_device_image &image, goshawk_error *error) {
  const nv::SurfaceLibrary &library = nv::surface_library();
  const OptionalDriver &driver = optional_driver();
  if (!library.problem.empty() || !driver.has_surfaces() || image.description_bytes != sizeof(nv::MapParams)) {
    fail(error, GOSHAWK_UNSUPPORTED, "Surfaces of a Jetson can't be imported here: " + library.problem);
    return nullptr;
  }
  auto imported = std::make_shared<SurfaceImport>(image.file);
  nv::MapParams params;
  std::memcpy(&params, image.description, sizeof params);
  params.file = uint64_t(imported->file.number());
  if (imported->file.number() < 0 || library.import(&imported->surface, &params) != 0 || imported->surface == nullptr) {
    fail(error, GOSHAWK_FAILED, "NvBufSurfaceImport refuses the picture's surface.");
    return nullptr;
  }
  imported->has_image = library.map_egl_image(imported->surface, 0) == 0;
  void *egl_image = imported->has_image ? imported->surface->list[0].egl_image : nullptr;
  if (egl_image == nullptr) {
    fail(error, GOSHAWK_FAILED, "NvBufSurfaceMapEglImage makes no image of the picture's surface.");
    return nullptr;
  }
  const unsigned read_only = CU_GRAPHICS_REGISTER_FLAGS_READ_ONLY;
  if (judge(driver.register_image(&imported->resource, egl_image, read_only), "The surface's registration", error) != GOSHAWK_OK)
    return nullptr;
  EglFrame frame = {};
  if (judge(driver.mapped_frame(&frame, imported->resource, 0, 0), "The surface's frame", error) != GOSHAWK_OK)
    return nullptr;
  if (frame.type != type_pitch || frame.plane_count < 2 || frame.width < image.width || frame.height < image.height ||
      frame.pitch < image.width) {
    fail(error, GOSHAWK_UNSUPPORTED, "The picture's surface is block linear, or no nv12.");
    return nullptr;
  }
  imported->width = frame.width;
  imported->height = frame.height;
  // The frame tells the first plane's pitch alone.
  imported->addresses = {reinterpret_cast<CUdeviceptr>(frame.plane[0]), reinterpret_cast<CUdeviceptr>(frame.plane[1]),
                         frame.pitch, image.pitch[1]};
  return imported;
}

std::shared_ptr<ImportedPicture> import_file(const goshawk_device_image &image, goshawk_error *error) {
  const OptionalDriver &driver = optional_driver();
  auto imported = std::make_shared<FileImport>(image.file);
  if (!driver.has_files() || imported->file.number() < 0) {
    fail(error, GOSHAWK_UNSUPPORTED, "This driver imports no dma-buf.");
    return nullptr;
  }
  CUDA_EXTERNAL_MEMORY_HANDLE_DESC handle = {};
  handle.type = dmabuf_handle;
  handle.handle.fd = imported->file.number();
  handle.size = image.file_bytes;
  if (judge(driver.import(&imported->memory, &handle), "The import of the picture's memory", error) != GOSHAWK_OK)
    return nullptr;
  CUDA_EXTERNAL_MEMORY_BUFFER_DESC whole = {};
  whole.size = image.file_bytes;
  if (judge(driver.mapped_buffer(&imported->base, imported->memory, &whole), "The picture's address", error) != GOSHAWK_OK)
    return nullptr;
  imported->bytes = image.file_bytes;
  return imported;
}

std::shared_ptr<ImportedPicture> import_picture(const goshawk_device_image &image, goshawk_error *error) {
  return image.memory == GOSHAWK_MEMORY_NVMM ? import_surface(image, error) : import_file(image, error);
}

}  // namespace

std::shared_ptr<ImportedPicture> find_picture(PictureImports &imports, const goshawk_device_image &image,
                                              PlaneAddresses &planes, goshawk_error *error) {
  if (!plugin::planes_fit(image)) {
    fail(error, GOSHAWK_INVALID, "The picture's planes do not lie inside of its memory.");
    return nullptr;
  }
  auto picture = imports.find(image.pool, image.buffer, image.file_bytes, [&] { return import_picture(image, error); });
  if (picture == nullptr || picture->locate(image, planes)) return picture;
  fail(error, GOSHAWK_INVALID, "The picture is larger than the memory that was imported for it.");
  return nullptr;
}

uint32_t importable_memories(bool integrated, int driver_version, int compute_major) {
  // Elsewhere the GPU has memory of its own, and no decoder of the board writes there.
  if (!integrated) return 0;
  uint32_t memories = 0;
  if (optional_driver().has_surfaces() && nv::surface_library().problem.empty()) memories |= GOSHAWK_MEMORY_NVMM;
  const bool takes_files = driver_version >= first_driver_with_dmabuf && compute_major >= first_gpu_with_dmabuf;
  if (takes_files && optional_driver().has_files()) memories |= GOSHAWK_MEMORY_DMABUF;
  return memories;
}

}  // namespace goshawk::tensorrt
