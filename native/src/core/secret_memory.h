#pragma once

#include <cstddef>
#include <string>

namespace goshawk {

/// From now on the kernel dumps no memory of this process, and nobody but root may look into it. Throws std::system_error.
void forbid_dumps();

/// Pages that are in no dump, of whole pages, zeroed. `lock_problem`: why they could be swapped; empty where they can't.
struct SecretPages {
  void *data = nullptr;
  size_t bytes = 0;
  std::string lock_problem;
};

/// Throws std::system_error.
SecretPages secret_pages(size_t bytes);
/// Overwrites them first.
void forget(const SecretPages &pages);

/// A file that is on no disk, and closes when a program is started. With bytes nobody can change it any more. Nobody can run
/// it, where the kernel knows how to say so (6.3). Throws std::system_error.
int memory_file(const void *bytes, size_t count);

/// Keeps the pages of a memory file, as long as it is now, in memory and out of dumps, for all who use it, until they are let
/// go. Throws std::system_error.
SecretPages lock_file(int file);
/// Of `lock_file`: whoever else has the file still has it.
void let_go(const SecretPages &pages);

}  // namespace goshawk
