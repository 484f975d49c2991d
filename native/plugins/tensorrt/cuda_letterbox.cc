#include "tensorrt_plugin.h"

namespace goshawk::tensorrt {

namespace {

/// The frame's bytes, copied to memory of the stream that grows with the largest frame seen.
goshawk_status upload(goshawk_stream &stream, const goshawk_image &image, goshawk_error *error) {
  const size_t bytes = size_t(image.byte_count);
  if (stream.frame_bytes < bytes) {
    if (stream.frame != 0) cuda().cuMemFree(stream.frame);
    stream.frame = 0;
    stream.frame_bytes = 0;
    const goshawk_status status = judge(cuda().cuMemAlloc(&stream.frame, bytes), "Memory for a frame", error);
    if (status != GOSHAWK_OK) return status;
    stream.frame_bytes = bytes;
  }
  return judge(cuda().cuMemcpyHtoDAsync(stream.frame, image.data, bytes, stream.stream), "The frame's copy", error);
}

/// One thread per pixel of the input. The picture belongs to the caller, who may let go of it when this returns.
goshawk_status launch(CUfunction kernel, const goshawk_stream &stream, const goshawk_letterbox &box, void **arguments,
                      goshawk_error *error) {
  constexpr unsigned side = 16;
  const unsigned columns = (unsigned(box.width) + side - 1) / side;
  const unsigned rows = (unsigned(box.height) + side - 1) / side;
  const goshawk_status launched =
      judge(cuda().cuLaunchKernel(kernel, columns, rows, 1, side, side, 1, 0, stream.stream, arguments, nullptr),
            "The letterbox kernel", error);
  if (launched != GOSHAWK_OK) return launched;
  return judge(cuda().cuStreamSynchronize(stream.stream), "The letterbox kernel", error);
}

}  // namespace

goshawk_status letterbox(goshawk_device *device, goshawk_stream *stream, const goshawk_image *image,
                         const goshawk_letterbox *box, const goshawk_buffer *destination, goshawk_error *error) {
  if (device->letterbox == nullptr || stream == nullptr) {
    return plugin::fail(error, GOSHAWK_UNSUPPORTED, "The letterbox kernel was not compiled or not given.");
  }
  const Current current(device->context);
  const goshawk_status status = upload(*stream, *image, error);
  if (status != GOSHAWK_OK) return status;
  goshawk_image source = *image;
  goshawk_letterbox place = *box;
  CUdeviceptr out = destination->device;
  void *arguments[] = {&stream->frame, &source, &place, &out};
  return launch(device->letterbox, *stream, *box, arguments, error);
}

/// No byte of the picture is copied: the kernel reads the decoder's buffer.
goshawk_status letterbox_image(goshawk_device *device, goshawk_stream *stream, const goshawk_device_image *image,
                               const goshawk_letterbox *box, const goshawk_buffer *destination, goshawk_error *error) {
  if ((device->picture_memories & image->memory) == 0 || stream == nullptr) {
    return plugin::fail(error, GOSHAWK_UNSUPPORTED, "This GPU takes no pictures in such memory.");
  }
  const Current current(device->context);
  return plugin::guarded(error, [&]() -> goshawk_status {
    PlaneAddresses planes;
    const auto picture = find_picture(device->pictures, *image, planes, error);
    if (picture == nullptr) return error->code;
    goshawk_letterbox place = *box;
    CUdeviceptr out = destination->device;
    uint32_t width = image->width;
    uint32_t height = image->height;
    void *arguments[] = {&planes.luma, &planes.luma_pitch, &planes.chroma, &planes.chroma_pitch,
                         &width,       &height,            &place,         &out};
    return launch(device->letterbox_planes, *stream, *box, arguments, error);
  });
}

}  // namespace goshawk::tensorrt
