#pragma once
// What a supervisor is told: its flags and the specifications of its children. Plain values, and
// the check that refuses those that make no sense, with OTP's reasons.
//
// OTP: supervisor, sup_flags() and child_spec(). What a type of C++ rules out (a child that is no
// specification, a strategy that does not exist) needs no reason here.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/restart_plan.h"

namespace glasshouse::runtime {

enum class ChildType : std::uint8_t { worker, supervisor };

// When a supervisor ends because children did that it was started for. Only a significant child
// that ends by itself and is not restarted counts; not one that was stopped.
enum class AutoShutdown : std::uint8_t {
  never,
  any_significant,  // with the first
  all_significant,  // with the last
};

// How long a child may take to stop, from the exit signal `shutdown` to `kill`.
class Shutdown {
 public:
  static Shutdown brutal_kill() { return Shutdown(Duration::nanoseconds(-1)); }
  static Shutdown infinity() { return Shutdown(Duration::infinity()); }
  // Implicit: .shutdown = 5_s.
  Shutdown(Duration within) : within_(within) {}
  bool is_brutal() const { return within_ == Duration::nanoseconds(-1); }
  bool is_valid() const { return is_brutal() || within_ >= Duration::zero(); }
  Duration within() const { return within_; }
  // brutal_kill, infinity, or milliseconds.
  Term term() const;

 private:
  Duration within_;
};

struct ChildSpec {
  Atom id;
  StartFunction start;
  Restart restart = Restart::permanent;
  Shutdown shutdown = Duration::seconds(5);
  ChildType type = ChildType::worker;
  bool significant = false;        // counts for auto_shutdown; not for permanent children
  std::vector<Atom> modules = {};  // told to whoever asks; nothing else is done with it
};

struct SupervisorSpec {
  Atom name = {};  // registered under it unless undefined
  Strategy strategy = Strategy::one_for_one;
  RestartLimit limit = {};
  AutoShutdown auto_shutdown = AutoShutdown::never;
  // simple_one_for_one: exactly one, the pattern of all; its start is not used.
  std::vector<ChildSpec> children = {};
};

// `ok`, or {error, Reason} for the first specification that is not good: missing_id, missing_start,
// {invalid_restart_type, N}, {invalid_child_type, N}, {invalid_shutdown, Milliseconds},
// {bad_combination, [...]}, {duplicate_child_name, Id}. Without `flag`, significant children are
// not held against it. OTP: supervisor:check_childspecs/1,2.
Term check_childspecs(std::span<const ChildSpec> specs,
                      std::optional<AutoShutdown> flag = std::nullopt);

// {child, Pid, Id, Restart, Significant, Shutdown, Type, Modules}: how reasons tell of a child.
Term child_term(const ChildSpec& spec, Pid pid = {});
// As reports name a child: #{pid, id, restart_type, significant, shutdown, child_type}. OTP also
// has mfargs; a start function is no term.
Term child_report(const ChildSpec& spec, Pid pid);

Atom child_type_name(ChildType type);
Atom auto_shutdown_name(AutoShutdown flag);

// -- start functions ----------------------------------------------------------------------------

// A process that is no server: it counts as started when it is spawned.
template <auto Body, class... Args>
StartFunction child_process(Args... args);

// For start functions of one's own: how the start of a child that `starter` waits for ended.
// outcome ok: detail is what {ok, Pid, Info} carries; error: the reason; ignore.
// A start function that spawns nothing answers and returns Pid().
void answer_start(Process& parent, CallFrom starter, Atom outcome, Term detail = {});

template <auto Body, class... Args>
StartFunction child_process(Args... args) {
  return [... held = std::move(args)](Process& parent, CallFrom starter) {
    SpawnOptions options;
    options.initial = body_name<Body>();
    options.link = true;
    const Pid pid = spawn_process<Body>(parent.node(), &parent, options, held...);
    answer_start(parent, starter, atoms::ok);
    return pid;
  };
}

}  // namespace glasshouse::runtime
