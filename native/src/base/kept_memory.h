// How much of what was freed the allocator keeps for the next picture.
#pragma once

// Before the question which C library it is: a header of it has to be there.
#include <mutex>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace goshawk {

/// By its defaults glibc maps and unmaps what is large, and every page of a picture is faulted in anew: a picture of 6 MB costs
/// 1500 faults. Once for a process: the first one counts.
inline void keep_freed_memory(int largest_block, int most_kept) {
#ifdef __GLIBC__
  static std::once_flag once;
  std::call_once(once, [=] {
    mallopt(M_MMAP_THRESHOLD, largest_block);
    mallopt(M_TRIM_THRESHOLD, most_kept);
  });
#else
  (void)largest_block;
  (void)most_kept;
#endif
}

}  // namespace goshawk
