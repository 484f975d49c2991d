#pragma once

namespace goshawk {

/// From now on the calling thread, which wakes often and for moments, goes before threads with the usual slice when it
/// wakes: those of its own process (a picture that is decoded, a simulated camera) and of other programs. For the JavaScript
/// thread, on which everything waits for its turn. Threads that it starts are not like that. By a short slice on Linux 6.12
/// and newer, and by its niceness where the system allows that.
void make_thread_prompt();

}  // namespace goshawk
