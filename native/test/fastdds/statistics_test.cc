// How what Fast DDS 3 adds for its statistics is told from everything else (trimmed_transport.h); 2 needs no such thing.
#include <cstdio>
#include <cstring>

#include "../../src/dds/fastdds/trimmed_transport.h"
#include "../check.h"

using namespace goshawk::dds;

namespace {

using eprosima::fastdds::rtps::NetworkBuffer;

/// As Fast DDS lays a message out: a piece of memory with its headers, and payloads elsewhere.
struct Message {
  uint8_t headers[256] = {};
  uint8_t payload[256] = {};
  uint8_t encrypted[64] = {};
  static constexpr uint32_t first = 52, second = 32;

  Message() {
    headers[20] = 0x15;
    encrypted[20] = 0x33;
  }
  NetworkBuffer head() { return NetworkBuffer(headers, first); }
  NetworkBuffer next_head() { return NetworkBuffer(headers + first, second); }
  /// Of somebody's picture: all of it, or a fragment.
  NetworkBuffer piece(uint32_t from, uint32_t size) { return NetworkBuffer(payload + from, size); }
  static NetworkBuffer like_statistics(uint8_t *octets) {
    const uint8_t header[] = {statistics_submessage, 1, 56, 0};
    std::memcpy(octets, header, sizeof header);
    return NetworkBuffer(octets, statistics_octets);
  }
};

void tells_statistics_by_their_header() {
  Message message;
  uint8_t *octets = message.headers + Message::first;
  Message::like_statistics(octets);
  const auto told = [&](uint32_t size) { return ends_with_statistics({message.head(), NetworkBuffer(octets, size)}); };
  CHECK(told(60) && !told(56));
  for (int at = 0; at < 4; at += 1) {
    octets[at] ^= 3;
    CHECK(!told(60));
    octets[at] ^= 3;
  }
  // The other byte order.
  octets[1] = 0;
  std::swap(octets[2], octets[3]);
  CHECK(told(60));
  // What a transport wrote into it is no part of the header.
  octets[4] = 7;
  CHECK(told(60));
}

/// The end of a payload may be as long, and begin as they do: all that is left is where it lies.
void tells_statistics_from_payload() {
  Message message;
  const NetworkBuffer payload = message.piece(0, 100), fragment = message.piece(100, 20);
  const NetworkBuffer behind_one = Message::like_statistics(message.headers + Message::first);
  CHECK(ends_with_statistics({message.head(), behind_one}));
  CHECK(ends_with_statistics({message.head(), payload, behind_one}));
  CHECK(ends_with_statistics({message.head(), payload, fragment, behind_one}));

  const NetworkBuffer whole = Message::like_statistics(message.payload);
  CHECK(!ends_with_statistics({whole}));
  CHECK(!ends_with_statistics({message.head(), whole}));
  const NetworkBuffer last_fragment = Message::like_statistics(message.payload + 120);
  CHECK(!ends_with_statistics({message.head(), last_fragment}));
  CHECK(!ends_with_statistics({message.head(), fragment, last_fragment}));
  CHECK(!ends_with_statistics({message.head(), payload, message.next_head(), last_fragment}));
  CHECK(!ends_with_statistics({message.head(), payload, message.next_head(), fragment, last_fragment}));

  const NetworkBuffer behind_two = Message::like_statistics(message.headers + Message::first + Message::second);
  CHECK(ends_with_statistics({message.head(), payload, message.next_head(), fragment, behind_two}));
  CHECK(ends_with_statistics({message.head(), message.next_head(), behind_two}));

  const NetworkBuffer encrypted(message.encrypted, 64);
  CHECK(ends_with_statistics({encrypted, behind_one}));
  message.encrypted[20] = 0x15;
  CHECK(!ends_with_statistics({encrypted, behind_one}));
}

}  // namespace

int main() {
  tells_statistics_by_their_header();
  tells_statistics_from_payload();
  std::puts("ok");
  return 0;
}
