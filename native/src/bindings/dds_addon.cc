// ROS 2's wire for JavaScript. Compiled once for each middleware, as an addon of its own, so that goshawk.node needs none of
// them: goshawk_dds.node (Cyclone DDS) and goshawk_fastdds.node. Types of what they export stand in native/dds.ts.
#include <napi.h>

#include <map>

#include "../dds/middleware.h"
#include "block_buffers.h"
#include "notifier.h"
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
  options.identities = object.Get("identities").ToBoolean();
  options.queue = size_t(number(object, "queue"));
  if (object.Has("queueBytes")) options.queue_bytes = size_t(number(object, "queueBytes"));
  options.max_blocking_ms = int(number(object, "maxBlockingMs"));
  options.leaves_at_once = object.Get("leavesAtOnce").ToBoolean();
  return options;
}

template <size_t Size>
Napi::Value octets(Napi::Env env, const std::array<uint8_t, Size> &value) {
  Napi::Uint8Array bytes = Napi::Uint8Array::New(env, Size);
  std::copy(value.begin(), value.end(), bytes.Data());
  return bytes;
}

/// Of another length: nothing.
template <size_t Size>
std::optional<std::array<uint8_t, Size>> octets_of(const Napi::Value &value) {
  if (!value.IsTypedArray()) return std::nullopt;
  const Napi::Uint8Array bytes = value.As<Napi::Uint8Array>();
  if (bytes.ByteLength() != Size) return std::nullopt;
  std::array<uint8_t, Size> out;
  std::copy(bytes.Data(), bytes.Data() + Size, out.begin());
  return out;
}

Napi::Array from_events(Napi::Env env, const std::deque<dds::StatusEvent> &events) {
  Napi::Array list = Napi::Array::New(env, events.size());
  uint32_t index = 0;
  for (const dds::StatusEvent &event : events) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("kind", event.kind);
    item.Set("count", double(event.count));
    item.Set("policy", event.policy);
    list.Set(index++, item);
  }
  return list;
}

Napi::Array from_gave_way(Napi::Env env, const std::deque<dds::GaveWay> &gave_way) {
  Napi::Array list = Napi::Array::New(env, gave_way.size());
  uint32_t index = 0;
  for (const dds::GaveWay &one : gave_way) {
    Napi::Object item = Napi::Object::New(env);
    Napi::Uint8Array head = Napi::Uint8Array::New(env, one.head_size());
    std::copy_n(one.head.data(), one.head_size(), head.Data());
    item.Set("bytes", head);
    item.Set("size", double(one.size));
    item.Set("own", octets(env, one.own));
    item.Set("related", octets(env, one.related));
    list.Set(index++, item);
  }
  return list;
}

