// ROS 2's wire for JavaScript: goshawk_dds.node, an addon of its own so that goshawk.node needs no Cyclone DDS. Types of
// what it exports stand in native/dds.ts.
#include <napi.h>

#include <map>

#include "../dds/endpoint.h"
#include "pieces_value.h"

namespace goshawk::bindings {

namespace {

using dds::EndpointOptions;
using dds::Participant;

std::string text(const Napi::Object &object, const char *key) { return object.Get(key).ToString().Utf8Value(); }
double number(const Napi::Object &object, const char *key) { return object.Get(key).ToNumber().DoubleValue(); }

template <typename Body>
auto guarded(Napi::Env env, Body &&body) -> decltype(body()) {
  try {
    return body();
  } catch (const Napi::Error &) {
    throw;
  } catch (const std::exception &error) {
    Napi::Error wrapped = Napi::Error::New(env, error.what());
    wrapped.Set("code", "dds-middleware");
    throw wrapped;
  }
}

EndpointOptions to_options(const Napi::Object &object) {
  EndpointOptions options;
  options.topic = text(object, "topic");
  options.type = text(object, "type");
  options.user_data = text(object, "userData");
  options.reliable = text(object, "reliability") == "reliable";
  options.transient_local = text(object, "durability") == "transient_local";
  options.depth = int(number(object, "depth"));
  options.max_bytes = size_t(number(object, "maxBytes"));
  options.in_pieces = object.Get("inPieces").ToBoolean();
  options.queue = size_t(number(object, "queue"));
  options.max_blocking_ms = int(number(object, "maxBlockingMs"));
  return options;
}

Napi::Value guid_bytes(Napi::Env env, const dds_guid_t &guid) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(env, sizeof(guid.v));
  std::copy(std::begin(guid.v), std::end(guid.v), bytes.Data());
  return bytes;
}

Napi::Array from_happenings(Napi::Env env, const std::deque<dds::Happening> &happenings) {
  Napi::Array list = Napi::Array::New(env, happenings.size());
  uint32_t index = 0;
  for (const dds::Happening &happening : happenings) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("kind", happening.kind);
    item.Set("count", double(happening.count));
    item.Set("policy", happening.policy);
    list.Set(index++, item);
  }
  return list;
}

/// Wakes JavaScript from a thread of the middleware, at most once until it has looked.
class Bell {
 public:
  Bell(Napi::Env env, const Napi::Function &listener, bool keep_alive) {
    function_ = Napi::ThreadSafeFunction::New(env, listener, "goshawk dds", 0, 1);
    if (!keep_alive) function_.Unref(env);
  }
  void ring() {
    if (rung_.exchange(true)) return;
    function_.NonBlockingCall([](Napi::Env, Napi::Function listener) { listener.Call({}); });
  }
  void seen() { rung_.store(false); }
  void stop() { function_.Abort(); }

 private:
  Napi::ThreadSafeFunction function_;
  std::atomic<bool> rung_{false};
};

class DdsParticipant : public Napi::ObjectWrap<DdsParticipant> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "DdsParticipant",
                       {InstanceMethod<&DdsParticipant::guid>("guid"), InstanceMethod<&DdsParticipant::close>("close")});
  }
  explicit DdsParticipant(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    const Napi::Object options = info[0].As<Napi::Object>();
    guarded(info.Env(), [&] {
      participant = std::make_shared<Participant>(uint32_t(number(options, "domain")), text(options, "configuration"),
                                                  text(options, "userData"));
    });
  }
  std::shared_ptr<Participant> participant;

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    dds_guid_t guid{};
    if (participant) dds_get_guid(participant->entity(), &guid);
    return guid_bytes(info.Env(), guid);
  }
  /// Its endpoints keep it until they are closed.
  Napi::Value close(const Napi::CallbackInfo &info) {
    participant.reset();
    return info.Env().Undefined();
  }
};

std::shared_ptr<Participant> participant_of(const Napi::CallbackInfo &info) {
  DdsParticipant *owner = DdsParticipant::Unwrap(info[0].As<Napi::Object>());
  if (owner == nullptr || !owner->participant) throw Napi::Error::New(info.Env(), "the participant is closed");
  return owner->participant;
}

