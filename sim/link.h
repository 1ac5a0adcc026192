#pragma once
// How the way from one host to another behaves. Plain data.

#include <cstdint>

#include "sim/distribution.h"

namespace glasshouse::sim {

// One direction. What is never, or zero, or without limit draws nothing.
struct LinkOptions {
  Distribution latency =
      Distribution::uniform(Duration::microseconds(100), Duration::milliseconds(1));
  // A packet is lost: the stream stalls until it has been sent again.
  Ratio stall{.numerator = 0, .denominator = 1};
  Distribution stall_time =
      Distribution::exponential(Duration::milliseconds(200), Duration::milliseconds(100));
  // Something on the way resets the connection instead of carrying a packet.
  Ratio reset{.numerator = 0, .denominator = 1};
  // What was sent at once arrives in two pieces.
  Ratio split{.numerator = 0, .denominator = 1};
  std::uint64_t bytes_per_second = 0;  // shared by all streams; 0: without limit
};

// Within one host.
LinkOptions loopback_link();

struct NetworkOptions {
  LinkOptions link = {};  // between hosts, unless World::set_link says otherwise
  LinkOptions loopback = loopback_link();
  Duration connect_timeout = Duration::seconds(20);
  // How long a sender hears nothing before its connection is given up: etimedout.
  Duration silence_timeout = Duration::seconds(15);
  // What one stream may have on the way and in the receiver's hands; beyond, the sender queues.
  std::uint32_t window = 256 << 10;     // bytes
  std::uint32_t packet_max = 64 << 10;  // bytes
  std::uint32_t backlog_max = 128;      // connections a listener has not been credited for
};

}  // namespace glasshouse::sim
