#pragma once

#include "candidates.h"
#include "head_rows.h"

namespace goshawk {

double sigmoid(double x);
double transformed(double raw, const HeadSpec::Transform &transform);

/// Adds the box of row `row` to `into`, in pixels of the input. `values`: of the output that the boxes are in. A head without
/// boxes speaks of the whole picture.
void add_box(const HeadSpec &spec, const Segment &segment, const float *values, size_t row, int32_t class_id, double score,
             Candidates &into);

}  // namespace goshawk
