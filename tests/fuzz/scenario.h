#pragma once
// What must hold for every text that is loaded as a scenario; shared by the fuzzer and by the test
// that needs none.

#include <string>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/base/random.h"
#include "scenarios/language/script.h"

namespace glasshouse::scenarios {

// The plan, or the sentence with which it is refused.
struct LoadedScenario {
  std::unique_ptr<Script> script;
  std::string refusal;
};

inline LoadedScenario load_scenario(std::string_view text) {
  ScriptSource source;
  source.file = "fuzz.lua";
  source.text = text;
  source.draw = [n = std::uint64_t{0}](std::uint64_t stream) mutable {
    return runtime::draw(1, 0, stream, ++n);
  };
  auto script = Script::load(std::move(source), shipped_applications());
  if (!script) return {nullptr, script.error().what};
  return {std::move(script).value(), {}};
}

inline void expect_lawful_plan(const Plan& plan) {
  CHECK(!plan.name.empty());
  for (const NodePlan& node : plan.nodes) {
    CHECK(!node.name.empty());
    CHECK(node.host < plan.hosts.size());
    CHECK(node.application != nullptr);
    CHECK(node.options.all().size() == node.application->options.size());
  }
  CHECK(plan.network.latency_least <= plan.network.latency_most);
  CHECK(!plan.length || *plan.length >= Duration::zero());
}

// A plan that can be carried out or one sentence about that file; and the same again.
inline void expect_lawful_scenario(std::string_view text) {
  const LoadedScenario first = load_scenario(text);
  const LoadedScenario second = load_scenario(text);
  CHECK(first.refusal == second.refusal);
  if (first.script == nullptr) {
    CHECK(first.refusal.starts_with("fuzz.lua"));
    return;
  }
  expect_lawful_plan(first.script->plan());
  CHECK(first.script->plan().nodes.size() == second.script->plan().nodes.size());
  CHECK(first.script->properties().size() == second.script->properties().size());
}

}  // namespace glasshouse::scenarios
