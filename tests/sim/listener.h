#pragma once
// A tracer that keeps what it hears, for tests that look at the events of a world.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/observe/tracer.h"

namespace glasshouse::sim {

class Listener final : public runtime::Tracer {
 public:
  explicit Listener(std::uint64_t kinds = runtime::all_event_kinds) {
    want_kinds(kinds);
    want_detail(runtime::Detail::text);
  }

  using Tracer::emit;
  void emit(const runtime::Event& event, std::string_view text) override {
    events.push_back(event);
    texts.emplace_back(text);
  }
  std::uint64_t new_message_id() override { return ++last_message_; }

  std::size_t count(runtime::EventKind kind, std::string_view name = {}) const {
    std::size_t found = 0;
    for (const auto& event : events)
      found += event.kind == kind && (name.empty() || event.name.text() == name);
    return found;
  }
  // Every event as one line; equal lines are equal events.
  std::vector<std::string> lines() const {
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const auto& event = events[i];
      shown.push_back(to_string(event.time) + " " + std::string(event_kind_name(event.kind)) + " " +
                      std::to_string(event.node) + " " + std::string(event.name.text()) + " " +
                      to_string(event.subject) + " " + to_string(event.peer) + " " +
                      std::to_string(event.message) + " " + std::to_string(event.argument) + " " +
                      texts[i]);
    }
    return shown;
  }

  std::vector<runtime::Event> events;
  std::vector<std::string> texts;

 private:
  std::uint64_t last_message_ = 0;
};

}  // namespace glasshouse::sim
