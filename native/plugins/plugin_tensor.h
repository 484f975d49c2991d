// What every engine keeps of a tensor, and the answers about tensors that are the same for all of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin_support.h"

namespace goshawk::plugin {

struct Tensor {
  std::string name;
  goshawk_dtype dtype = 0;
  bool input = false;
  /// -1: not known yet.
  std::vector<int64_t> dims;

  bool known() const {
    for (const int64_t side : dims) {
      if (side < 0) return false;
    }
    return true;
  }
  /// 0 where a side is not known.
  uint64_t bytes() const {
    uint64_t count = dtype_bytes(dtype);
    for (const int64_t side : dims) count *= uint64_t(side < 0 ? 0 : side);
    return count;
  }
};

inline goshawk_status tell(const std::vector<Tensor> &tensors, uint32_t index, goshawk_tensor *out) {
  if (index >= tensors.size()) return GOSHAWK_INVALID;
  const Tensor &tensor = tensors[index];
  out->dtype = tensor.dtype;
  out->is_input = tensor.input ? 1 : 0;
  out->rank = int32_t(tensor.dims.size());
  for (size_t i = 0; i < tensor.dims.size() && i < GOSHAWK_MAX_RANK; i++) out->dims[i] = tensor.dims[i];
  out->name = tensor.name.c_str();
  return GOSHAWK_OK;
}

/// The tensor may be bound to the buffer.
inline goshawk_status check_binding(const std::vector<Tensor> &tensors, uint32_t index, const goshawk_buffer *buffer,
                                    goshawk_error *error) {
  if (index >= tensors.size()) return fail(error, GOSHAWK_INVALID, "There is no such tensor.");
  const Tensor &tensor = tensors[index];
  if (tensor.known() && buffer->bytes >= tensor.bytes()) return GOSHAWK_OK;
  return fail(error, GOSHAWK_INVALID, "The buffer for " + tensor.name + " is too small, or its shape is not known.");
}

inline goshawk_status check_input(const std::vector<Tensor> &tensors, uint32_t index, int32_t rank,
                                  goshawk_error *error) {
  if (index < tensors.size() && tensors[index].input && rank >= 0 && rank <= GOSHAWK_MAX_RANK) return GOSHAWK_OK;
  return fail(error, GOSHAWK_INVALID, "There is no such input.");
}

/// Gives the input its shape where the model's declaration allows it.
inline goshawk_status set_shape(const std::vector<Tensor> &declared, std::vector<Tensor> &tensors, uint32_t index,
                                int32_t rank, const int64_t *dims, goshawk_error *error) {
  const goshawk_status status = check_input(tensors, index, rank, error);
  if (status != GOSHAWK_OK) return status;
  bool fits = size_t(rank) == declared[index].dims.size();
  for (int32_t i = 0; fits && i < rank; i++) {
    const int64_t side = declared[index].dims[size_t(i)];
    fits = dims[i] > 0 && (side < 0 || side == dims[i]);
  }
  if (!fits) return fail(error, GOSHAWK_INVALID, "The shape does not fit input " + declared[index].name + ".");
  tensors[index].dims.assign(dims, dims + rank);
  return GOSHAWK_OK;
}

/// `bound(index)`: there is a buffer for that tensor.
template <typename Bound>
goshawk_status check_all_bound(const std::vector<Tensor> &tensors, Bound &&bound, goshawk_error *error) {
  for (size_t i = 0; i < tensors.size(); i++) {
    if (!bound(i)) return fail(error, GOSHAWK_INVALID, "Tensor " + tensors[i].name + " is not bound.");
  }
  return GOSHAWK_OK;
}

}  // namespace goshawk::plugin
