#pragma once
// A simulated world as the stage of a scenario. Private to scenarios/run; the world's thread.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scenarios/language/plan.h"
#include "scenarios/language/stage.h"
#include "scenarios/run/watcher.h"
#include "sim/world.h"

namespace glasshouse::scenarios {

// The process that is registered as that, else all that were spawned as that.
std::vector<runtime::Pid> processes_like(const runtime::Node& node, std::string_view like);

// What the simulator calls the fault.
sim::FaultSpec fault_spec(const FaultRequest& fault);
// Of each kind of the language; empty if there is no such kind.
std::string_view sim_fault_kind(std::string_view kind);

sim::LinkOptions link_options(const NetworkPlan& network);

class SimStage final : public Stage {
 public:
  SimStage(const Plan& plan, sim::World& world, Watcher& watcher);

  // Puts hosts and nodes of the plan into the world; their applications start.
  void build();

  Instant now() const override { return world_.now(); }
  void at(Instant when, std::function<void()> what) override;
  std::uint64_t draw(std::uint64_t stream) override;
  Result<bool> inject(const FaultRequest& fault) override;
  void heal() override { world_.faults().heal_all(); }
  bool is_up(const NodePlan& node) const override;
  std::int64_t processes(const NodePlan& node, std::string_view like) const override;
  std::int64_t seen(std::string_view kind, std::string_view name) const override {
    return watcher_.count_named(kind, name);
  }
  std::int64_t probe(std::string_view name) const override { return watcher_.probe(name); }
  Shared& shared() override { return shared_; }
  void say(std::string_view text) override;
  void judge(std::string_view property, bool held, std::string_view why) override;
  void fail(runtime::Error error) override;

  const std::optional<runtime::Error>& failure() const { return failure_; }
  // How often each kind of fault did something, in the words of the language.
  std::vector<NamedCount> injected() const;

 private:
  Result<bool> kill(const FaultRequest& fault);
  runtime::Node* node_named(const std::string& name) const;
  void count(const std::string& kind) { ++injected_[kind]; }

  const Plan& plan_;
  sim::World& world_;
  Watcher& watcher_;
  Shared shared_;
  std::optional<runtime::Error> failure_;
  std::map<std::string, std::uint64_t> injected_;
  std::uint64_t kills_ = 0;
};

}  // namespace glasshouse::scenarios
