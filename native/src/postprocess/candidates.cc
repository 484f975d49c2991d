#include "candidates.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace goshawk {

void Candidates::clear() {
  boxes.clear();
  scores.clear();
  classes.clear();
  rows.clear();
  invalid = 0;
}

void Candidates::add(int32_t class_id, double score, double x1, double y1, double x2, double y2) {
  const Box box = {float(x1), float(y1), float(x2), float(y2)};
  // Looked at after rounding to float32, where a value can overflow or a box become empty. Any NaN or infinity makes the
  // sum one too.
  if (!std::isfinite(double(float(score)) + double(box.x1) + double(box.y1) + double(box.x2) + double(box.y2))) {
    invalid += 1;
    return;
  }
  if (!(box.x2 > box.x1 && box.y2 > box.y1)) return;
  boxes.push_back(box);
  scores.push_back(float(score));
  classes.push_back(class_id);
  rows.push_back(row);
}

void Candidates::add_centred(int32_t class_id, double score, double cx, double cy, double width, double height) {
  const double w = width / 2;
  const double h = height / 2;
  add(class_id, score, cx - w, cy - h, cx + w, cy + h);
}

void Candidates::cap(size_t limit) {
  const size_t total = count();
  if (total <= limit) return;
  size_t kept = 0;
  if (limit > 0) {
    std::vector<float> sorted = scores;
    std::nth_element(sorted.begin(), sorted.begin() + std::ptrdiff_t(limit - 1), sorted.end(), std::greater<float>());
    const float worst = sorted[limit - 1];
    size_t ties = limit;
    for (const float score : scores) ties -= score > worst ? 1 : 0;
    for (size_t i = 0; i < total && kept < limit; i++) {
      if (scores[i] < worst) continue;
      if (scores[i] == worst) {
        if (ties == 0) continue;
        ties -= 1;
      }
      boxes[kept] = boxes[i];
      scores[kept] = scores[i];
      classes[kept] = classes[i];
      rows[kept] = rows[i];
      kept += 1;
    }
  }
  boxes.resize(kept);
  scores.resize(kept);
  classes.resize(kept);
  rows.resize(kept);
}

}  // namespace goshawk
