#pragma once
// Counts what happens in a run, for its report and for the questions of its scenario, and passes
// every event on.
//
// Threads: of the simulated world, its one; of many cores, any.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/observe/tracer.h"
#include "sim/flat_counts.h"

namespace glasshouse::scenarios {

using runtime::Atom;
using runtime::Event;
using runtime::EventKind;

// How often something happened to what is called so.
struct NamedCount {
  std::string name;
  std::uint64_t count = 0;
};

class Watcher final : public runtime::Tracer {
 private:
  template <class Read>
  auto locked(Read read) const {
    if (threads_ == Threads::one) return read();
    const std::lock_guard lock(mutex_);
    return read();
  }

 public:
  // `next` hears everything. On many cores only notable kinds are asked for beside what it wants.
  enum class Threads : std::uint8_t { one, many };
  Watcher(runtime::Tracer& next, Threads threads);

  using Tracer::emit;
  void emit(const Event& event, std::string_view text) override;
  std::uint64_t new_message_id() override { return next_.new_message_id(); }

  std::uint64_t events() const {
    return locked([this] { return events_; });
  }
  std::uint64_t count(EventKind kind) const;
  std::uint64_t count(EventKind kind, std::string_view name) const;
  // By the name of the kind; an empty name stands for all.
  std::int64_t count_named(std::string_view kind, std::string_view name) const;
  std::int64_t probe(std::string_view name) const;
  // Processes that ended with the reason `killed`: by exit(Pid, kill), as fault.kill, a person and
  // a supervisor out of patience send it, or along with a linked one. As in OTP they make no crash
  // report, so none of them is among the crashes.
  std::uint64_t kills() const;
  // What made a crash report, was killed and was restarted, by registered name, child or what it
  // was spawned as; the most frequent first.
  std::vector<NamedCount> crashed() const;
  std::vector<NamedCount> killed() const;
  std::vector<NamedCount> restarted() const;

  // Called inside emit for every probe: must not touch the world.
  std::function<void(Atom name, std::int64_t value)> on_probe;
  // The same, for every line that a process logs as an error.
  std::function<void(Atom who, std::string_view line)> on_error;

 private:
  void watch(const Event& event, std::string_view text);
  void name_process(std::uint64_t process, Atom name, bool registered);
  void forget_later(std::uint64_t process);
  Atom name_of(std::uint64_t process) const;
  struct Named {
    Atom name;
    bool registered = false;
  };

  runtime::Tracer& next_;
  Threads threads_;
  mutable std::mutex mutex_;
  std::uint64_t events_ = 0;
  std::uint64_t counts_[runtime::event_kind_count] = {};
  sim::FlatCounts names_;                     // by kind and atom
  std::map<std::uint64_t, Named> processes_;  // alive, or lately so
  std::deque<std::uint64_t> exited_;
  std::map<Atom, std::int64_t> probes_;
  std::map<Atom, std::uint64_t> crashed_;
  std::map<Atom, std::uint64_t> killed_;
  std::map<Atom, std::uint64_t> restarted_;
  std::uint64_t kills_ = 0;
};

}  // namespace glasshouse::scenarios
