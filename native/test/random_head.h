// Heads as a manifest could have them, good and bad, with shapes as an engine could give them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../src/postprocess/head.h"
#include "check.h"

namespace goshawk::test {

class RandomHead {
 public:
  explicit RandomHead(Random &random) : random_(random) {
    head.input_width = uint32_t(random.between(8, 100));
    head.input_height = uint32_t(random.between(8, 100));
    head.class_count = random.between(1, 5);
    if (random.between(0, 3) == 0) {
      make_alone();
      if (random.between(0, 2) == 0) spoil();
      return;
    }
    head.map = random.between(0, 5) == 0;
    if (!head.map && chance()) make_grid();
    if (!head.map && random.between(0, 4) > 0) make_boxes();
    make_scores();
    make_outputs();
    if (head.map && chance()) make_depth();
    make_shapes();
    // A number that is off by a little, or by a lot.
    if (random.between(0, 2) == 0) spoil();
  }

  HeadSpec head;
  std::vector<TensorShape> shapes;

 private:
  bool chance() { return random_.between(0, 1) == 1; }
  template <typename Enum>
  Enum any(int last) {
    return Enum(random_.between(0, last));
  }

  /// A vector, a text, regions of a map, or outputs that a module reads.
  void make_alone() {
    head.has_scores = false;
    HeadSpec::Output output;
    output.tensors = {"alone"};
    const size_t at = size_t(random_.between(0, 2));
    const int64_t w = head.input_width, h = head.input_height;
    std::vector<int64_t> dims = {1};
    switch (random_.between(0, 3)) {
      case 0:
        head.vector = HeadSpec::Vector{0, at, size_t(random_.between(2, 50)), chance()};
        output.axis = HeadSpec::Axis::all;
        output.values = at + head.vector->length + size_t(random_.between(0, 1));
        dims.push_back(int64_t(output.values));
        break;
      case 1:
        head.text = HeadSpec::Text{0, at, chance(), chance()};
        output.axis = HeadSpec::Axis::last;
        output.values = at + size_t(head.class_count) + 1;
        dims.insert(dims.end(), {random_.between(1, 40), int64_t(output.values)});
        break;
      case 2:
        output.axis = any<HeadSpec::Axis>(2);
        output.values = output.axis == HeadSpec::Axis::none ? 1 : at + 1;
        head.regions = HeadSpec::Regions{0, output.values - 1, random_.unit(), 1.5};
        if (output.axis != HeadSpec::Axis::last) dims.push_back(int64_t(output.values));
        dims.insert(dims.end(), {h, w});
        if (output.axis == HeadSpec::Axis::last) dims.push_back(int64_t(output.values));
        break;
      default:
        head.raw = true;
        dims.insert(dims.end(), {random_.between(0, 9), random_.between(1, 9)});
    }
    head.outputs.push_back(output);
    shapes.push_back({"alone", dims});
  }

  void make_grid() {
    HeadSpec::Grid grid;
    for (int i = random_.between(1, 3); i > 0; i--) grid.strides.push_back(uint32_t(random_.between(4, 32)));
    grid.offset = random_.unit();
    grid.by_anchor = chance();
    for (size_t i = 0; chance() && i < grid.strides.size(); i++) {
      grid.anchors.emplace_back(size_t(random_.between(0, 3)), HeadSpec::Anchor{10, 20});
    }
    head.grid = grid;
  }

  void make_boxes() {
    HeadSpec::Boxes boxes;
    boxes.format = any<HeadSpec::Format>(head.grid ? 3 : 2);
    boxes.unit = any<HeadSpec::Unit>(head.grid ? 3 : 1);
    boxes.size_unit = any<HeadSpec::Unit>(head.grid ? 3 : 1);
    boxes.relative = head.grid && chance();
    boxes.bins = chance() ? size_t(random_.between(1, 5)) : 0;
    boxes.size.activation = any<HeadSpec::Activation>(3);
    head.boxes = boxes;
  }

  void make_scores() {
    head.scores.activation = chance() ? HeadSpec::Activation::softmax : any<HeadSpec::Activation>(1);
    head.scores.power = chance() ? 1 : 0.4;
    if (!head.map && chance()) head.objectness = HeadSpec::Score{};
    if (chance()) head.classes = HeadSpec::Classes{};
    if (head.scores.activation == HeadSpec::Activation::softmax && !head.classes) {
      head.scores.background = any<HeadSpec::Background>(2);
    }
  }

  /// Gives a reader its place behind those that are there.
  void place(size_t &output, size_t &at, size_t width) {
    output = size_t(random_.between(0, 1));
    at = used_[output];
    used_[output] += width;
  }

