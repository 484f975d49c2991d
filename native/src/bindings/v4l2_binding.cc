// A V4L2 device for JavaScript: open, ioctl, mmap and poll, and nothing that knows what they are for. Types stand in
// native/v4l2.ts.
#ifdef __linux__
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "uv_poll.h"
#include "v4l2_binding.h"

namespace goshawk::bindings {

namespace {

[[noreturn]] void fail(Napi::Env env, const char *what, int number) {
  Napi::Error error = Napi::Error::New(env, std::string(what) + ": " + std::strerror(number));
  error.Set("errno", double(number));
  throw error;
}

class VideoNode : public Napi::ObjectWrap<VideoNode> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "VideoNode",
                       {InstanceMethod<&VideoNode::control>("ioctl"), InstanceMethod<&VideoNode::map>("map"),
                        InstanceMethod<&VideoNode::watch>("watch"), InstanceMethod<&VideoNode::close>("close")});
  }
  explicit VideoNode(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    const std::string path = info[0].ToString().Utf8Value();
    file_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (file_ < 0) fail(info.Env(), path.c_str(), errno);
  }
  ~VideoNode() override { shut(); }

 private:
  /// 0, or the number of the error. The size that the request names must be that of the bytes: the kernel writes there.
  Napi::Value control(const Napi::CallbackInfo &info) {
    const uint32_t request = info[0].ToNumber().Uint32Value();
    const Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
    if (_IOC_SIZE(request) > bytes.ByteLength()) fail(info.Env(), "ioctl", EINVAL);
    int result = 0;
    do {
      result = file_ < 0 ? -1 : ::ioctl(file_, request, bytes.Data());
    } while (result < 0 && file_ >= 0 && errno == EINTR);
    return Napi::Number::New(info.Env(), result >= 0 ? 0 : file_ < 0 ? EBADF : errno);
  }

  /// A buffer of the device. It stays mapped for as long as JavaScript sees it, also after `close`.
  Napi::Value map(const Napi::CallbackInfo &info) {
    const size_t length = size_t(info[1].ToNumber().Int64Value());
    void *memory = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, file_, off_t(info[0].ToNumber().Int64Value()));
    if (memory == MAP_FAILED) fail(info.Env(), "mmap", errno);
    auto *size = new size_t(length);
    const Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
        info.Env(), memory, length,
        [](Napi::Env, void *mapped, size_t *bytes) {
          ::munmap(mapped, *bytes);
          delete bytes;
        },
        size);
    return Napi::Uint8Array::New(info.Env(), length, buffer, 0);
  }

  Napi::Value watch(const Napi::CallbackInfo &info) {
    listener_ = Napi::Persistent(info[0].As<Napi::Function>());
    uv_loop_s *loop = nullptr;
    if (napi_get_uv_event_loop(info.Env(), &loop) != napi_ok || poll_ != nullptr) fail(info.Env(), "poll", EINVAL);
    poll_ = uv::new_poll();
    if (const int status = uv_poll_init(loop, poll_, file_)) {
      uv::delete_poll(std::exchange(poll_, nullptr));
      fail(info.Env(), "poll", -status);
    }
    uv_handle_set_data(uv::handle_of(poll_), this);
    uv_poll_start(poll_, uv::readable, [](uv_poll_s *poll, int, int) {
      auto *self = static_cast<VideoNode *>(uv_handle_get_data(uv::handle_of(poll)));
      const Napi::HandleScope scope(self->Env());
      self->listener_.MakeCallback(self->Env().Global(), {});
    });
    return info.Env().Undefined();
  }

  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }

  void shut() {
    if (poll_ != nullptr) {
      uv_poll_stop(poll_);
      uv_close(uv::handle_of(std::exchange(poll_, nullptr)), [](uv_handle_s *handle) { uv::delete_poll(handle); });
    }
    if (file_ >= 0) ::close(std::exchange(file_, -1));
  }

  int file_ = -1;
  uv_poll_s *poll_ = nullptr;
  Napi::FunctionReference listener_;
};

}  // namespace

void define_v4l2(Napi::Env env, Napi::Object exports) { exports.Set("VideoNode", VideoNode::define(env)); }

}  // namespace goshawk::bindings
#endif
