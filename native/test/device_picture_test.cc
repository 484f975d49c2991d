// Pictures that stay in their memory: what is imported, how long it is kept, and that no descriptor is left.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "../plugins/import_cache.h"
#include "../plugins/letterbox_arithmetic.h"
#include "../plugins/reference/mapped_picture.h"
#include "../src/base/device_picture.h"
#include "../src/core/engine.h"
#include "../src/preprocess/letterbox.h"
#include "check.h"
#include "open_files.h"

namespace goshawk::test {

namespace {

using plugin::ImportCache;
using reference::MappedPicture;
using reference::PictureCache;

/// nv12 in a file of its own, with planes anywhere in it.
struct FilePicture {
  FilePicture(uint32_t width, uint32_t height, uint64_t luma_pitch, uint64_t chroma_pitch, uint64_t gap, Random &random) {
    image.struct_size = sizeof image;
    image.memory = GOSHAWK_MEMORY_MEMFD;
    image.width = width;
    image.height = height;
    image.offset[0] = gap;
    image.pitch[0] = luma_pitch;
    image.offset[1] = gap + luma_pitch * height + gap;
    image.pitch[1] = chroma_pitch;
    image.file_bytes = image.offset[1] + chroma_pitch * (height / 2);
    image.file = ::memfd_create("picture", MFD_CLOEXEC);
    CHECK(image.file >= 0 && ::ftruncate(image.file, off_t(image.file_bytes)) == 0);
    bytes.resize(image.file_bytes);
    for (uint8_t &byte : bytes) byte = uint8_t(random.next());
    CHECK(::pwrite(image.file, bytes.data(), bytes.size(), 0) == ssize_t(bytes.size()));
    struct stat about = {};
    CHECK(::fstat(image.file, &about) == 0);
    image.buffer = about.st_ino;
    image.pool = 1;
  }
  ~FilePicture() { ::close(image.file); }
  FilePicture(const FilePicture &) = delete;
  FilePicture &operator=(const FilePicture &) = delete;

  /// The same in one piece, as a frame that was copied has it.
  std::vector<uint8_t> tight() const {
    std::vector<uint8_t> out;
    for (int plane = 0; plane < 2; plane++) {
      for (uint32_t y = 0; y < (plane == 0 ? image.height : image.height / 2); y++) {
        const uint8_t *row = bytes.data() + image.offset[plane] + y * image.pitch[plane];
        out.insert(out.end(), row, row + image.width);
      }
    }
    return out;
  }

