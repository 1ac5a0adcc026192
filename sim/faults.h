#pragma once
// The faults of a simulated world, by name. Every fault is told in the trace with its begin and its
// end, has an end, and draws from streams of its own: a world without it has every other draw
// unchanged, and a fault that is not on draws nothing.
//
// A fault is in force until its own end, whatever overlaps it. Delays, failures, cuts and drifts
// add up (drifts as far as a clock can go); of refusals, of rooms on a disk and of chances to tear,
// the last begun of those that are on counts. A crash is over when the node starts again, for
// whatever reason, and a pause with the life of its node.
//
// Threads: the one that runs the world; not from inside a process.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/term/term.h"
#include "sim/distribution.h"

namespace glasshouse::sim {

using runtime::Result;
using runtime::Term;

class World;
using FaultNumber = std::uint64_t;

// What is asked for. What a kind does not use must stay as it is; an empty list of hosts means all.
struct FaultSpec {
  std::string kind{};                              // one of fault_kinds()
  std::vector<std::string> hosts{};                // whom it concerns; of a link: from there
  std::vector<std::string> others{};               // the other side of a link: to there
  bool one_way = false;                            // not from `others` to `hosts` too
  std::vector<std::vector<std::string>> groups{};  // part.split: hosts in no group are one more
  std::string node{};
  std::string process{};            // a registered name, or what it was spawned as: all of those
  std::optional<Duration> lasts{};  // none: until end, heal_all, or at once if it is momentary
  Distribution time{};              // latency, stall time, delay of a disk, pause
  Ratio chance{.numerator = 1, .denominator = 1};
  std::int64_t amount = 0;  // bytes a second, bytes of a disk, ppm of a clock
  Duration by{};            // skew or jump of a clock; may be negative
  Term reason{};            // proc.kill; undefined: kill

  Term term() const;  // as it stands in the trace
};

// Which parameters a kind reads, for messages and manuals.
struct FaultKind {
  std::string_view name;   // "net.latency"
  std::string_view doc;    // one line
  std::string_view uses;   // "hosts others one_way time lasts"; needed ones end in '!'
  bool momentary = false;  // begins and ends at once
};
// In the order of their names.
std::span<const FaultKind> fault_kinds();
const FaultKind* find_fault_kind(std::string_view name);

struct FaultCount {
  std::string_view kind{};
  std::uint64_t begun = 0;
  std::uint64_t fired = 0;  // how often it did something: packets stalled, writes torn, ...
};

class Faults {
 public:
  explicit Faults(World& world);
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  ~Faults();

  // Errors: an unknown kind, host, node or process, a parameter that is missing; one sentence.
  Result<FaultNumber> begin(const FaultSpec& spec);
  // False if it has ended.
  bool end(FaultNumber number);
  // Ends all: cuts are healed, clocks and disks are well, paused nodes go on, nodes that a fault
  // crashed start again.
  void heal_all();

  std::size_t active() const;
  // The cuts that are on between these two hosts, of one way or both, and cut no other link: to
  // `end` them heals this link alone. In the order of their begin.
  std::vector<FaultNumber> cuts_between(std::string_view host, std::string_view other) const;
  // Kinds that began at least once, in the order of their names.
  std::vector<FaultCount> counts() const;
  // For the parts of the world that carry out a fault.
  void fired(std::string_view kind);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace glasshouse::sim
