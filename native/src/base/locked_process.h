#pragma once

#include <string>

namespace goshawk {

/// Everything that this process has and will have stays in memory: what an engine makes of a network too. Why not; empty where
/// it does. A process with a limit would run out of memory to lock some day, and of memory with it: it is refused.
std::string lock_process();
/// The same without a look at the limit.
std::string lock_all_memory();

}  // namespace goshawk
