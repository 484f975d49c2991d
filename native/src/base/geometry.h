#pragma once

namespace goshawk {

/// Where the picture is placed in the network's input.
struct Geometry {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;
  int source_width = 0;
  int source_height = 0;
};

}  // namespace goshawk
