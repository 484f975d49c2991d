#pragma once

#include <gst/video/video.h>

#include "pipeline.h"

namespace goshawk::gstreamer {

/// The picture of a sample as nv12 in a block of the pool, both sides cut to an even number. Nothing where no block is free.
std::optional<Picture> copy_picture(GstVideoFrame &frame, BlockPool &pool);

}  // namespace goshawk::gstreamer
