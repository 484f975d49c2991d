#include "least_box.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace goshawk {

namespace {

/// The left side of the hull from the top to the end of `points`, or with -1 the right one.
void chain(const std::vector<RowSpan> &spans, int64_t turn, std::vector<HullPoint> &points) {
  const size_t first = points.size();
  for (const RowSpan &span : spans) {
    const HullPoint next = {turn == 1 ? span.left : span.right, span.y};
    while (points.size() >= first + 2) {
      const HullPoint &a = points[points.size() - 2], &b = points.back();
      const int64_t cross = (b.x - a.x) * (next.y - a.y) - (b.y - a.y) * (next.x - a.x);
      if (cross * turn < 0) break;
      points.pop_back();
    }
    points.push_back(next);
  }
}

LeastBox along(const std::vector<HullPoint> &hull, double c, double s) {
  constexpr double far = std::numeric_limits<double>::infinity();
  double min_u = far, max_u = -far, min_v = far, max_v = -far;
  for (const HullPoint &point : hull) {
    const double u = double(point.x) * c + double(point.y) * s;
    const double v = double(point.y) * c - double(point.x) * s;
    min_u = std::min(min_u, u);
    max_u = std::max(max_u, u);
    min_v = std::min(min_v, v);
    max_v = std::max(max_v, v);
  }
  const double u = (min_u + max_u) / 2, v = (min_v + max_v) / 2;
  const double along = max_u - min_u, across = max_v - min_v;
  const double x = along >= across ? c : -s, y = along >= across ? s : c;
  const bool turned = x < 0 || (x == 0 && y < 0);
  // No -0, which would be another angle.
  return {u * c - v * s, u * s + v * c, std::max(along, across), std::min(along, across), (turned ? -x : x) + 0.0, (turned ? -y : y) + 0.0};
}

}  // namespace

void hull_of_rows(const std::vector<RowSpan> &spans, std::vector<HullPoint> &hull) {
  hull.clear();
  chain(spans, 1, hull);
  const size_t left = hull.size();
  chain(spans, -1, hull);
  std::reverse(hull.begin() + std::ptrdiff_t(left), hull.end());
}

LeastBox box_around(const std::vector<HullPoint> &hull) {
  LeastBox best = {double(hull[0].x), double(hull[0].y), 0, 0, 1, 0};
  bool found = false;
  for (size_t i = 0; i < hull.size(); i++) {
    const HullPoint &a = hull[i], &b = hull[(i + 1) % hull.size()];
    const double dx = double(b.x - a.x), dy = double(b.y - a.y);
    const double length = std::sqrt(dx * dx + dy * dy);
    if (length == 0) continue;
    const LeastBox box = along(hull, dx / length, dy / length);
    if (!found || box.width * box.height < best.width * best.height) best = box;
    found = true;
  }
  return best;
}

}  // namespace goshawk
