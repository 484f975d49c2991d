// libcuda.so.1 without a GPU, for what importing pictures calls: an EGL image is the surface itself, a dma-buf is mapped, and every
// object is counted. Compiled against CUDA's own header, so that what is called is what there is.
#include <cuda.h>
#include <sys/mman.h>

#include <cstdint>
#include <map>

#include "stand_ins.h"

Counts counts;

namespace {

std::map<CUdeviceptr, size_t> mapped;

struct ExternalMemory {
  int file;
  size_t bytes;
};

}  // namespace

extern "C" {

Counts *goshawk_test_cuda() { return &counts; }

CUresult cuGetErrorName(CUresult, const char **name) {
  *name = "CUDA_ERROR_OF_A_TEST";
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult, const char **words) {
  *words = "as it was told";
  return CUDA_SUCCESS;
}

CUresult cuGraphicsEGLRegisterImage(CUgraphicsResource *resource, void *image, unsigned flags) {
  if (counts.refuses || flags != CU_GRAPHICS_REGISTER_FLAGS_READ_ONLY) return CUDA_ERROR_INVALID_VALUE;
  counts.registered += 1;
  *resource = static_cast<CUgraphicsResource>(image);
  return CUDA_SUCCESS;
}

/// In CUeglFrame's order; native/test/cuda/egl_layout.cc holds it against cudaEGL.h.
struct Frame {
  void *plane[3];
  unsigned width, height, depth, pitch, plane_count, channels;
  int type, color;
  CUarray_format format;
};

CUresult cuGraphicsResourceGetMappedEglFrame(Frame *frame, CUgraphicsResource resource, unsigned, unsigned) {
  const auto *surface = reinterpret_cast<const Picture *>(resource);
  *frame = {};
  frame->plane[0] = surface->bytes + surface->offset[0];
  frame->plane[1] = surface->bytes + surface->offset[1];
  frame->width = surface->width;
  frame->height = surface->height;
  frame->pitch = surface->pitch[0];
  frame->plane_count = 2;
  frame->type = counts.block_linear ? 0 : 1;
  return CUDA_SUCCESS;
}

CUresult cuGraphicsUnregisterResource(CUgraphicsResource) {
  counts.registered -= 1;
  return CUDA_SUCCESS;
}

CUresult cuImportExternalMemory(CUexternalMemory *memory, const CUDA_EXTERNAL_MEMORY_HANDLE_DESC *what) {
  if (counts.refuses || what->type != CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD || what->flags != 0)
    return CUDA_ERROR_NOT_SUPPORTED;
  counts.external += 1;
  *memory = reinterpret_cast<CUexternalMemory>(new ExternalMemory{what->handle.fd, size_t(what->size)});
  return CUDA_SUCCESS;
}

CUresult cuExternalMemoryGetMappedBuffer(CUdeviceptr *at, CUexternalMemory memory, const CUDA_EXTERNAL_MEMORY_BUFFER_DESC *what) {
  const auto *external = reinterpret_cast<const ExternalMemory *>(memory);
  if (what->offset != 0 || what->size != external->bytes) return CUDA_ERROR_INVALID_VALUE;
  void *data = ::mmap(nullptr, external->bytes, PROT_READ, MAP_SHARED, external->file, 0);
  if (data == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
  *at = reinterpret_cast<CUdeviceptr>(data);
  mapped[*at] = external->bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemFree(CUdeviceptr at) {
  ::munmap(reinterpret_cast<void *>(at), mapped[at]);
  mapped.erase(at);
  return CUDA_SUCCESS;
}

CUresult cuDestroyExternalMemory(CUexternalMemory memory) {
  counts.external -= 1;
  delete reinterpret_cast<ExternalMemory *>(memory);
  return CUDA_SUCCESS;
}
}