class DdsParticipant : public Napi::ObjectWrap<DdsParticipant> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "DdsParticipant",
                       {InstanceMethod<&DdsParticipant::guid>("guid"),
                        InstanceMethod<&DdsParticipant::writers_of>("writersOf"),
                        InstanceMethod<&DdsParticipant::readers_of>("readersOf"),
                        InstanceMethod<&DdsParticipant::announcements>("announcements"),
                        InstanceMethod<&DdsParticipant::close>("close")});
  }
  explicit DdsParticipant(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    const Napi::Object options = info[0].As<Napi::Object>();
    guarded(info.Env(), [&] {
      participant = dds::make_participant(uint32_t(number(options, "domain")), text(options, "configuration"),
                                          text(options, "userData"));
    });
  }
  std::shared_ptr<Participant> participant;

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    return octets(info.Env(), participant ? participant->guid() : dds::Guid{});
  }
  Napi::Value writers_of(const Napi::CallbackInfo &info) { return announced(info, &Participant::writers_of); }
  Napi::Value readers_of(const Napi::CallbackInfo &info) { return announced(info, &Participant::readers_of); }
  using Find = std::vector<dds::Announced> (Participant::*)(const std::string &, size_t) const;
  Napi::Value announced(const Napi::CallbackInfo &info, Find find) {
    const Napi::Env env = info.Env();
    return guarded(env, [&]() -> Napi::Value {
      std::vector<dds::Announced> found;
      if (participant) found = (*participant.*find)(info[0].ToString().Utf8Value(), info[1].ToNumber().Uint32Value());
      Napi::Array list = Napi::Array::New(env, found.size());
      uint32_t index = 0;
      for (const dds::Announced &end : found) {
        Napi::Object item = Napi::Object::New(env);
        item.Set("guid", octets(env, end.guid));
        item.Set("type", end.type);
        item.Set("userData", end.user_data);
        list.Set(index++, item);
      }
      return list;
    });
  }
  Napi::Value announcements(const Napi::CallbackInfo &info) {
    const dds::Announcements tally = participant ? participant->announcements() : dds::Announcements{};
    Napi::Object counts = Napi::Object::New(info.Env());
    counts.Set("heard", double(tally.heard));
    counts.Set("dropped", double(tally.dropped));
    return counts;
  }
  /// Its endpoints, and messages that somebody still has, keep it; the last words of those that were closed are waited for here.
  Napi::Value close(const Napi::CallbackInfo &info) {
    if (participant) participant->leaving().wait_for_all();
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
                        InstanceMethod<&DdsReader::release>("release"), InstanceMethod<&DdsReader::gather>("gather"),
                        InstanceMethod<&DdsReader::close>("close")});
  }
  explicit DdsReader(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    auto participant = participant_of(info);
    notifier_ = std::make_shared<Notifier>(info.Env(), info[2].As<Napi::Function>(), "goshawk dds", true);
    guarded(info.Env(), [&] {
      try {
        const EndpointOptions options = to_options(info[1].As<Napi::Object>());
        identities_ = options.identities;
        reader_ = dds::make_reader(std::move(participant), options, [notifier = notifier_] { notifier->notify(); });
      } catch (...) {
        notifier_->stop();
        throw;
      }
    });
    // A sample that came while the reader was being made waits for this.
    notifier_->notify();
  }
  ~DdsReader() override { shut(); }

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    return octets(info.Env(), reader_ ? reader_->guid() : dds::Guid{});
  }

  Napi::Value take(const Napi::CallbackInfo &info) {
    const Napi::Env env = info.Env();
    notifier_->rearm();
    if (!reader_) return env.Null();
    std::deque<dds::Received> received = reader_->inbox().take_samples();
    Napi::Array samples = Napi::Array::New(env, received.size());
    uint32_t index = 0;
    for (dds::Received &one : received) {
      const uint32_t id = next_id_++;
      Napi::Object sample = Napi::Object::New(env);
      sample.Set("id", double(id));
      sample.Set("bytes", Napi::Uint8Array::New(env, one.size, buffers_.of(env, one.lease->block), 0));
      if (Pieces *pieces = one.lease->pieces()) {
        sample.Set("pieces", pieces_value(env, std::shared_ptr<Pieces>(one.lease, pieces)));
      }
      if (identities_) {
        sample.Set("own", octets(env, one.own));
        sample.Set("related", octets(env, one.related));
      }
      held_.emplace(id, std::move(one.lease));
      samples.Set(index++, sample);
    }
    Napi::Object out = Napi::Object::New(env);
    out.Set("samples", samples);
    out.Set("gaveWay", from_gave_way(env, reader_->inbox().take_gave_way()));
    out.Set("events", from_events(env, reader_->inbox().take_events()));
    const dds::Refusals &refusals = *reader_->inbox().refusals;
    out.Set("tooLarge", double(refusals.too_large.load()));
    out.Set("largest", double(refusals.largest.load()));
    out.Set("superseded", double(reader_->inbox().superseded() + refusals.overrun.load()));
    return out;
  }

  Napi::Value release(const Napi::CallbackInfo &info) {
    held_.erase(info[0].ToNumber().Uint32Value());
    return info.Env().Undefined();
  }

  Napi::Value gather(const Napi::CallbackInfo &info) {
    const auto held = held_.find(info[0].ToNumber().Uint32Value());
    if (held == held_.end()) return info.Env().Undefined();
    if (Pieces *pieces = held->second->pieces()) pieces->gather();
    return info.Env().Undefined();
  }

  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }

  void shut() {
    if (!reader_) return;
    reader_.reset();
    notifier_->stop();
    buffers_.clear();
  }

  std::shared_ptr<Notifier> notifier_;
  std::unique_ptr<dds::Reader> reader_;
  BlockBuffers buffers_;
  std::map<uint32_t, std::shared_ptr<Lease>> held_;
  uint32_t next_id_ = 1;
  bool identities_ = false;
};

class DdsWriter : public Napi::ObjectWrap<DdsWriter> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "DdsWriter",
                       {InstanceMethod<&DdsWriter::guid>("guid"), InstanceMethod<&DdsWriter::write>("write"),
                        InstanceMethod<&DdsWriter::matched>("matched"), InstanceMethod<&DdsWriter::reaches>("reaches"),
                        InstanceMethod<&DdsWriter::take>("take"), InstanceMethod<&DdsWriter::close>("close")});
  }
  explicit DdsWriter(const Napi::CallbackInfo &info) : ObjectWrap(info) {
    auto participant = participant_of(info);
    notifier_ = std::make_shared<Notifier>(info.Env(), info[2].As<Napi::Function>(), "goshawk dds", false);
    guarded(info.Env(), [&] {
      try {
        writer_ = dds::make_writer(std::move(participant), to_options(info[1].As<Napi::Object>()),
                                   [notifier = notifier_] { notifier->notify(); });
      } catch (...) {
        notifier_->stop();
        throw;
      }
    });
  }
  ~DdsWriter() override { shut(); }

 private:
  Napi::Value guid(const Napi::CallbackInfo &info) {
    return octets(info.Env(), writer_ ? writer_->guid() : dds::Guid{});
  }
  Napi::Value write(const Napi::CallbackInfo &info) {
    const Napi::Uint8Array bytes = info[0].As<Napi::Uint8Array>();
    return guarded(info.Env(), [&]() -> Napi::Value {
      const auto related = octets_of<sizeof(dds::Identity)>(info[1]);
      return Napi::Boolean::New(info.Env(), writer_ && writer_->write(bytes.Data(), bytes.ByteLength(), related));
    });
  }
  Napi::Value matched(const Napi::CallbackInfo &info) {
    return Napi::Number::New(info.Env(), writer_ ? writer_->matched() : 0);
  }
  Napi::Value reaches(const Napi::CallbackInfo &info) {
    const auto reader = octets_of<sizeof(dds::Guid)>(info[0]);
    return Napi::Boolean::New(info.Env(), writer_ && reader && writer_->reaches(*reader));
  }
  Napi::Value take(const Napi::CallbackInfo &info) {
    notifier_->rearm();
    return from_events(info.Env(), writer_ ? writer_->inbox().take_events() : std::deque<dds::StatusEvent>{});
  }
  Napi::Value close(const Napi::CallbackInfo &info) {
    shut();
    return info.Env().Undefined();
  }
  void shut() {
    if (!writer_) return;
    writer_.reset();
    notifier_->stop();
  }

  std::shared_ptr<Notifier> notifier_;
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

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Init)
