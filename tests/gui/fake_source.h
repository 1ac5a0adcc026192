#pragma once
// An invented run of a small key-value cluster: three nodes, supervisors, shards, connections,
// crashes with restarts, a partition. It is the same every time, and needs no runtime.

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gui/model/source.h"

namespace glasshouse::gui {

struct FakeOptions {
  int connections = 9;   // a node
  double seconds = 8;    // of the run
  bool is_live = false;  // only the first second has happened; more comes when it runs
};

class FakeSource final : public Source, public Control {
 public:
  explicit FakeSource(FakeOptions options = {});

  RunInfo info() override;
  Extent extent() override;
  Overview overview(std::size_t slices) override;
  std::vector<ProcessRow> processes(Moment at) override;
  std::vector<SupervisorRow> supervisors(Moment at) override;
  ProcessDetail detail(ProcessKey process, Moment at) override;
  std::vector<Moment> matching(const EventFilter& filter, Moment after) override;
  std::vector<EventRow> events(std::span<const Moment> moments) override;
  std::optional<Moment> step(Direction direction, const StepFrom& from) override;
  std::optional<Moment> cause(Moment moment) override;
  std::optional<Moment> effect(Moment moment) override;
  Moment moment_at(std::int64_t time_ns) override;
  std::int64_t time_of(Moment moment) override;
  Control* control() override { return options_.is_live ? this : nullptr; }

  bool is_running() override { return running_; }
  bool is_finished() override { return shown_ == events_.size(); }
  void set_running(bool running) override { running_ = running; }
  void advance(std::int64_t nanoseconds) override;
  void step_once() override { shown_ = std::min(events_.size(), shown_ + 1); }
  runtime::Result<void> kill(ProcessKey process) override;
  runtime::Result<void> set_cut(std::uint16_t a, std::uint16_t b, bool is_cut) override;
  bool is_cut(std::uint16_t from, std::uint16_t to) override { return cuts_.contains({from, to}); }

 private:
  struct World;
  World world_at(Moment at) const;
  void add(EventRow event);
  std::size_t moment_of_all(std::int64_t time_ns) const;
  const EventRow& event(Moment moment) const { return events_[moment - 1]; }

  // Writing the story.
  ProcessKey spawn(std::int64_t time, ProcessKey parent, std::uint16_t node,
                   const std::string& name, const std::string& behaviour);
  void supervise(std::int64_t time, ProcessKey supervisor, const std::string& strategy,
                 std::int64_t intensity);
  ProcessKey start_child(std::int64_t time, ProcessKey supervisor, const std::string& id,
                         const std::string& behaviour);
  void boot(std::uint16_t node);
  void talk();
  void converse(std::int64_t time, ProcessKey client, ProcessKey shard);
  void crash(std::int64_t time, ProcessKey& shard, const std::string& reason);
  std::uint64_t draw(std::uint64_t below);

  FakeOptions options_;
  std::vector<EventRow> events_;  // in order of time once the story is written
  std::size_t shown_ = 0;         // how much of it has happened
  bool running_ = false;
  std::set<std::pair<std::uint16_t, std::uint16_t>> cuts_;
  std::uint64_t random_ = 0x5eed42;
  std::uint64_t message_ = 0;
  ProcessKey next_process_ = 1;
  std::map<ProcessKey, std::pair<std::uint16_t, std::string>> named_;
  std::vector<std::vector<ProcessKey>> shards_;
  std::vector<std::vector<ProcessKey>> clients_;
  std::vector<ProcessKey> shard_sups_;
};

}  // namespace glasshouse::gui
