// Where the bytes of a message lie while it is in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <vector>

namespace goshawk {

class PieceTable {
 public:
  /// Bytes `begin` to `end` of the message are at `from`. In ascending order of `begin`; of pieces that overlap only what is
  /// new is taken. False where bytes before this piece are missing.
  bool add(const uint8_t *from, size_t begin, size_t end) {
    const size_t known = covered();
    if (begin > known) return false;
    if (end > known) pieces_.push_back({from + (known - begin), known, end});
    return true;
  }
  size_t covered() const { return pieces_.empty() ? 0 : pieces_.back().end; }
  void clear() { pieces_.clear(); }

  /// Where these bytes lie together, or null where more than one piece holds them.
  const uint8_t *find(size_t begin, size_t bytes) const {
    const Piece &piece = piece_at(begin);
    return begin + bytes <= piece.end ? piece.from + (begin - piece.begin) : nullptr;
  }

  void copy(uint8_t *to, size_t begin, size_t end) const {
    if (begin >= end) return;
    for (const Piece *piece = &piece_at(begin); begin < end; piece += 1) {
      const size_t some = std::min(end, piece->end) - begin;
      std::memcpy(to, piece->from + (begin - piece->begin), some);
      to += some;
      begin += some;
    }
  }

 private:
  struct Piece {
    const uint8_t *from;
    size_t begin;
    size_t end;
  };

  const Piece &piece_at(size_t offset) const {
    return *std::prev(std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                       [](size_t wanted, const Piece &piece) { return wanted < piece.begin; }));
  }

  std::vector<Piece> pieces_;
};

}  // namespace goshawk
