// A DDS type whose samples are opaque CDR bytes: what goes over the wire is what the caller wrote, and the other way round.
#pragma once

#include <dds/dds.h>
#include <dds/ddsi/ddsi_serdata.h>
#include <dds/ddsi/ddsi_sertype.h>

#include "../inbox.h"
#include "../sequence_gaps.h"
#include "kept_lease.h"

namespace goshawk::dds {

struct RawType : ddsi_sertype {
  std::shared_ptr<BlockPool> pool;
  std::shared_ptr<Refusals> refusals;
  /// Of a reader.
  std::shared_ptr<SequenceGaps> gaps;
  size_t max_bytes = 0;
  /// Large messages stay in the receive buffers.
  bool in_pieces = false;
};

struct RawSample : ddsi_serdata {
  /// Of a received sample; null where it is empty (a disposal).
  std::shared_ptr<KeptLease> lease;
  /// Of a sample to be sent.
  std::unique_ptr<uint8_t[]> owned;
  size_t size = 0;
  uint8_t *bytes() const { return lease ? lease->block->data.get() : owned.get(); }
};

/// To be given to dds_create_topic_sertype, which takes it over.
RawType *new_raw_type(const char *type_name, std::shared_ptr<BlockPool> pool, std::shared_ptr<Refusals> refusals,
                      std::shared_ptr<SequenceGaps> gaps, size_t max_bytes, bool in_pieces);

/// A copy of `bytes`, encapsulation header first; to be given to dds_writecdr, which takes it over.
RawSample *new_raw_sample(const RawType *type, const uint8_t *bytes, size_t size);

}  // namespace goshawk::dds
