// Memory that two processes see.
#pragma once

#include <cstddef>
#include <string>

namespace goshawk::isolated {

class SharedMemory {
 public:
  SharedMemory() = default;
  ~SharedMemory();
  SharedMemory(const SharedMemory &) = delete;
  SharedMemory &operator=(const SharedMemory &) = delete;

  /// New, zeroed, and of a size that nobody can change: a process that cuts it off would end the other one. False without memory.
  bool create(size_t bytes);
  /// What the other process made; takes the descriptor over.
  bool open(int file, size_t bytes);

  /// Out of dumps, and in memory as long as it is mapped here: for what is encrypted on disks. Why it may be swapped; empty
  /// where it can't: this process may lock only so much.
  std::string keep_secret();

  void *data() const { return data_; }
  size_t bytes() const { return bytes_; }
  int file() const { return file_; }

 private:
  bool map();
  int file_ = -1;
  void *data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace goshawk::isolated
