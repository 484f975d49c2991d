#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace goshawk {

/// How a network writes what it says: the record of its bundle; src/model/head.ts says what each field means.
struct HeadSpec {
  enum class Axis { last, first, none, all };
  enum class Activation { none, sigmoid, tanh, exp, softmax };
  enum class Format { cxcywh, xyxy, yxyx, ltrb };
  enum class Unit { pixels, fraction, cells, anchor };
  enum class Background { none, before, after };

  struct Output {
    /// One that has all rows, or one per stride of the grid.
    std::vector<std::string> tensors;
    Axis axis = Axis::last;
    size_t values = 1;
    /// Its shapes lack the first axis, that of the pictures in a run.
    bool unbatched = false;
  };
  struct Transform {
    double gain = 1;
    Activation activation = Activation::none;
    double scale = 1;
    double bias = 0;
    double power = 1;
  };
  struct Boxes {
    size_t output = 0;
    size_t at = 0;
    Format format = Format::cxcywh;
    Unit unit = Unit::pixels;
    Unit size_unit = Unit::pixels;
    bool relative = false;
    /// 0: no distribution.
    size_t bins = 0;
    Transform centre;
    Transform size;
  };
  /// A factor of the score.
  struct Score {
    size_t output = 0;
    size_t at = 0;
    Activation activation = Activation::none;
    double power = 1;
    Background background = Background::none;
  };
  struct Classes {
    size_t output = 0;
    size_t at = 0;
    double first = 0;
  };
  struct Place {
    size_t output = 0;
    size_t at = 0;
  };
  struct Masks {
    size_t output = 0;
    size_t at = 0;
    /// Output 1 x K x H x W over the whole input.
    size_t prototypes = 0;
  };
  struct Keypoints {
    size_t output = 0;
    size_t at = 0;
    size_t count = 0;
    /// Per point: x, y; or x, y and how sure it is.
    size_t values = 2;
    Unit unit = Unit::pixels;
    bool relative = false;
    /// y comes before x.
    bool swapped = false;
  };
  /// Outputs with a row of values along the width and the height for each point.
  struct Simcc {
    size_t x = 0;
    size_t y = 0;
  };
  struct Depth {
    size_t output = 0;
    size_t at = 0;
    /// Else disparity: larger is nearer.
    bool metres = false;
    Transform value;
  };
  struct Vector {
    size_t output = 0;
    size_t at = 0;
    size_t length = 0;
    /// Brought to length 1.
    bool normalised = false;
  };
  struct Text {
    size_t output = 0;
    size_t at = 0;
    /// Before the labels, else behind them.
    bool blank_first = true;
    bool softmax = false;
  };
  struct Regions {
    size_t output = 0;
    size_t at = 0;
    double threshold = 0.3;
    double grow = 1.5;
  };
  struct Anchor {
    double width, height;
  };
  struct Grid {
    std::vector<uint32_t> strides;
    double offset = 0;
    /// Per stride; empty: none.
    std::vector<std::vector<Anchor>> anchors;
    /// The cells of an anchor follow each other, not the anchors of a cell.
    bool by_anchor = false;
  };

  uint32_t input_width = 0;
  uint32_t input_height = 0;
  int class_count = 0;
  std::vector<Output> outputs;
  std::optional<Boxes> boxes;
  /// Not read where there are none.
  Score scores;
  bool has_scores = true;
  std::optional<Score> objectness;
  std::optional<Classes> classes;
  /// Output that says how many rows hold something.
  std::optional<size_t> count;
  /// Of boxes by centre and size.
  std::optional<Place> angle;
  std::optional<Masks> masks;
  std::optional<Keypoints> keypoints;
  std::optional<Grid> grid;
  /// Rows are the places of a map over the whole input, line by line.
  bool map = false;
  std::optional<Depth> depth;
  std::optional<Simcc> simcc;
  std::optional<Vector> vector;
  std::optional<Text> text;
  std::optional<Regions> regions;
  /// The outputs are given as they are, for a module that reads them.
  bool raw = false;
  bool final = false;

  /// NMS would drop what it wants to keep.
  bool final_choice() const { return final || !boxes; }
  /// The output whose rows are counted where there is no grid.
  size_t main_output() const {
    if (depth) return depth->output;
    if (has_scores) return scores.output;
    if (keypoints) return keypoints->output;
    if (vector) return vector->output;
    if (text) return text->output;
    if (regions) return regions->output;
    return simcc ? simcc->x : 0;
  }
  /// It gives the points of one figure, and nothing else.
  bool is_figure() const { return simcc || (keypoints && !has_scores && !boxes); }
  /// Every tensor that is read, each once.
  std::vector<std::string> tensors() const;
  /// Cells in a line of one stride: of a side that it does not divide, convolutions keep the last one.
  uint32_t columns(uint32_t stride) const { return (input_width + stride - 1) / stride; }
  uint32_t cells(uint32_t stride) const { return columns(stride) * ((input_height + stride - 1) / stride); }
  /// Cells of one stride, each with its anchors.
  size_t rows_of_stride(size_t level) const;
};

struct TensorShape {
  std::string name;
  std::vector<int64_t> dims;
};

/// The index of the tensor, or how many there are.
size_t index_of(const std::vector<TensorShape> &tensors, const std::string &name);

/// Rows in a tensor of these dimensions, which are all above 0; none where it is no such output.
std::optional<size_t> row_count(const HeadSpec::Output &output, const std::vector<int64_t> &dims);

/// Throws Failure `native-model-output` unless everything that the head reads lies inside tensors of these shapes, each
/// with as many values as its dimensions say. The same rules as misfitOf and problemOfHead in TypeScript.
void check_outputs(const HeadSpec &spec, const std::vector<TensorShape> &tensors);

}  // namespace goshawk
