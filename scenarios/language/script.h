#pragma once
// A scenario as a running script: loaded once for a run, it declares a plan, and then lives on as
// the functions that the plan's times and properties call.
//
// Threads: one at a time.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "scenarios/application.h"
#include "scenarios/language/plan.h"
#include "scenarios/language/sandbox.h"
#include "scenarios/language/stage.h"

namespace glasshouse::scenarios {

// NAME=VALUE of --set.
using Settings = std::vector<std::pair<std::string, std::string>>;

struct ScriptSource {
  std::string file;  // as sentences name it
  std::string text;
  Settings set;
  // Random draws while the script declares: stream -> 64 bits.
  std::function<std::uint64_t(std::uint64_t)> draw;
};

enum class PropertyKind : std::uint8_t { always, eventually, sometimes };
// never: it was not seen to hold, but nothing that must not happen happened either.
enum class Verdict : std::uint8_t { running, held, violated, never };
std::string_view property_kind_name(PropertyKind kind);
std::string_view verdict_name(Verdict verdict);

struct PropertyState {
  std::string name;
  PropertyKind kind = PropertyKind::always;
  Verdict verdict = Verdict::running;
  Instant when;  // of the verdict
  std::string why;
};

class Script {
 public:
  static Result<std::unique_ptr<Script>> load(ScriptSource source, const Applications& known);
  ~Script();

  const Plan& plan() const;
  const ScriptSource& source() const;

  // The nodes of the plan are up: what is written for times, conditions and properties begins.
  // REQUIRES: called once. `stage` outlives the script's last call.
  void begin(Stage& stage);
  // A probe was told: what waits for it is called.
  void probed(std::string_view name, std::int64_t value);
  bool waits_for_probe(std::string_view name) const;
  // The run is over: every property is looked at once more and gets its verdict. `complete`: it
  // was not cut short, so that what had to happen by the end had its time.
  void finish(bool complete);

  const std::vector<PropertyState>& properties() const;
  // A property is violated; there is no use in going on.
  bool is_violated() const;

 private:
  struct Parts;
  explicit Script(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace glasshouse::scenarios
