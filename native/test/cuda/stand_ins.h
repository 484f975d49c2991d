// What the test's program and its two stand-ins say to each other.
#pragma once

#include <cstdint>

struct Picture {
  uint8_t *bytes;
  uint32_t width;
  uint32_t height;
  uint32_t pitch[2];
  uint32_t offset[2];
};

struct Counts {
  int registered = 0;
  int external = 0;
  bool refuses = false;
  bool block_linear = false;
};

struct SurfaceCounts {
  int surfaces = 0;
  int images = 0;
  bool refuses = false;
  bool has_no_image = false;
};
