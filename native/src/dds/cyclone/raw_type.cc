#include "raw_type.h"

#include <dds/ddsi/q_protocol.h>

#include <cstring>

namespace goshawk::dds {

namespace {

/// Smaller ones cost less to copy than to keep in pieces.
constexpr size_t smallest_in_pieces = 256 << 10;
/// What is looked at before anybody wants the message whole: everything of an Image in front of its data.
constexpr size_t head_of_message = 16 << 10;

const RawSample *raw(const ddsi_serdata *data) { return static_cast<const RawSample *>(data); }

RawSample *make(const ddsi_sertype *type, ddsi_serdata_kind kind) {
  auto *sample = new RawSample();
  ddsi_serdata_init(sample, type, kind);
  return sample;
}

/// A sample with room for `size` bytes, or null where it may not be or no room is left.
RawSample *make_received(const ddsi_sertype *base, ddsi_serdata_kind kind, size_t size) {
  const auto *type = static_cast<const RawType *>(base);
  if (kind != SDK_DATA) return make(base, kind);
  if (!type->pool) return nullptr;
  if (size > type->max_bytes) {
    type->refusals->refuse(size);
    return nullptr;
  }
  std::shared_ptr<KeptLease> lease = type->pool->take<KeptLease>(size);
  if (!lease) {
    type->refusals->overrun.fetch_add(1);
    return nullptr;
  }
  RawSample *sample = make(base, kind);
  sample->size = size;
  sample->lease = std::move(lease);
  return sample;
}

/// The sample info of Cyclone does not say the number, and of one that is refused there is none; the submessage does, whose words it
/// has put into our octet order by now. Its writer is named there and in front of all submessages.
void count_arrival(SequenceGaps &gaps, const nn_rdata *fragment) {
  const unsigned offset = NN_RDATA_SUBMSG_OFF(fragment);
  if (offset == 0) return;
  Header_t header;
  Data_DataFrag_common_t submessage;
  std::memcpy(&header, NN_RMSG_PAYLOADOFF(fragment->rmsg, 0), sizeof(header));
  std::memcpy(&submessage, NN_RMSG_PAYLOADOFF(fragment->rmsg, offset), sizeof(submessage));
  Guid writer;
  static_assert(sizeof(header.guid_prefix) + sizeof(submessage.writerId) == sizeof(writer));
  std::memcpy(writer.data(), &header.guid_prefix, sizeof(header.guid_prefix));
  std::memcpy(writer.data() + sizeof(header.guid_prefix), &submessage.writerId, sizeof(submessage.writerId));
  gaps.add(writer, uint64_t(uint32_t(submessage.writerSN.high)) << 32 | submessage.writerSN.low);
}

ddsi_serdata *from_fragments(const ddsi_sertype *type, ddsi_serdata_kind kind, const nn_rdata *fragment, size_t size) {
  if (const auto &gaps = static_cast<const RawType *>(type)->gaps) count_arrival(*gaps, fragment);
  RawSample *sample = make_received(type, kind, size);
  if (sample == nullptr || kind != SDK_DATA) return sample;
  const bool stays = static_cast<const RawType *>(type)->in_pieces && size >= smallest_in_pieces;
  try {
    // The middleware's own readers count the references of a chain that they are given as constant, too.
    if (stays && sample->lease->keep(const_cast<nn_rdata *>(fragment), head_of_message)) return sample;
  } catch (const std::bad_alloc &) {
    // Then a copy has to do.
  }
  if (sample->lease->copy(fragment)) return sample;
  ddsi_serdata_unref(sample);
  return nullptr;
}

ddsi_serdata *from_vectors(const ddsi_sertype *type, ddsi_serdata_kind kind, ddsrt_msg_iovlen_t count,
                           const ddsrt_iovec_t *vectors, size_t size) {
  RawSample *sample = make_received(type, kind, size);
  if (sample == nullptr || kind != SDK_DATA) return sample;
  size_t offset = 0;
  for (ddsrt_msg_iovlen_t index = 0; index < count && offset < size; index += 1) {
    const size_t bytes = vectors[index].iov_len < size - offset ? vectors[index].iov_len : size - offset;
    std::memcpy(sample->bytes() + offset, vectors[index].iov_base, bytes);
    offset += bytes;
  }
  return sample;
}

ddsi_serdata_ops make_sample_ops() {
  ddsi_serdata_ops ops{};
  // ROS 2 has no keys: every sample is of the one instance.
  ops.eqkey = [](const ddsi_serdata *, const ddsi_serdata *) { return true; };
  ops.get_size = [](const ddsi_serdata *data) { return static_cast<uint32_t>(raw(data)->size); };
  ops.from_ser = from_fragments;
  ops.from_ser_iov = from_vectors;
  ops.from_keyhash = [](const ddsi_sertype *type, const ddsi_keyhash *) -> ddsi_serdata * { return make(type, SDK_KEY); };
  ops.from_sample = [](const ddsi_sertype *type, ddsi_serdata_kind kind, const void *) -> ddsi_serdata * {
    // Samples are written with dds_writecdr; what comes here is the disposal of a writer that is deleted.
    return kind == SDK_DATA ? nullptr : make(type, SDK_KEY);
  };
  ops.to_ser = [](const ddsi_serdata *data, size_t offset, size_t size, void *to) {
    std::memcpy(to, raw(data)->bytes() + offset, size);
  };
  ops.to_ser_ref = [](const ddsi_serdata *data, size_t offset, size_t size, ddsrt_iovec_t *reference) -> ddsi_serdata * {
    reference->iov_base = raw(data)->bytes() + offset;
    reference->iov_len = static_cast<ddsrt_iov_len_t>(size);
    return ddsi_serdata_ref(data);
  };
  ops.to_ser_unref = [](ddsi_serdata *data, const ddsrt_iovec_t *) { ddsi_serdata_unref(data); };
  ops.to_sample = [](const ddsi_serdata *, void *, void **, void *) { return false; };
  ops.to_untyped = [](const ddsi_serdata *data) -> ddsi_serdata * {
    RawSample *untyped = make(data->type, SDK_KEY);
    untyped->type = nullptr;
    return untyped;
  };
  ops.untyped_to_sample = [](const ddsi_sertype *, const ddsi_serdata *, void *, void **, void *) { return true; };
  ops.free = [](ddsi_serdata *data) { delete static_cast<RawSample *>(data); };
  ops.print = [](const ddsi_sertype *, const ddsi_serdata *, char *to, size_t size) -> size_t {
    if (size > 0) to[0] = 0;
    return 0;
  };
  ops.get_keyhash = [](const ddsi_serdata *, ddsi_keyhash *hash, bool) { std::memset(hash, 0, sizeof(*hash)); };
  return ops;
}

ddsi_sertype_ops make_type_ops() {
  ddsi_sertype_ops ops{};
  ops.version = ddsi_sertype_v0;
  ops.free = [](ddsi_sertype *type) {
    ddsi_sertype_fini(type);
    delete static_cast<RawType *>(type);
  };
  ops.zero_samples = [](const ddsi_sertype *, void *, size_t) {};
  ops.realloc_samples = [](void **, const ddsi_sertype *, void *, size_t, size_t) {};
  ops.free_samples = [](const ddsi_sertype *, void **, size_t, dds_free_op_t) {};
  // Each reader has its own pool, so that no two types are the same.
  ops.equal = [](const ddsi_sertype *a, const ddsi_sertype *b) { return a == b; };
  // Cyclone's table of types grows without an end once more than 32 of one name have one hash.
  ops.hash = [](const ddsi_sertype *type) -> uint32_t {
    constexpr uint64_t spread = 0x9e3779b97f4a7c15;
    return uint32_t((uint64_t(reinterpret_cast<uintptr_t>(type)) * spread) >> 32);
  };
  return ops;
}

const ddsi_serdata_ops sample_ops = make_sample_ops();
const ddsi_sertype_ops type_ops = make_type_ops();

}  // namespace

RawType *new_raw_type(const char *type_name, std::shared_ptr<BlockPool> pool, std::shared_ptr<Refusals> refusals,
                      std::shared_ptr<SequenceGaps> gaps, size_t max_bytes, bool in_pieces) {
  auto *type = new RawType();
  ddsi_sertype_init_flags(type, type_name, &type_ops, &sample_ops, DDSI_SERTYPE_FLAG_TOPICKIND_NO_KEY);
  type->allowed_data_representation = DDS_DATA_REPRESENTATION_FLAG_XCDR1;
  type->pool = std::move(pool);
  type->refusals = std::move(refusals);
  type->gaps = std::move(gaps);
  type->max_bytes = max_bytes;
  type->in_pieces = in_pieces;
  return type;
}

RawSample *new_raw_sample(const RawType *type, const uint8_t *bytes, size_t size) {
  RawSample *sample = make(type, SDK_DATA);
  sample->owned.reset(new uint8_t[size + 4]);
  std::memcpy(sample->owned.get(), bytes, size);
  std::memset(sample->owned.get() + size, 0, 4);
  sample->size = size;
  return sample;
}

}  // namespace goshawk::dds
