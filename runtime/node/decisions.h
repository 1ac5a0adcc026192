#pragma once
// Everything that is a choice goes through here: who runs next, what a link does to a packet,
// whether a fault fires, a user's random draw. Random strategies, replay and the person at the
// observer are all providers of decisions.
//
// A choice has a stable address: (what kind, for whom, the how-manieth of that kind for that
// entity). Draws are counter-based, so that taking one fault away shifts no other draw.

#include <cstdint>

#include "runtime/base/random.h"

namespace glasshouse::runtime {

enum class Choice : std::uint8_t {
  schedule,      // entity = process: how long until a process that became runnable runs
  budget,        // entity = process: how many reductions it gets
  latency,       // entity = direction of a stream
  stall,         // entity = direction of a stream: a lost packet shows as a stall
  reset,         // entity = direction of a stream: something on the way resets it
  split,         // entity = direction of a stream: what was sent at once arrives in pieces
  disk_latency,  // entity = file of a disk
  disk_fault,    // entity = file of a disk: what a crash does to an unsynced write
  fault,         // entity = what it concerns, its kind and parameters: whether and when it fires
  workload,      // entity = client or generator number in a scenario
  user,          // entity = process: Self::random
  creation,      // entity = node, by its number in the trace: which life it is
};

class Decisions {
 public:
  virtual ~Decisions() = default;
  // The next value of stream (choice, entity): 64 random bits, or what a replay or a person says.
  // On multicore any thread may call; in the simulator there is one.
  virtual std::uint64_t draw(Choice choice, std::uint64_t entity) = 0;

  // Uniform in [0, bound). REQUIRES: bound > 0. One draw.
  std::uint64_t below(Choice choice, std::uint64_t entity, std::uint64_t bound) {
    return scale_to(draw(choice, entity), bound);
  }
};

}  // namespace glasshouse::runtime
