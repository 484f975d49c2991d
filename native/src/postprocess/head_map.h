#pragma once

#include "head_parts.h"

namespace goshawk {

/// One class of a map, and the hull of its places.
struct ClassRegion {
  int32_t class_id = 0;
  /// Mean over its samples of how sure the network is.
  double score = 0;
  size_t samples = 0;
  size_t left = 0, top = 0, right = 0, bottom = 0;
};

/// The class of each place of a map: the same as src/perception/decode/head-map.ts, bit for bit but for the last bit of exp.
/// Keeps its buffers: one per thread.
class ClassMap {
 public:
  /// `columns`: places in a line. Shapes have passed check_outputs.
  void read(const HeadSpec &spec, const Segment &segment, size_t columns, const float *const *data);

  /// The classes that have a place, best score first.
  const std::vector<ClassRegion> &regions() const { return regions_; }
  /// Where the hull of a region is, in pixels of the input.
  Mask hull(const ClassRegion &region) const;
  /// The places of its hull to the end of `values`: 255 where it is, 0 elsewhere.
  void append(const ClassRegion &region, std::vector<uint8_t> &values) const;

 private:
  void find_classes(const HeadSpec &spec, const Segment &segment, const float *const *data);
  void find_hulls(size_t class_count);
  void find_scores(const HeadSpec &spec, const Segment &segment, const float *const *data);

  size_t columns_ = 0;
  size_t lines_ = 0;
  double cell_width_ = 0, cell_height_ = 0;
  /// Per place; -1: none.
  std::vector<int32_t> classes_;
  std::vector<ClassRegion> regions_;
  /// Per class, where in regions_ it is; -1: nowhere.
  std::vector<int32_t> index_;
};

}  // namespace goshawk
