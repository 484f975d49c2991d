// The few fields and functions of a Jetson's libnvbufsurface that pictures in its memory need: opened at run time, because its
// headers are on the board alone. Where the fields are was read in nvbufsurface.h of JetPack 6 (L4T 36, "NvBufSurface
// Interface"); the asserts below are that header's arithmetic for 64 bits. NvBufSurfaceImport is not in JetPack 5.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "symbol.h"

namespace goshawk::nv {

constexpr uint32_t most_planes = 4;
/// NVBUF_MEM_SURFACE_ARRAY: memory whose bufferDesc is a dma-buf.
constexpr uint32_t surface_array = 4;
/// NVBUF_LAYOUT_PITCH: rows one after the other, as nobody else reads block linear.
constexpr uint32_t pitch_layout = 0;
/// NVBUF_MAP_READ
constexpr int map_read = 0;

/// NvBufSurfacePlaneParams
struct Planes {
  uint32_t count;
  uint32_t width[most_planes];
  uint32_t height[most_planes];
  uint32_t pitch[most_planes];
  uint32_t offset[most_planes];
  uint32_t bytes[most_planes];
  uint32_t bytes_per_pixel[most_planes];
  void *reserved[4 * most_planes];
};

/// NvBufSurfaceParams, up to what is read of it.
struct SurfaceParams {
  uint32_t width;
  uint32_t height;
  uint32_t pitch;
  uint32_t color_format;
  uint32_t layout;
  uint64_t file;
  uint32_t bytes;
  void *data;
  Planes planes;
  void *address[most_planes];
  void *egl_image;
};
static_assert(offsetof(SurfaceParams, file) == 24 && offsetof(SurfaceParams, planes) == 48 && sizeof(Planes) == 232 &&
                  offsetof(SurfaceParams, address) == 280 && offsetof(SurfaceParams, egl_image) == 312,
              "The layout of NvBufSurfaceParams on a machine of 64 bits.");

/// NvBufSurface, up to what is read of it.
struct Surface {
  uint32_t gpu;
  uint32_t batch_size;
  uint32_t filled;
  bool contiguous;
  uint32_t memory;
  SurfaceParams *list;
};
static_assert(offsetof(Surface, memory) == 16 && offsetof(Surface, list) == 24, "The layout of NvBufSurface.");

/// NvBufSurfaceMapParams: goes to another process as it is, but for its file.
struct MapParams {
  uint32_t planes;
  uint32_t gpu;
  uint64_t file;
  /// 520 bytes in JetPack 6; room for more.
  uint8_t rest[1024 - 16];
};
static_assert(sizeof(MapParams) == 1024, "As much as a description may have.");

struct SurfaceLibrary {
  int (*map)(Surface *, int index, int plane, int how) = nullptr;
  int (*unmap)(Surface *, int index, int plane) = nullptr;
  int (*sync_for_cpu)(Surface *, int index, int plane) = nullptr;
  int (*get_map_params)(const Surface *, int index, MapParams *) = nullptr;
  int (*import)(Surface **, const MapParams *) = nullptr;
  int (*destroy)(Surface *) = nullptr;
  int (*map_egl_image)(Surface *, int index) = nullptr;
  int (*unmap_egl_image)(Surface *, int index) = nullptr;
  /// "": it can be used.
  std::string problem;
};

/// Never unloaded.
inline SurfaceLibrary open_surface_library(const char *file = "libnvbufsurface.so.1.0.0") {
  SurfaceLibrary table;
  void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) library = dlopen("libnvbufsurface.so", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char *words = dlerror();
    table.problem = words != nullptr ? words : "libnvbufsurface.so does not load";
    return table;
  }
  const auto find = [&](auto &function, const char *name) {
    const bool there = plugin::find_symbol(library, function, name);
    if (!there && table.problem.empty()) table.problem = std::string("libnvbufsurface.so has no ") + name;
  };
  find(table.map, "NvBufSurfaceMap");
  find(table.unmap, "NvBufSurfaceUnMap");
  find(table.sync_for_cpu, "NvBufSurfaceSyncForCpu");
  find(table.get_map_params, "NvBufSurfaceGetMapParams");
  find(table.import, "NvBufSurfaceImport");
  find(table.destroy, "NvBufSurfaceDestroy");
  find(table.map_egl_image, "NvBufSurfaceMapEglImage");
  find(table.unmap_egl_image, "NvBufSurfaceUnMapEglImage");
  return table;
}

inline const SurfaceLibrary &surface_library() {
  static const SurfaceLibrary table = open_surface_library();
  return table;
}

}  // namespace goshawk::nv
