#pragma once
// A scenario that runs in the simulator while it is watched. It records to a trace file, which is
// read as any other: the past of a live run is a recorded run.
//
// The run goes on only inside `advance` and `step_once`, by as much of its time as is asked for, so
// that what is shown is always complete, and a script sees the same run each time.

#include <memory>
#include <string>
#include <utility>

#include "gui/model/trace_source.h"
#include "scenarios/run/live.h"

namespace glasshouse::gui {

class LiveSource final : public TraceSource, public Control {
 public:
  // `options.trace` names the file to record to; it is kept.
  static runtime::Result<std::unique_ptr<Source>> open(scenarios::RunOptions options);
  LiveSource(std::unique_ptr<scenarios::Live> live, tracing::Reader reader);

  RunInfo info() override;
  Control* control() override { return this; }

  bool is_running() override { return is_running_; }
  bool is_finished() override;
  void set_running(bool running) override { is_running_ = running; }
  void advance(std::int64_t nanoseconds) override;
  void step_once() override;
  runtime::Result<void> kill(ProcessKey process) override;
  runtime::Result<void> set_cut(std::uint16_t a, std::uint16_t b, bool is_cut) override;
  bool is_cut(std::uint16_t a, std::uint16_t b) override;

 private:
  using Link = std::pair<std::string, std::string>;  // hosts, in the order of their names
  runtime::Result<Link> link_of(std::uint16_t a, std::uint16_t b);
  std::string host_of(std::uint16_t node);
  // What the last command was refused with, if it was.
  runtime::Result<void> outcome();

  std::unique_ptr<scenarios::Live> live_;
  bool is_running_ = false;
};

}  // namespace glasshouse::gui
