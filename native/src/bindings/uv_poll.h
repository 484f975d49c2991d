// What is used of libuv, which Node exports: its own header is not everywhere where Node is. The interface has been the same
// since libuv 1.19, and the size of a handle is asked for.
#pragma once

#include <cstddef>
#include <new>

extern "C" {
struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;
std::size_t uv_handle_size(int type);
void *uv_handle_get_data(const uv_handle_s *handle);
void uv_handle_set_data(uv_handle_s *handle, void *data);
void uv_close(uv_handle_s *handle, void (*closed)(uv_handle_s *));
int uv_poll_init(uv_loop_s *loop, uv_poll_s *handle, int file);
int uv_poll_start(uv_poll_s *handle, int events, void (*ready)(uv_poll_s *, int status, int events));
int uv_poll_stop(uv_poll_s *handle);
}

namespace goshawk::uv {

constexpr int poll_handle = 8;
constexpr int readable = 1;

inline uv_poll_s *new_poll() { return static_cast<uv_poll_s *>(::operator new(uv_handle_size(poll_handle))); }
inline void delete_poll(void *poll) { ::operator delete(poll); }
/// A poll is a handle.
inline uv_handle_s *handle_of(uv_poll_s *poll) { return reinterpret_cast<uv_handle_s *>(poll); }

}  // namespace goshawk::uv
