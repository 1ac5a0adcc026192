#pragma once
// Stands between the nodes of a world and whoever listens: every event gets the one virtual time,
// whatever the clock of its host shows. Private to sim. One thread.

#include "runtime/observe/tracer.h"
#include "sim/agenda.h"

namespace glasshouse::sim {

class WorldTracer final : public runtime::Tracer {
 public:
  WorldTracer(const Agenda& agenda, runtime::Tracer* next) : agenda_(agenda), next_(next) {
    listen();
  }

  using Tracer::emit;
  void emit(const runtime::Event& event, std::string_view text) override {
    ++events_;
    runtime::Event timed = event;
    timed.time = agenda_.now();
    next_->emit(timed, text);
  }
  std::uint64_t new_message_id() override { return next_->new_message_id(); }

  // Takes over what the listener wants now.
  void listen() {
    std::uint64_t mask = 0;
    for (int kind = 0; next_ != nullptr && kind < runtime::event_kind_count; ++kind) {
      const auto as_kind = static_cast<runtime::EventKind>(kind);
      if (next_->wants(as_kind)) mask |= runtime::kind_bit(as_kind);
    }
    want_kinds(mask);
    if (next_ != nullptr) want_detail(next_->detail());
  }
  void mute() { want_kinds(0); }

  std::uint64_t events() const { return events_; }

 private:
  const Agenda& agenda_;
  runtime::Tracer* next_;  // null: nobody listens
  std::uint64_t events_ = 0;
};

}  // namespace glasshouse::sim