  void make_outputs() {
    const bool before = head.scores.background == HeadSpec::Background::before;
    const bool after = head.scores.background == HeadSpec::Background::after;
    place(head.scores.output, head.scores.at, (head.classes ? 1 : size_t(head.class_count)) + (before || after ? 1 : 0));
    if (before) head.scores.at += 1;
    if (head.boxes) place(head.boxes->output, head.boxes->at, 4 * std::max(size_t{1}, head.boxes->bins));
    if (head.objectness) place(head.objectness->output, head.objectness->at, 1);
    if (head.classes) place(head.classes->output, head.classes->at, 1);
    if (head.boxes && chance()) {
      head.angle = HeadSpec::Place{};
      place(head.angle->output, head.angle->at, 1);
    }
    for (size_t i = 0; i < 2; i++) {
      HeadSpec::Output output;
      output.values = std::max(size_t{1}, used_[i]);
      output.axis = output.values == 1 ? any<HeadSpec::Axis>(2) : any<HeadSpec::Axis>(1);
      const size_t own = head.grid && chance() ? head.grid->strides.size() : 1;
      for (size_t level = 0; level < own; level++) output.tensors.push_back(std::to_string(i) + "." + std::to_string(level));
      head.outputs.push_back(output);
    }
    if (chance()) {
      head.count = head.outputs.size();
      head.outputs.push_back({{"count"}, HeadSpec::Axis::none, 1, false});
    }
    for (HeadSpec::Output &output : head.outputs) output.unbatched = random_.between(0, 4) == 0;
    if (head.boxes && chance()) make_masks();
    if (!head.boxes || !chance()) return;
    // In the place of the boxes too: two points of x and y.
    head.keypoints = HeadSpec::Keypoints{head.boxes->output, head.boxes->at, 2, 2, head.boxes->unit, head.boxes->relative, chance()};
  }

  /// Their values are those of the boxes: where they are does not matter here.
  void make_masks() {
    head.masks = HeadSpec::Masks{head.boxes->output, head.boxes->at, head.outputs.size()};
    head.outputs.push_back({{"prototypes"}, HeadSpec::Axis::first, size_t(random_.between(1, 4)), false});
  }

  /// In the place of the scores.
  void make_depth() {
    head.depth = HeadSpec::Depth{head.scores.output, head.scores.at, chance(), {}};
    head.depth->value.activation = any<HeadSpec::Activation>(3);
    head.has_scores = false;
    head.classes.reset();
  }

  void make_shapes() {
    // More than are sampled for the score of a class.
    size_t all = size_t(random_.between(1, head.map && chance() ? 9000 : 700));
    if (head.grid) {
      all = 0;
      for (size_t level = 0; level < head.grid->strides.size(); level++) {
        if (!head.grid->anchors.empty() && head.grid->anchors.size() <= level) break;
        all += head.rows_of_stride(level);
      }
    } else if (!head.boxes && !head.classes && !head.map) {
      all = 1;
    }
    for (size_t i = 0; i < head.outputs.size(); i++) {
      const HeadSpec::Output &output = head.outputs[i];
      for (size_t level = 0; level < output.tensors.size(); level++) {
        const bool anchored = head.grid && !head.grid->anchors.empty();
        size_t rows = all;
        if (head.count == i) rows = 1;
        if (output.tensors.size() > 1 && (!anchored || head.grid->anchors.size() > level)) rows = head.rows_of_stride(level);
        std::vector<int64_t> dims;
        if (!output.unbatched) dims.push_back(1);
        if (output.axis == HeadSpec::Axis::first) dims.push_back(int64_t(output.values));
        const bool prototypes = head.masks && head.masks->prototypes == i;
        const bool map = head.map && head.count != i;
        const bool split = prototypes || map || (rows % 2 == 0 && chance());
        const size_t lines = rows % 2 == 0 ? 2 : 1;
        if (split) dims.push_back(prototypes ? random_.between(1, 9) : int64_t(lines));
        dims.push_back(prototypes ? random_.between(1, 9) : int64_t(split ? rows / lines : rows));
        if (output.axis == HeadSpec::Axis::last) dims.push_back(int64_t(output.values));
        shapes.push_back({output.tensors[level], dims});
      }
    }
  }

  void spoil() {
    const int64_t by = random_.between(0, 3) == 0 ? int64_t{1} << random_.between(10, 62) : random_.between(-2, 3);
    std::vector<int64_t> &dims = shapes[size_t(random_.between(0, int(shapes.size()) - 1))].dims;
    switch (random_.between(0, 9)) {
      case 0: dims[size_t(random_.between(0, int(dims.size()) - 1))] += by; break;
      case 1: dims.pop_back(); break;
      case 2: dims.clear(); break;
      case 3: head.scores.at += size_t(by); break;
      case 4: head.scores.output += size_t(by); break;
      case 5: head.outputs[0].values += size_t(by); break;
      case 6: head.class_count += int(by % 5); break;
      case 7: shapes.pop_back(); break;
      case 8: head.map = !head.map; break;
      case 9:
        if (head.vector) head.vector->length += size_t(by);
        if (head.text) head.text->at += size_t(by);
        if (head.regions) head.regions->at += size_t(by);
        break;
    }
  }

  Random &random_;
  size_t used_[2] = {0, 0};
};

}  // namespace goshawk::test
