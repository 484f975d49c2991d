// Importing pictures for CUDA, against stand-ins for the driver and for a Jetson's library: what is imported is read by the
// kernel's arithmetic, what is refused says why, and nothing is left of either.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <type_traits>
#include <vector>

#include "../../plugins/letterbox_arithmetic.h"
#include "../../plugins/nv_surface.h"
#include "../../plugins/tensorrt/picture_import.h"
#include "../check.h"
#include "../open_files.h"
#include "stand_ins.h"

extern "C" Counts *goshawk_test_cuda();
extern "C" SurfaceCounts *goshawk_test_surfaces();

namespace {

using goshawk::test::open_files;
using goshawk::tensorrt::find_picture;
using goshawk::tensorrt::importable_memories;
using goshawk::tensorrt::PictureImports;
using goshawk::tensorrt::PlaneAddresses;

constexpr uint32_t width = 32, height = 24, pitch = 48, chroma_pitch = 64;

struct Error : goshawk_error {
  Error() : goshawk_error{} { struct_size = sizeof *this; }
};

/// A decoder's buffer.
struct Buffer {
  explicit Buffer(uint32_t memory, uint8_t seed) : bytes(pitch * height + chroma_pitch * height / 2) {
    for (size_t i = 0; i < bytes.size(); i++) bytes[i] = uint8_t(i * 31 + seed);
    image.struct_size = sizeof image;
    image.memory = memory;
    image.width = width;
    image.height = height;
    image.offset[1] = pitch * height;
    image.pitch[0] = pitch;
    image.pitch[1] = chroma_pitch;
    image.file_bytes = bytes.size();
    image.pool = 1;
    image.file = ::memfd_create("buffer", MFD_CLOEXEC);
    CHECK(::ftruncate(image.file, off_t(bytes.size())) == 0);
    CHECK(::pwrite(image.file, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
    struct stat about = {};
    CHECK(::fstat(image.file, &about) == 0);
    image.buffer = about.st_ino;
    goshawk::nv::MapParams params = {};
    const Picture picture = {nullptr, width, height, {pitch, chroma_pitch}, {0, pitch * height}};
    std::memcpy(params.rest, &picture, sizeof picture);
    // The number that it had in the process that it comes from.
    params.file = 999;
    image.description_bytes = sizeof params;
    std::memcpy(image.description, &params, sizeof params);
  }
  ~Buffer() { ::close(image.file); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  goshawk_device_image image = {};
  std::vector<uint8_t> bytes;
};

/// As the kernel reads it, from the imported addresses and from the bytes themselves.
void reads_the_same(const PlaneAddresses &imported, const Buffer &buffer) {
  using goshawk::letterboxing::Rows;
  const Rows there = {reinterpret_cast<const uint8_t *>(imported.luma), size_t(imported.luma_pitch),
                      reinterpret_cast<const uint8_t *>(imported.chroma), size_t(imported.chroma_pitch), GOSHAWK_NV12, width, height};
  const Rows own = {buffer.bytes.data(), pitch, buffer.bytes.data() + pitch * height, chroma_pitch, GOSHAWK_NV12, width, height};
  goshawk_letterbox box = {};
  box.width = box.resized_width = 20;
  box.height = box.resized_height = 15;
  for (float &alpha : box.alpha) alpha = 1;
  for (int y = 0; y < box.height; y++) {
    for (int x = 0; x < box.width; x++) {
      float a[3], b[3];
      goshawk::letterboxing::values_at(there, box, x, y, a);
      goshawk::letterboxing::values_at(own, box, x, y, b);
      CHECK(std::memcmp(a, b, sizeof a) == 0);
    }
  }
}

void imports_each_buffer_once(uint32_t memory) {
  const int before = open_files();
  {
    Buffer first(memory, 1), second(memory, 2);
    PictureImports imports(8);
    Error error;
    for (int i = 0; i < 10; i++) {
      for (const Buffer *buffer : {&first, &second}) {
        PlaneAddresses planes;
        const auto found = find_picture(imports, buffer->image, planes, &error);
        CHECK(found != nullptr);
        reads_the_same(planes, *buffer);
      }
    }
    CHECK(imports.imports() == 2);
    CHECK(goshawk_test_cuda()->registered + goshawk_test_cuda()->external == 2);
    imports.forget(1);
    CHECK(goshawk_test_cuda()->registered + goshawk_test_cuda()->external == 0);
  }
  CHECK(goshawk_test_surfaces()->surfaces == 0 && goshawk_test_surfaces()->images == 0);
  CHECK(open_files() == before);
}

/// What was imported for one picture is not read as another one.
void reads_each_picture_where_it_is() {
  Buffer buffer(GOSHAWK_MEMORY_DMABUF, 4);
  PictureImports imports(8);
  PlaneAddresses planes;
  Error error;
  // The first half of it: its memory ends before that of the whole one.
  goshawk_device_image half = buffer.image;
  half.height = height / 2;
  half.offset[1] = pitch * half.height;
  half.file_bytes = half.offset[1] + chroma_pitch * half.height / 2;
  CHECK(find_picture(imports, half, planes, &error) != nullptr);
  const auto whole = find_picture(imports, buffer.image, planes, &error);
  CHECK(whole != nullptr && imports.imports() == 2 && imports.size() == 1);
  reads_the_same(planes, buffer);
  // In what was imported of the whole one the half has its own place.
  CHECK(find_picture(imports, half, planes, &error) == whole && planes.chroma - planes.luma == half.offset[1]);
  goshawk_device_image beyond = buffer.image;
  beyond.height = height + 2;
  CHECK(find_picture(imports, beyond, planes, &error) == nullptr && std::strstr(error.message, "inside of its memory") != nullptr);
}

/// The surface says how large it is, whatever the picture says.
void refuses_more_than_the_surface_has() {
  Buffer buffer(GOSHAWK_MEMORY_NVMM, 5);
  PictureImports imports(8);
  PlaneAddresses planes;
  Error error;
  buffer.image.file_bytes *= 4;
  CHECK(find_picture(imports, buffer.image, planes, &error) != nullptr);
  goshawk_device_image larger = buffer.image;
  larger.height = height * 2;
  CHECK(find_picture(imports, larger, planes, &error) == nullptr);
  CHECK(error.code == GOSHAWK_INVALID && std::strstr(error.message, "larger than") != nullptr);
  larger.height = height;
  larger.width = pitch;
  CHECK(find_picture(imports, larger, planes, &error) == nullptr);
}

/// One thing is wrong; nothing is left behind.
void refuses(const char *words, uint32_t memory, bool &fault) {
  const int before = open_files();
  {
    Buffer buffer(memory, 3);
    Error error;
    fault = true;
    PictureImports imports(8);
    PlaneAddresses planes;
    CHECK(find_picture(imports, buffer.image, planes, &error) == nullptr);
    fault = false;
    CHECK(std::strstr(error.message, words) != nullptr);
  }
  CHECK(goshawk_test_surfaces()->surfaces == 0 && goshawk_test_surfaces()->images == 0);
  CHECK(goshawk_test_cuda()->registered == 0 && goshawk_test_cuda()->external == 0);
  CHECK(open_files() == before);
}

void knows_what_a_board_imports() {
  constexpr uint32_t surfaces = GOSHAWK_MEMORY_NVMM, both = GOSHAWK_MEMORY_NVMM | GOSHAWK_MEMORY_DMABUF;
  CHECK(importable_memories(true, 12060, 8) == surfaces);
  // Orin with CUDA 13: importing is Thor's.
  CHECK(importable_memories(true, 13020, 8) == surfaces);
  CHECK(importable_memories(true, 13000, 11) == both);
  CHECK(importable_memories(false, 13000, 12) == 0);
}

}  // namespace

int main() {
  static_assert(CU_EXTERNAL_MEMORY_HANDLE_TYPE_DMABUF_FD == 9, "picture_import.cc says so");
  knows_what_a_board_imports();
  imports_each_buffer_once(GOSHAWK_MEMORY_NVMM);
  imports_each_buffer_once(GOSHAWK_MEMORY_DMABUF);
  reads_each_picture_where_it_is();
  refuses_more_than_the_surface_has();
  refuses("NvBufSurfaceImport refuses", GOSHAWK_MEMORY_NVMM, goshawk_test_surfaces()->refuses);
  refuses("makes no image", GOSHAWK_MEMORY_NVMM, goshawk_test_surfaces()->has_no_image);
  refuses("as it was told", GOSHAWK_MEMORY_NVMM, goshawk_test_cuda()->refuses);
  refuses("block linear", GOSHAWK_MEMORY_NVMM, goshawk_test_cuda()->block_linear);
  refuses("as it was told", GOSHAWK_MEMORY_DMABUF, goshawk_test_cuda()->refuses);
  std::puts("ok");
  return 0;
}
