#include "memfd_allocator.h"

#include <gst/allocators/allocators.h>
#include <sys/mman.h>
#include <unistd.h>

namespace goshawk::gstreamer {

namespace {

/// Memory of GstFdAllocator, which knows how to map and share it, in a file made for it.
GstMemory *allocate(GstAllocator *allocator, gsize size, GstAllocationParams *params) {
  const gsize whole = size + params->prefix + params->padding;
  const int file = memfd_create("goshawk-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return nullptr;
  if (ftruncate(file, off_t(whole)) != 0) {
    close(file);
    return nullptr;
  }
  GstMemory *memory = gst_fd_allocator_alloc(allocator, file, whole, GST_FD_MEMORY_FLAG_KEEP_MAPPED);
  if (memory == nullptr) {
    close(file);
    return nullptr;
  }
  gst_memory_resize(memory, gssize(params->prefix), size);
  return memory;
}

void set_up_class(gpointer type_class, gpointer) { GST_ALLOCATOR_CLASS(type_class)->alloc = allocate; }

/// GstFdAllocator refuses to allocate, and says so by this flag.
void set_up(GTypeInstance *instance, gpointer) {
  GST_OBJECT_FLAG_UNSET(reinterpret_cast<GstAllocator *>(instance), GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

/// A type can't be taken back: the addon is linked with `-z nodelete` and stays loaded.
GType memfd_allocator_type() {
  static const GType type =
      g_type_register_static_simple(GST_TYPE_FD_ALLOCATOR, "GoshawkMemfdAllocator", sizeof(GstFdAllocatorClass), set_up_class,
                                    sizeof(GstFdAllocator), set_up, GTypeFlags(0));
  return type;
}

}  // namespace

GstAllocator *memfd_allocator() {
  auto *allocator = static_cast<GstAllocator *>(g_object_new(memfd_allocator_type(), nullptr));
  // A new one is floating: nobody's yet.
  gst_object_ref_sink(allocator);
  return allocator;
}

}  // namespace goshawk::gstreamer