  goshawk_device_image image = {};
  std::vector<uint8_t> bytes;
};

goshawk_letterbox box_of(const InputSpec &spec, const Geometry &place) {
  goshawk_letterbox box = {};
  box.struct_size = sizeof box;
  box.dtype = GOSHAWK_FLOAT32;
  box.channels_last = spec.channels_last;
  box.bgr = spec.bgr;
  box.width = spec.width;
  box.height = spec.height;
  box.left = place.left;
  box.top = place.top;
  box.resized_width = place.width;
  box.resized_height = place.height;
  box.pad = spec.pad;
  for (int c = 0; c < 3; c++) {
    box.alpha[c] = spec.alpha[c];
    box.beta[c] = spec.beta[c];
  }
  return box;
}

/// In its memory and copied out of it: the same bits, by the device's letterbox and by the processor's.
void reads_the_same_where_it_is(Random &random) {
  const uint32_t width = uint32_t(random.between(1, 60)) * 2;
  const uint32_t height = uint32_t(random.between(1, 60)) * 2;
  FilePicture picture(width, height, width + uint64_t(random.between(0, 40)), width + uint64_t(random.between(0, 40)),
                      uint64_t(random.between(0, 200)), random);
  const std::vector<uint8_t> tight = picture.tight();
  InputSpec spec;
  spec.width = random.between(8, 50);
  spec.height = random.between(8, 50);
  spec.channels_last = random.between(0, 1) == 1;
  spec.bgr = random.between(0, 1) == 1;
  const size_t count = size_t(spec.width) * size_t(spec.height) * 3;
  const goshawk_letterbox box = box_of(spec, letterbox_geometry(int(width), int(height), spec));
  std::vector<float> there(count), copied(count);
  goshawk_buffer destination = {};
  destination.bytes = count * sizeof(float);
  goshawk_error error = {};
  error.struct_size = sizeof error;
  PictureCache cache(4);
  destination.host = there.data();
  CHECK(reference::letterbox_mapped(cache, picture.image, box, destination, &error) == GOSHAWK_OK);
  destination.host = copied.data();
  const goshawk_image host = {sizeof(goshawk_image), GOSHAWK_NV12, width, height, width, tight.data(), tight.size()};
  CHECK(reference::letterbox_on_host(host, box, destination, &error) == GOSHAWK_OK);
  CHECK(std::memcmp(there.data(), copied.data(), count * sizeof(float)) == 0);

  Image image;
  image.width = width;
  image.height = height;
  image.encoding = Encoding::nv12;
  image.data = tight.data();
  image.bytes = tight.size();
  image.step = width;
  Letterbox(spec).run(image, copied.data());
  image.data = picture.bytes.data() + picture.image.offset[0];
  image.step = size_t(picture.image.pitch[0]);
  image.chroma = picture.bytes.data() + picture.image.offset[1];
  image.chroma_step = size_t(picture.image.pitch[1]);
  Letterbox(spec).run(image, there.data());
  CHECK(std::memcmp(there.data(), copied.data(), count * sizeof(float)) == 0);
}

/// Whatever another process or a decoder says of its planes.
void reads_nothing_beyond_its_file(Random &random) {
  FilePicture picture(16, 16, 16, 16, 0, random);
  goshawk_device_image wrong = picture.image;
  switch (random.between(0, 6)) {
    case 0: wrong.offset[random.between(0, 1)] = uint64_t(random.next()) << random.between(0, 40); break;
    case 1: wrong.pitch[random.between(0, 1)] = uint64_t(random.next()) << random.between(0, 40); break;
    case 2: wrong.width = random.next(); break;
    case 3: wrong.height = random.next(); break;
    case 4: wrong.file_bytes += uint64_t(random.between(1, 1 << 20)); break;
    case 5: wrong.file = -1; break;
    default: wrong.file_bytes = 0; break;
  }
  std::vector<float> out(8 * 8 * 3);
  goshawk_buffer destination = {};
  destination.host = out.data();
  destination.bytes = out.size() * sizeof(float);
  InputSpec spec;
  spec.width = spec.height = 8;
  goshawk_error error = {};
  error.struct_size = sizeof error;
  PictureCache cache(4);
  const goshawk_letterbox box = box_of(spec, letterbox_geometry(16, 16, spec));
  const goshawk_status status = reference::letterbox_mapped(cache, wrong, box, destination, &error);
  CHECK(status == GOSHAWK_OK ? plugin::planes_fit(wrong) : error.message[0] != '\0');
}

/// A decoder repeats its buffers; the pool's end lets go of what nobody uses, and what is used goes with its user.
void imports_a_buffer_once() {
  ImportCache<int> cache(3);
  int made = 0;
  const auto find = [&](uint64_t pool, uint64_t buffer) {
    return cache.find(pool, buffer, 100, [&] { return std::make_shared<int>(++made); });
  };
  CHECK(*find(1, 10) == 1 && *find(1, 11) == 2 && *find(1, 10) == 1 && made == 2);
  // Another pool may have a buffer of that number.
  CHECK(*find(2, 10) == 3 && cache.size() == 3);
  // The one that was used longest ago gives way.
  CHECK(*find(2, 12) == 4 && cache.size() == 3 && *find(1, 10) == 1 && *find(1, 11) == 5);
  const std::shared_ptr<int> used = find(2, 12);
  cache.forget(2);
  CHECK(cache.size() == 2 && *used == 4 && used.use_count() == 1);
  cache.forget(7);
  // What can't be imported is tried again.
  CHECK(cache.find(9, 9, 100, [] { return std::shared_ptr<int>(); }) == nullptr && cache.size() == 2);
  cache.clear();
  CHECK(cache.size() == 0);
}

/// By bytes as by number, and what is larger than all may be is not kept.
void keeps_so_many_bytes() {
  ImportCache<int> cache(8, 1000);
  int made = 0;
  const auto find = [&](uint64_t buffer, uint64_t bytes) {
    return *cache.find(1, buffer, bytes, [&] { return std::make_shared<int>(++made); });
  };
  CHECK(find(10, 400) == 1 && find(11, 400) == 2 && find(12, 200) == 3 && cache.size() == 3);
  // 400 more: the two that were used longest ago give way to 600.
  CHECK(find(10, 400) == 1 && find(13, 600) == 4 && cache.size() == 2 && find(10, 400) == 1 && find(13, 600) == 4);
  CHECK(find(14, 1001) == 5 && cache.size() == 0 && find(14, 1001) == 6);
  // Room is room again.
  CHECK(find(10, 1000) == 7 && cache.size() == 1);
  cache.forget(1);
  CHECK(find(11, 1000) == 8 && cache.size() == 1);
  cache.clear();
  CHECK(find(12, 1000) == 9 && cache.size() == 1);
}

/// A pipeline's pictures may change their size, and a pool may give the same memory for them: what was imported for a smaller
/// one is not read as a larger one.
void imports_anew_what_became_larger(Random &random) {
  FilePicture large(32, 32, 64, 64, 0, random);
  goshawk_device_image small = large.image;
  small.width = small.height = 16;
  small.offset[1] = small.pitch[0] * small.height;
  small.file_bytes = small.offset[1] + small.pitch[1] * small.height / 2;
  InputSpec spec;
  spec.width = spec.height = 32;
  const goshawk_letterbox box = box_of(spec, letterbox_geometry(32, 32, spec));
  std::vector<float> there(32 * 32 * 3), copied(there.size());
  goshawk_buffer destination = {};
  destination.bytes = there.size() * sizeof(float);
  destination.host = there.data();
  goshawk_error error = {};
  error.struct_size = sizeof error;
  PictureCache cache(4);
  for (const goshawk_device_image *image : {&small, &large.image, &small, &large.image})
    CHECK(reference::letterbox_mapped(cache, *image, box, destination, &error) == GOSHAWK_OK);
  CHECK(cache.imports() == 2 && cache.size() == 1);
  const auto kept = cache.find(large.image.pool, large.image.buffer, 1, [] { return std::shared_ptr<MappedPicture>(); });
  CHECK(kept != nullptr && kept->bytes() == large.image.file_bytes);
  destination.host = copied.data();
  const std::vector<uint8_t> tight = large.tight();
  const goshawk_image host = {sizeof(goshawk_image), GOSHAWK_NV12, 32, 32, 32, tight.data(), tight.size()};
  CHECK(reference::letterbox_on_host(host, box, destination, &error) == GOSHAWK_OK);
  CHECK(std::memcmp(there.data(), copied.data(), copied.size() * sizeof(float)) == 0);
}

void shares_imports_between_threads() {
  ImportCache<int> cache(8);
  std::atomic<int> made{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; i++) {
        const auto found = cache.find(uint64_t(i / 100), uint64_t(i % 6), 1, [&] { return std::make_shared<int>(++made); });
        CHECK(found != nullptr);
        if (t == 0 && i % 100 == 99) cache.forget(uint64_t(i / 100));
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  CHECK(cache.size() <= 8 && uint64_t(made.load()) == cache.imports());
}

void leaves_no_descriptor(Random &random, int rounds) {
  const int before = open_files();
  {
    PictureCache cache(2);
    for (int i = 0; i < rounds; i++) {
      FilePicture picture(8, 8, 8, 8, 0, random);
      const auto kept = cache.find(uint64_t(i % 3), picture.image.buffer, picture.image.file_bytes, [&] {
        return MappedPicture::open(picture.image.file, picture.image.file_bytes);
      });
      CHECK(kept != nullptr);
    }
    CHECK(open_files() <= before + 2);
  }
  CHECK(open_files() == before);
}

void tells_the_end_of_a_pool() {
  std::vector<uint64_t> told;
  auto pool = std::make_shared<PicturePool>(5);
  const auto owner = std::make_shared<int>();
  for (int i = 0; i < 5; i++) pool->when_over(std::make_shared<int>(), [&](uint64_t) { told.push_back(99); });
  pool->when_over(owner, [&](uint64_t id) { told.push_back(id); });
  CHECK(pool->waiting() == 1);
  std::shared_ptr<PicturePool> of_a_picture = pool;
  pool.reset();
  CHECK(told.empty());
  of_a_picture.reset();
  CHECK(told.size() == 1 && told[0] == 5);
}

/// A plugin of 1.1 has a shorter table: it takes no pictures, whatever lies behind it.
void leaves_older_plugins_alone() {
  const goshawk_plugin *now = nullptr;
  CHECK(goshawk_plugin_open(GOSHAWK_ABI_MAJOR, GOSHAWK_ABI_MINOR, &now, nullptr) == GOSHAWK_OK);
  goshawk_memory_api memory = *now->memory;
  goshawk_plugin plugin = *now;
  plugin.memory = &memory;
  const Options options = {{"picture_memories", "3"}};
  CHECK(Device(std::make_shared<const Plugin>(&plugin), options).picture_memories() == 3);
  memory.struct_size = offsetof(goshawk_memory_api, image_memories);
  CHECK(Device(std::make_shared<const Plugin>(&plugin), options).picture_memories() == 0);
  memory.struct_size = sizeof memory;
  memory.forget_images = nullptr;
  CHECK(Device(std::make_shared<const Plugin>(&plugin), options).picture_memories() == 0);
}

}  // namespace

void device_pictures(int rounds) {
  Random random(74);
  for (int i = 0; i < rounds; i++) reads_the_same_where_it_is(random);
  for (int i = 0; i < rounds * 4; i++) reads_nothing_beyond_its_file(random);
  imports_a_buffer_once();
  keeps_so_many_bytes();
  imports_anew_what_became_larger(random);
  shares_imports_between_threads();
  leaves_no_descriptor(random, rounds);
  tells_the_end_of_a_pool();
  leaves_older_plugins_alone();
  std::printf("pictures in their memory: %d rounds\n", rounds);
}

}  // namespace goshawk::test
