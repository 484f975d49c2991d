// Memory with a file behind it, for elements that ask where to write. GStreamer has the same from 1.24 on
// (GstShmAllocator); this one is there in every version, JetPack 6's 1.20 among them.
#pragma once

#include <gst/gst.h>

namespace goshawk::gstreamer {

/// A new reference.
GstAllocator *memfd_allocator();

}  // namespace goshawk::gstreamer
