#include <algorithm>

#include "../base/failure.h"
#include "head.h"

namespace goshawk {

namespace {

using Axis = HeadSpec::Axis;
using Background = HeadSpec::Background;
using Unit = HeadSpec::Unit;

/// A row is counted in 32 bits.
constexpr size_t most_values = size_t{1} << 31;

struct Reader {
  const char *name;
  size_t output;
  size_t at;
  size_t least;
  size_t width;
};

std::vector<Reader> readers_of(const HeadSpec &spec) {
  const size_t classes = size_t(spec.class_count);
  const Background background = spec.scores.background;
  const size_t width = spec.classes ? 1 : classes + (background == Background::after ? 1 : 0);
  std::vector<Reader> readers;
  if (spec.boxes) {
    const size_t values = 4 * std::max(size_t{1}, spec.boxes->bins);
    readers.push_back({"boxes", spec.boxes->output, spec.boxes->at, 0, values});
  }
  if (spec.has_scores) readers.push_back({"scores", spec.scores.output, spec.scores.at, background == Background::before ? size_t{1} : 0, width});
  if (spec.objectness) readers.push_back({"objectness", spec.objectness->output, spec.objectness->at, 0, 1});
  if (spec.classes) readers.push_back({"classes", spec.classes->output, spec.classes->at, 0, 1});
  if (spec.keypoints) {
    const auto &[output, at, count, values, unit, relative, swapped] = *spec.keypoints;
    readers.push_back({"points", output, at, 0, count * values});
  }
  if (spec.simcc) readers.push_back({"places along x", spec.simcc->x, 0, 0, 1});
  if (spec.simcc) readers.push_back({"places along y", spec.simcc->y, 0, 0, 1});
  if (spec.angle) readers.push_back({"angles", spec.angle->output, spec.angle->at, 0, 1});
  if (spec.depth) readers.push_back({"depths", spec.depth->output, spec.depth->at, 0, 1});
  if (spec.vector) readers.push_back({"numbers", spec.vector->output, spec.vector->at, 0, spec.vector->length});
  if (spec.text) readers.push_back({"characters", spec.text->output, spec.text->at, 0, classes + 1});
  if (spec.regions) readers.push_back({"places of regions", spec.regions->output, spec.regions->at, 0, 1});
  if (spec.masks) {
    const size_t prototypes = spec.masks->prototypes;
    const size_t values = prototypes < spec.outputs.size() ? spec.outputs[prototypes].values : 1;
    readers.push_back({"mask values", spec.masks->output, spec.masks->at, 0, values});
  }
  return readers;
}

std::string problem_of_grid(const HeadSpec &spec) {
  if (!spec.grid) {
    const auto counted = [](Unit unit) { return unit == Unit::cells || unit == Unit::anchor; };
    const bool boxes = spec.boxes && (spec.boxes->format == HeadSpec::Format::ltrb || spec.boxes->relative ||
                                      counted(spec.boxes->unit) || counted(spec.boxes->size_unit));
    const bool points = spec.keypoints && (spec.keypoints->relative || counted(spec.keypoints->unit));
    return boxes || points ? "Its boxes or points are counted from cells, and it has no grid." : "";
  }
  const auto &[strides, offset, anchors, by_anchor] = *spec.grid;
  if (std::find(strides.begin(), strides.end(), 0u) != strides.end()) return "A stride is 0.";
  if (!anchors.empty() && anchors.size() != strides.size()) {
    return "It has anchors for " + std::to_string(anchors.size()) + " of " + std::to_string(strides.size()) + " strides.";
  }
  return "";
}

/// Of the points of one figure.
std::string problem_of_figure(const HeadSpec &spec) {
  if (spec.simcc) {
    bool fits = !spec.has_scores && !spec.boxes && !spec.keypoints && !spec.map && !spec.depth;
    for (const size_t index : {spec.simcc->x, spec.simcc->y}) {
      fits = fits && spec.outputs[index].axis == Axis::last && spec.outputs[index].tensors.size() == 1;
    }
    if (!fits) return "SimCC is two tensors whose values lie along the last axis, and nothing beside them.";
  }
  if (!spec.is_figure()) return "";
  if (spec.objectness || spec.classes || spec.count || spec.grid || spec.map || spec.depth) {
    return "The points of one figure have no grid, classes, count, map or objectness.";
  }
  return spec.keypoints && spec.keypoints->values == 2 ? "The points of one figure need a score each." : "";
}

std::string problem_of_map(const HeadSpec &spec) {
  if (spec.depth && (!spec.map || spec.has_scores || spec.classes)) return "A depth is one of a map, without scores and classes.";
  if (!spec.depth && !spec.has_scores && !spec.is_figure()) return "It has no scores.";
  if (!spec.map) return "";
  const bool more = spec.boxes || spec.masks || spec.keypoints || spec.grid || spec.objectness;
  const HeadSpec::Output &places = spec.outputs[spec.main_output()];
  if (more || places.tensors.size() > 1 || places.axis == Axis::all) {
    return "A map has one tensor, and no boxes, masks, points, grid or objectness.";
  }
  const bool plain = spec.scores.background == Background::none && spec.scores.power == 1;
  return plain ? "" : "The scores of a map have no background and no power.";
}

std::string problem_of_masks(const HeadSpec &spec) {
  const std::vector<HeadSpec::Output> &outputs = spec.outputs;
  if (!spec.masks) return "";
  if (spec.masks->prototypes >= outputs.size()) return "Its prototypes are in an output that is not there.";
  const HeadSpec::Output &prototypes = outputs[spec.masks->prototypes];
  if (prototypes.axis != Axis::first || prototypes.tensors.size() > 1 || prototypes.unbatched ||
      spec.count == spec.masks->prototypes) {
    return "Its prototypes are one output 1 x K x H x W.";
  }
  return spec.boxes ? "" : "It has masks, and no boxes.";
}

/// As problemOfHead of src/model/head-check.ts; empty: none.
std::string problem_of_head(const HeadSpec &spec) {
  const auto number = [](size_t value) { return std::to_string(value); };
  if (spec.class_count < 1) return "It has no classes.";
  const std::vector<HeadSpec::Output> &outputs = spec.outputs;
  for (const auto &[name, output, at, least, width] : readers_of(spec)) {
    const std::string its = std::string("Its ") + name;
    if (output >= outputs.size()) return its + " are in output " + number(output) + " of " + number(outputs.size()) + ".";
    if (outputs[output].tensors.empty()) return its + " are in an output without a tensor.";
    if (at < least || at > outputs[output].values || width > outputs[output].values - at) {
      return its + " need " + number(width) + " values from " + number(at) + " on, but \"" + outputs[output].tensors[0] +
             "\" has " + number(outputs[output].values) + " per row.";
    }
    if (spec.count == output) return its + " are in the output of its count.";
    if (spec.masks && spec.masks->prototypes == output) return its + " are in the output of its prototypes.";
  }
  const size_t strides = spec.grid ? spec.grid->strides.size() : 0;
  for (const auto &[tensors, axis, values, unbatched] : outputs) {
    if (tensors.empty()) return "An output has no tensor.";
    if (values < 1) return "\"" + tensors[0] + "\" has no values.";
    if (axis == Axis::none && values != 1) {
      return "\"" + tensors[0] + "\" has one value per row, not " + number(values) + ".";
    }
    if (tensors.size() > 1 && tensors.size() != strides) {
      return number(tensors.size()) + " tensors are named for " + (spec.grid ? number(strides) : "no") + " strides.";
    }
  }
  if (spec.count && *spec.count >= outputs.size()) return "Its count is in an output that is not there.";
  if (spec.count && outputs[*spec.count].tensors.size() > 1) return "Its count is one tensor.";
  const bool plain = spec.scores.activation == HeadSpec::Activation::softmax && !spec.classes;
  if (spec.scores.background != Background::none && !plain) return "A background counts in a softmax over the classes alone.";
  if (spec.keypoints && (spec.keypoints->values < 2 || spec.keypoints->values > 3)) return "Its points have 2 or 3 values.";
  if (spec.angle && (!spec.boxes || spec.boxes->format != HeadSpec::Format::cxcywh)) {
    return "Only boxes by centre and size have an angle.";
  }
  if (spec.raw || spec.vector || spec.text || spec.regions) {
    const int alone = int(spec.raw) + int(spec.vector.has_value()) + int(spec.text.has_value()) + int(spec.regions.has_value());
    const bool more = alone > 1 || spec.boxes || spec.has_scores || spec.objectness || spec.classes || spec.count || spec.grid || spec.masks ||
                      spec.keypoints || spec.simcc || spec.map || spec.angle || spec.depth;
    if (more) return "A module, a vector, a text or regions stand alone, without boxes, scores, points, masks, grid and map.";
    if (spec.raw) return "";
    const HeadSpec::Output &read = spec.outputs[spec.main_output()];
    const bool fits = spec.vector ? read.axis == Axis::all : spec.text ? read.axis == Axis::last : read.axis != Axis::all;
    if (fits && read.tensors.size() == 1) return "";
    return "A vector is one row, a text has its values along the last axis, and each is one tensor.";
  }
  const std::string figure = problem_of_figure(spec);
  if (!figure.empty()) return figure;
  const std::string map = problem_of_map(spec);
  if (!map.empty()) return map;
  const std::string masks = problem_of_masks(spec);
  return masks.empty() ? problem_of_grid(spec) : masks;
}

std::string dims_text(const std::vector<int64_t> &dims) {
  std::string text;
  for (const int64_t side : dims) text += (text.empty() ? "" : " x ") + std::to_string(side);
  return text.empty() ? "a single value" : text;
}

[[noreturn]] void refuse(const std::string &message) { throw Failure("native-model-output", message); }

/// A map has lines and columns.
void check_map(const HeadSpec &spec, const std::vector<TensorShape> &tensors) {
  const HeadSpec::Output &output = spec.outputs[spec.main_output()];
  const TensorShape &tensor = tensors[index_of(tensors, output.tensors[0])];
  const size_t axes = (output.axis == Axis::none ? 2 : 3) + (output.unbatched ? 0 : 1);
  const std::vector<int64_t> &dims = tensor.dims;
  const bool squeezed = output.axis == Axis::none && dims.size() == axes + 1 && dims[1] == 1;
  if (dims.size() == axes || squeezed) return;
  refuse("Output \"" + tensor.name + "\" is " + dims_text(dims) + ", which is no map with lines and columns.");
}

/// Rows of a tensor that the head can read.
size_t rows_in(const HeadSpec::Output &output, const TensorShape &tensor) {
  const std::string said = "Output \"" + tensor.name + "\" is " + dims_text(tensor.dims);
  size_t values = 1;
  for (const int64_t side : tensor.dims) {
    if (side < 1 || values > most_values / size_t(side)) refuse(said + ", which is no shape of an output.");
    values *= size_t(side);
  }
  const std::optional<size_t> found = row_count(output, tensor.dims);
  if (found) return *found;
  const char *axis = output.axis == Axis::last ? "last" : "first";
  refuse(said + "; the bundle reads 1 x ..." +
         (output.axis == Axis::none || output.axis == Axis::all ? "" : " with " + std::to_string(output.values) + " values along the " + axis + " axis") +
         ".");
}

/// Bytes of one frame that a module is given at most.
constexpr size_t most_raw_bytes = size_t{64} * 1024 * 1024;

/// Whatever their shapes are: the module knows.
void check_raw(const HeadSpec &spec, const std::vector<TensorShape> &tensors) {
  size_t values = 0;
  for (const std::string &name : spec.tensors()) {
    const size_t at = index_of(tensors, name);
    if (at == tensors.size()) refuse("The model has no output \"" + name + "\".");
    size_t own = 1;
    for (const int64_t side : tensors[at].dims) {
      if (side < 0 || (side > 0 && own > most_values / size_t(side))) refuse("Output \"" + name + "\" is " + dims_text(tensors[at].dims) + ", which is no shape of an output.");
      own *= size_t(side);
    }
    values += own;
  }
  if (8 * values > most_raw_bytes) refuse("Its outputs have " + std::to_string(values) + " values for a frame.");
}

}  // namespace

std::vector<std::string> HeadSpec::tensors() const {
  std::vector<std::string> names;
  for (const Output &output : outputs) {
    for (const std::string &name : output.tensors) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

size_t HeadSpec::rows_of_stride(size_t level) const {
  const uint32_t stride = grid->strides[level];
  return size_t(cells(stride)) * (grid->anchors.empty() ? 1 : grid->anchors[level].size());
}

size_t index_of(const std::vector<TensorShape> &tensors, const std::string &name) {
  size_t index = 0;
  while (index < tensors.size() && tensors[index].name != name) index += 1;
  return index;
}

std::optional<size_t> row_count(const HeadSpec::Output &output, const std::vector<int64_t> &dims) {
  const size_t first = output.unbatched ? 0 : 1;
  if (dims.size() < first || (first == 1 && dims[0] != 1)) return std::nullopt;
  size_t values = 1;
  for (const int64_t side : dims) values *= size_t(side);
  if (output.axis == Axis::none) return values;
  if (output.axis == Axis::all) return values == output.values ? std::optional<size_t>(1) : std::nullopt;
  if (dims.size() == first) return std::nullopt;
  const int64_t side = output.axis == Axis::last ? dims.back() : dims[first];
  if (size_t(side) != output.values) return std::nullopt;
  return values / output.values;
}

void check_outputs(const HeadSpec &spec, const std::vector<TensorShape> &tensors) {
  const std::string broken = problem_of_head(spec);
  if (!broken.empty()) refuse("The head of the bundle is not right. " + broken);
  if (spec.raw) return check_raw(spec, tensors);
  std::vector<size_t> levels;
  std::optional<size_t> rows;
  for (size_t level = 0; spec.grid && level < spec.grid->strides.size(); level++) {
    levels.push_back(spec.rows_of_stride(level));
    rows = rows.value_or(0) + levels.back();
  }
  for (size_t index = 0; index < spec.outputs.size(); index++) {
    const HeadSpec::Output &output = spec.outputs[index];
    for (size_t level = 0; level < output.tensors.size(); level++) {
      const size_t at = index_of(tensors, output.tensors[level]);
      if (at == tensors.size()) refuse("The model has no output \"" + output.tensors[level] + "\".");
      const size_t found = rows_in(output, tensors[at]);
      const std::string said = "Output \"" + tensors[at].name + "\" is " + dims_text(tensors[at].dims);
      if (spec.masks && spec.masks->prototypes == index) {
        if (tensors[at].dims.size() != 4) refuse(said + ", but prototypes are 1 x K x H x W.");
        continue;
      }
      if (spec.count == index) {
        if (found != 1) refuse(said + ", but it is a count: one value.");
        continue;
      }
      if (!rows) rows = found;
      const size_t wanted = output.tensors.size() > 1 ? levels[level] : *rows;
      if (found != wanted) {
        refuse(said + ": " + std::to_string(found) + " rows, where " + (spec.grid ? "the grid" : "another output") + " has " +
               std::to_string(wanted) + ".");
      }
    }
  }
  if (spec.map) return check_map(spec, tensors);
  if (spec.regions) {
    check_map(spec, tensors);
    if (rows.value_or(0) != size_t(spec.input_width) * spec.input_height) {
      refuse("Output \"" + spec.outputs[spec.main_output()].tensors[0] + "\" has " + std::to_string(rows.value_or(0)) +
             " places for an input of " + std::to_string(spec.input_width) + "x" + std::to_string(spec.input_height) + ".");
    }
    return;
  }
  if (spec.text) return;
  if (!spec.simcc && !spec.boxes && !spec.classes && rows.value_or(0) > 1) {
    refuse("It says " + std::to_string(*rows) + " things of one picture, and no boxes.");
  }
}

}  // namespace goshawk
