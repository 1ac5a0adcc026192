#include "gui/model/live_source.h"

#include <algorithm>

namespace glasshouse::gui {

runtime::Result<std::unique_ptr<Source>> LiveSource::open(scenarios::RunOptions options) {
  auto live = scenarios::Live::start(std::move(options));
  if (!live.ok()) return live.error();
  (*live)->settle();
  auto reader = tracing::Reader::open((*live)->trace());
  if (!reader.ok()) return reader.error();
  return std::unique_ptr<Source>(
      std::make_unique<LiveSource>(*std::move(live), *std::move(reader)));
}

LiveSource::LiveSource(std::unique_ptr<scenarios::Live> live, tracing::Reader reader)
    : TraceSource(std::move(reader)), live_(std::move(live)) {}

RunInfo LiveSource::info() {
  RunInfo info = TraceSource::info();
  scenarios::LiveStatus status = live_->status();
  for (const auto& node : status.nodes) {
    for (NodeRow& row : info.nodes) {
      if (row.name == node.name) row.is_up = node.up;
    }
  }
  if (is_finished()) info.outcome = status.message;
  info.was_cut = false;
  return info;
}

bool LiveSource::is_finished() {
  return live_->status().mode == scenarios::LiveStatus::Mode::ended;
}

void LiveSource::advance(std::int64_t nanoseconds) {
  if (!is_running_) return;
  live_->run_until(live_->status().now + runtime::Duration::nanoseconds(nanoseconds));
  live_->settle();
  if (is_finished()) is_running_ = false;
}

void LiveSource::step_once() {
  live_->step();
  live_->settle();
}

runtime::Result<void> LiveSource::outcome() {
  live_->settle();
  scenarios::LiveStatus status = live_->status();
  if (is_finished()) return runtime::Error("The run has ended; nothing can be done to it now.");
  if (!status.message.empty()) return runtime::Error(status.message);
  return {};
}

runtime::Result<void> LiveSource::kill(ProcessKey process) {
  auto name = reader_.name_of(static_cast<tracing::ProcessNumber>(process));
  if (!name.ok()) return name.error();
  live_->kill(name->pid);
  return outcome();
}

std::string LiveSource::host_of(std::uint16_t node) {
  std::string name;
  for (const tracing::NodeInfo& info : reader_.run().nodes) {
    if (info.index == node) name = info.name;
  }
  for (const auto& status : live_->status().nodes) {
    if (status.name == name) return status.host;
  }
  return {};
}

runtime::Result<LiveSource::Link> LiveSource::link_of(std::uint16_t a, std::uint16_t b) {
  std::string here = host_of(a);
  std::string there = host_of(b);
  if (here.empty() || there.empty()) return runtime::Error("There is no such node in the run.");
  if (here == there) {
    return runtime::Error("Both nodes are on the host " + here + ": there is no link to cut.");
  }
  return Link(std::min(here, there), std::max(here, there));
}

runtime::Result<void> LiveSource::set_cut(std::uint16_t a, std::uint16_t b, bool is_cut) {
  runtime::Result<Link> link = link_of(a, b);
  if (!link.ok()) return link.error();
  if (is_cut) {
    live_->cut(link->first, link->second);
  } else {
    live_->heal(link->first, link->second);
  }
  return outcome();
}

bool LiveSource::is_cut(std::uint16_t a, std::uint16_t b) {
  const auto cuts = live_->status().cuts;
  if (cuts.empty()) return false;
  runtime::Result<Link> link = link_of(a, b);
  return link.ok() && std::any_of(cuts.begin(), cuts.end(), [&](const auto& cut) {
           return Link(std::min(cut.first, cut.second), std::max(cut.first, cut.second)) == *link;
         });
}

}  // namespace glasshouse::gui
