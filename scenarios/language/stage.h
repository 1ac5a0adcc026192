#pragma once
// What a scenario acts on while it runs: a simulated world, or a node on many cores.
//
// Threads: the one that runs the scenario.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/base/time.h"
#include "scenarios/application.h"
#include "scenarios/language/plan.h"

namespace glasshouse::scenarios {

using runtime::Instant;

class Stage {
 public:
  virtual ~Stage() = default;

  virtual Instant now() const = 0;
  // Calls `what` at that time, in the order asked for among equals. A time that is past is now.
  virtual void at(Instant when, std::function<void()> what) = 0;
  // The next 64 random bits of this stream.
  virtual std::uint64_t draw(std::uint64_t stream) = 0;

  // True if it did something: a process that is not there cannot be killed, a node that is down
  // cannot crash. Errors: it cannot be done in this world; one sentence.
  virtual Result<bool> inject(const FaultRequest& fault) = 0;
  virtual void heal() = 0;

  virtual bool is_up(const NodePlan& node) const = 0;
  // Processes that live on the node; with `like`, those of that name or spawned as that.
  virtual std::int64_t processes(const NodePlan& node, std::string_view like) const = 0;
  // Events of this kind so far, and of this name if there is one.
  virtual std::int64_t seen(std::string_view kind, std::string_view name) const = 0;
  // The latest value a probe told, and how often it did.
  virtual std::int64_t probe(std::string_view name) const = 0;

  virtual Shared& shared() = 0;
  virtual void say(std::string_view text) = 0;
  // A property got its verdict.
  virtual void judge(std::string_view property, bool held, std::string_view why) = 0;
  // The scenario cannot go on; the run ends with this sentence.
  virtual void fail(runtime::Error error) = 0;
};

}  // namespace glasshouse::scenarios
