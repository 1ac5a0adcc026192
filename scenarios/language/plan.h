#pragma once
// What a scenario declares before anything runs: plain data, the same for one text, seed and set of
// parameters.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "scenarios/application.h"

namespace glasshouse::scenarios {

struct ParameterPlan {
  std::string name;
  Value value;
  Value by_default;
  std::string doc;
};

struct HostPlan {
  std::string name;
};

struct NodePlan {
  std::string name;
  std::uint32_t host = 0;  // index in Plan::hosts
  const Application* application = nullptr;
  Options options;
};

// How every link is unless a fault says otherwise.
struct NetworkPlan {
  Duration latency_least = Duration::microseconds(100);
  Duration latency_most = Duration::milliseconds(2);
  runtime::Ratio stall{.numerator = 0, .denominator = 1};
  std::int64_t bytes_per_second = 0;  // 0: without limit
};

struct Plan {
  std::string name;
  std::vector<ParameterPlan> parameters;
  std::vector<HostPlan> hosts;
  std::vector<NodePlan> nodes;
  NetworkPlan network;
  std::optional<Duration> length;  // none: until --until or a signal
};

// A fault as a scenario asks for it; what a kind does not use stays as it is.
struct FaultRequest {
  std::string kind;                 // "partition"; the words are those of words_of_fault.cpp
  std::vector<std::string> hosts;   // whom it concerns
  std::vector<std::string> others;  // the other side of a link
  bool one_way = false;             // only from `hosts` to `others`
  std::string node;
  std::string process;            // a registered name, or what it was spawned as
  std::optional<Duration> lasts;  // none: until healed
  Duration least;                 // of a latency; of a clock the skew
  Duration most;
  runtime::Ratio chance{.numerator = 1, .denominator = 1};
  std::int64_t amount = 0;  // bytes (a second), or ppm of a clock
  bool power = true;        // crash: the power is cut; false: only its program dies

  // In print, as it is written in a scenario.
  std::string shown() const;
};

}  // namespace glasshouse::scenarios
