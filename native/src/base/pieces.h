// A message that is still in the pieces in which it came. Two addons of one build share this: the one that receives and
// the one that reads pictures.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goshawk {

class Pieces {
 public:
  virtual ~Pieces() = default;
  /// `at` is where these bytes would lie if the message were whole. Where one piece holds them all, they are in it;
  /// else they are put together in `scratch`.
  virtual const uint8_t *read(const uint8_t *at, size_t bytes, uint8_t *scratch) = 0;
  /// Where the byte of this place is now.
  virtual const uint8_t *where(const uint8_t *at) const = 0;
  /// Whether these bytes are the message's.
  virtual bool holds(const uint8_t *at, size_t bytes) const = 0;
  /// Puts the whole message together, once; may be called from any thread.
  virtual void gather() = 0;
};

}  // namespace goshawk