class DdsReader : public Napi::ObjectWrap<DdsReader> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "DdsReader",
                       {InstanceMethod<&DdsReader::guid>("guid"), InstanceMethod<&DdsReader::take>("take"),
                        InstanceMethod<&DdsReader::release>("release"), InstanceMethod<&DdsReader::gather>("gather"), InstanceMethod<&DdsReader::close>("close")});
  }
  explicit DdsReader(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    auto participant = participant_of(info);
    bell_ = std::make_shared<Bell>(info.Env(), info[2].As<Napi::Function>(), true);
    guarded(info.Env(), [&] {
      try {
        reader_ = std::make_unique<dds::Reader>(std::move(participant), to_options(info[1].As<Napi::Object>()),
                                                [bell = bell_] { bell->ring(); });
      } catch (...) {
        bell_->stop();
        throw;
      }
    });
    // A sample that came while the reader was being made waits for this.
    bell_->ring();
  }
  ~DdsReader() override { shut(); }

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    return guid_bytes(info.Env(), reader_ ? reader_->guid() : dds_guid_t{});
  }

  Napi::Value take(const Napi::CallbackInfo &info) {
    const Napi::Env env = info.Env();
    bell_->seen();
    if (!reader_) return env.Null();
    std::deque<dds::Received> received = reader_->take_samples();
    Napi::Array samples = Napi::Array::New(env, received.size());
    uint32_t index = 0;
    for (dds::Received &one : received) {
      const uint32_t id = next_id_++;
      Napi::Object sample = Napi::Object::New(env);
      sample.Set("id", double(id));
      sample.Set("bytes", Napi::Uint8Array::New(env, one.lease->size, buffer_of(env, one.lease->block), 0));
      if (one.lease->in_pieces()) sample.Set("pieces", pieces_value(env, one.lease));
      held_.emplace(id, std::move(one.lease));
      samples.Set(index++, sample);
    }
    Napi::Object out = Napi::Object::New(env);
    out.Set("samples", samples);
    out.Set("happenings", from_happenings(env, reader_->take_happenings()));
    out.Set("tooLarge", double(reader_->refusals().too_large.load()));
    out.Set("largest", double(reader_->refusals().largest.load()));
    out.Set("superseded", double(reader_->superseded() + reader_->refusals().overrun.load()));
    return out;
  }

  Napi::Value release(const Napi::CallbackInfo &info) {
    held_.erase(info[0].ToNumber().Uint32Value());
    return info.Env().Undefined();
  }

  Napi::Value gather(const Napi::CallbackInfo &info) {
    const auto held = held_.find(info[0].ToNumber().Uint32Value());
    if (held != held_.end()) held->second->gather();
    return info.Env().Undefined();
  }

  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }

  void shut() {
    if (!reader_) return;
    reader_.reset();
    bell_->stop();
    buffers_.clear();
  }

  /// The one ArrayBuffer over a block: made once, used for every message that comes to lie there. No copy.
  Napi::ArrayBuffer buffer_of(Napi::Env env, const std::shared_ptr<dds::Block> &block) {
    for (auto it = buffers_.begin(); it != buffers_.end();) {
      it = it->first->retired.load() ? buffers_.erase(it) : std::next(it);
    }
    const auto known = buffers_.find(block);
    if (known != buffers_.end()) return known->second.Value().As<Napi::ArrayBuffer>();
    auto *keeper = new std::shared_ptr<dds::Block>(block);
    Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(
        env, block->data.get(), block->capacity,
        [](Napi::Env, void *, std::shared_ptr<dds::Block> *owner) { delete owner; }, keeper);
    buffers_.emplace(block, Napi::Persistent(buffer.As<Napi::Object>()));
    return buffer;
  }

  std::shared_ptr<Bell> bell_;
  std::unique_ptr<dds::Reader> reader_;
  std::map<std::shared_ptr<dds::Block>, Napi::ObjectReference> buffers_;
  std::map<uint32_t, std::shared_ptr<dds::Lease>> held_;
  uint32_t next_id_ = 1;
};

class DdsWriter : public Napi::ObjectWrap<DdsWriter> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "DdsWriter",
                       {InstanceMethod<&DdsWriter::guid>("guid"), InstanceMethod<&DdsWriter::write>("write"),
                        InstanceMethod<&DdsWriter::matched>("matched"), InstanceMethod<&DdsWriter::take>("take"),
                        InstanceMethod<&DdsWriter::close>("close")});
  }
  explicit DdsWriter(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    auto participant = participant_of(info);
    bell_ = std::make_shared<Bell>(info.Env(), info[2].As<Napi::Function>(), false);
    guarded(info.Env(), [&] {
      try {
        writer_ = std::make_unique<dds::Writer>(std::move(participant), to_options(info[1].As<Napi::Object>()),
                                                [bell = bell_] { bell->ring(); });
      } catch (...) {
        bell_->stop();
        throw;
      }
    });
  }
  ~DdsWriter() override { shut(); }

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    return guid_bytes(info.Env(), writer_ ? writer_->guid() : dds_guid_t{});
  }
  Napi::Value write(const Napi::CallbackInfo &info) {
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    return guarded(info.Env(), [&]() -> Napi::Value {
      return Napi::Boolean::New(info.Env(), writer_ && writer_->write(bytes.Data(), bytes.ByteLength()));
    });
  }
  Napi::Value matched(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), writer_ ? writer_->matched() : 0);
  }
  Napi::Value take(const Napi::CallbackInfo &info) {
    bell_->seen();
    return from_happenings(info.Env(), writer_ ? writer_->take_happenings() : std::deque<dds::Happening>{});
  }
  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }
  void shut() {
    if (!writer_) return;
    writer_.reset();
    bell_->stop();
  }

  std::shared_ptr<Bell> bell_;
  std::unique_ptr<dds::Writer> writer_;
};

}  // namespace

}  // namespace goshawk::bindings

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("DdsParticipant", goshawk::bindings::DdsParticipant::define(env));
  exports.Set("DdsReader", goshawk::bindings::DdsReader::define(env));
  exports.Set("DdsWriter", goshawk::bindings::DdsWriter::define(env));
  return exports;
}

NODE_API_MODULE(goshawk_dds, Init)
