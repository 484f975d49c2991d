// libnvbufsurface.so without a Jetson: a surface is a file that is mapped.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <type_traits>

#include "../../plugins/nv_surface.h"
#include "stand_ins.h"

using goshawk::nv::MapParams;
using goshawk::nv::Surface;
using goshawk::nv::SurfaceParams;

namespace {

/// What lies behind `rest` here: the picture's planes.
struct Own {
  Surface surface;
  SurfaceParams params;
  Picture picture;
  size_t bytes;
};
SurfaceCounts counts;

}  // namespace

extern "C" {

SurfaceCounts *goshawk_test_surfaces() { return &counts; }

int NvBufSurfaceImport(Surface **out, const MapParams *params) {
  struct stat about = {};
  if (counts.refuses || ::fstat(int(params->file), &about) != 0) return -1;
  auto *own = new Own{};
  std::memcpy(&own->picture, params->rest, sizeof own->picture);
  own->bytes = size_t(about.st_size);
  own->picture.bytes = static_cast<uint8_t *>(::mmap(nullptr, own->bytes, PROT_READ, MAP_SHARED, int(params->file), 0));
  own->surface.list = &own->params;
  counts.surfaces += 1;
  *out = &own->surface;
  return 0;
}
int NvBufSurfaceDestroy(Surface *surface) {
  auto *own = reinterpret_cast<Own *>(surface);
  ::munmap(own->picture.bytes, own->bytes);
  delete own;
  counts.surfaces -= 1;
  return 0;
}
int NvBufSurfaceMapEglImage(Surface *surface, int) {
  if (counts.has_no_image) return -1;
  auto *own = reinterpret_cast<Own *>(surface);
  own->params.egl_image = &own->picture;
  counts.images += 1;
  return 0;
}
int NvBufSurfaceUnMapEglImage(Surface *, int) {
  counts.images -= 1;
  return 0;
}
int NvBufSurfaceMap(Surface *, int, int, int) { return -1; }
int NvBufSurfaceUnMap(Surface *, int, int) { return -1; }
int NvBufSurfaceSyncForCpu(Surface *, int, int) { return -1; }
int NvBufSurfaceGetMapParams(const Surface *, int, MapParams *) { return -1; }
}
