#pragma once
// What a process can do. A Self is a handle to the running process: pass it by value, keep it in
// servers and Tasks of that process, never give it to another one.
//
// Waiting operations are awaited in a coroutine of this process. Messages are built inside the
// library, call<M>(to, args...), so that nothing needs to be built inside a co_await (style.md,
// g++ 12). OTP: module erlang, and gen_server:call for `call`.

#include <algorithm>
#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>

#include "runtime/node/node.h"
#include "runtime/observe/log_level.h"
#include "runtime/process/call.h"
#include "runtime/process/pid_of.h"
#include "runtime/process/process.h"
#include "runtime/process/receive.h"
#include "runtime/process/spawn.h"

namespace glasshouse::runtime {

class Self {
 public:
  explicit Self(Process& process) : process_(&process) {}

  Pid pid() const { return process_->pid(); }
  Pid parent() const { return process_->parent; }
  Node& node() const { return process_->node(); }
  Process& process() const { return *process_; }
  Instant now() const { return node().now(); }
  Instant wall() const { return node().environment().clock.wall(); }

  // -- messages ---------------------------------------------------------------------------------

  // Never fails: a message to nobody goes nowhere. OTP: erlang:send/2 (but an unknown name is no
  // error here either).
  template <Sendable M, class... Args>
  void send(To to, Args&&... args) const {
    send_message(to, make_message<M>(std::forward<Args>(args)...));
  }
  // To a server, checked against what it accepts. OTP: gen_server:cast/2.
  template <Sendable M, class S, class... Args>
  void cast(PidOf<S> to, Args&&... args) const {
    static_assert(accepts<S, M>, "this server does not accept such a message");
    MessagePtr message = make_message<M>(std::forward<Args>(args)...);
    message->is_cast = true;
    send_message(to, std::move(message));
  }

  // The oldest message of one of these types, in the order of arrival; others stay where they are.
  // One type: M. Several: std::variant<Ms...>.
  template <Sendable... Ms>
  Receive<Ms...> receive() const {
    return Receive<Ms...>(*process_);
  }
  // At most `after`: std::optional. Zero looks and does not wait. OTP: receive ... after.
  template <Sendable... Ms>
  ReceiveFor<Ms...> receive(Duration after) const {
    return ReceiveFor<Ms...>(*process_, after);
  }
  // The oldest M for which `wanted` is true. `wanted` is called between messages: it must not
  // suspend, and lives in the awaiter. Name the awaiter before you await it.
  template <Sendable M, std::predicate<const M&> Wanted>
  ReceiveIf<M, Wanted> receive_if(Wanted wanted, Duration after = Duration::infinity()) const {
    return ReceiveIf<M, Wanted>(*process_, std::move(wanted), after);
  }
  // The oldest message, whatever it is; null after `after`.
  ReceiveAny receive_any(Duration after = Duration::infinity()) const {
    return ReceiveAny(*process_, after);
  }

  Sleep sleep(Duration time) const { return Sleep(*process_, time); }
  // Lets others run. OTP: erlang:yield/0.
  Yield yield() const { return Yield(*process_); }

  // Asks and waits for the answer: M::Reply. The caller exits when the callee is gone, dies or
  // does not answer within 5 s, with OTP's reasons ({noproc, {gen_server, call, [...]}} ...).
  template <Sendable M, class... Args>
  Call<M> call(To to, Args&&... args) const {
    return Call<M>(*process_, to, call_timeout, std::forward<Args>(args)...);
  }
  template <Sendable M, class... Args>
  Call<M> call_within(Duration timeout, To to, Args&&... args) const {
    return Call<M>(*process_, to, timeout, std::forward<Args>(args)...);
  }
  // The same with a point in time until when.
  template <Sendable M, class... Args>
  Call<M> call_until(Instant deadline, To to, Args&&... args) const {
    return Call<M>(*process_, to, std::max(deadline - now(), Duration::zero()),
                   std::forward<Args>(args)...);
  }
  // As call, but the failure is a value: CallResult<M>.
  template <Sendable M, class... Args>
  TryCall<M> try_call(Duration timeout, To to, Args&&... args) const {
    return TryCall<M>(*process_, to, timeout, std::forward<Args>(args)...);
  }

  // Answers a call whose handler kept the Request, from this or another process: a Request may be
  // sent on. OTP: gen_server:reply/2.
  template <class M, class... Args>
  void reply(const Request<M>& request, Args&&... args) const {
    answer(request.from, make_reply<M>(request.from.ref, std::forward<Args>(args)...));
  }

  // -- processes --------------------------------------------------------------------------------

  // self.spawn<client>(server): Body is a free function Behaviour(Self, args...).
  template <auto Body, class... Args>
  Pid spawn(Args&&... args) const {
    return spawn_process<Body>(node(), process_, named<Body>(), std::forward<Args>(args)...);
  }
  template <auto Body, class... Args>
  Pid spawn_link(Args&&... args) const {
    SpawnOptions options = named<Body>();
    options.link = true;
    return spawn_process<Body>(node(), process_, options, std::forward<Args>(args)...);
  }
  struct Monitored {
    Pid pid;
    Ref ref;
  };
  template <auto Body, class... Args>
  Monitored spawn_monitor(Args&&... args) const {
    SpawnOptions options = named<Body>();
    options.monitor = process_->make_ref();
    const Pid pid = spawn_process<Body>(node(), process_, options, std::forward<Args>(args)...);
    return {pid, options.monitor};
  }

  // To a process that is gone: this one exits with noproc, or gets an Exit if it traps.
  void link(Pid other) const;
  // No exit signal of that link arrives any more; an Exit already in the mailbox stays.
  void unlink(Pid other) const;
  // A Down comes when `other` is gone, once for each call; at once with noproc if it is gone.
  Ref monitor(To other) const;
  enum class Flush { keep, flush };
  // False if there was no such monitor (any more). flush: also removes a Down that has come.
  bool demonitor(Ref ref, Flush flush = Flush::flush) const;

  // Ends this process. OTP: exit/1; destructors run, as in any throw.
  [[noreturn]] void exit(Term reason) const { throw ExitException(std::move(reason)); }
  // Sends an exit signal. OTP: exit/2; `kill` cannot be trapped, `normal` is ignored by others.
  void exit(Pid other, Term reason) const;
  // When on, exit signals become Exit messages. Returns what it was.
  bool trap_exit(bool on) const { return std::exchange(process_->trap_exit, on); }

  // False if the name is taken, or this process has one.
  bool register_name(Atom name) const;
  bool unregister_name(Atom name) const;
  std::optional<Pid> whereis(Atom name) const { return node().registry().find(name); }

  // What this process is called where people look. OTP 27: proc_lib:set_label/1.
  void set_label(Term label) const;
  // The process dictionary. `undefined` where there is nothing. Returns what was there.
  Term put(Term key, Term value) const;
  Term get(const Term& key) const;
  Pid group_leader() const { return process_->group_leader; }
  void set_group_leader(Pid leader) const { process_->group_leader = leader; }

  // -- timers -----------------------------------------------------------------------------------

  template <Sendable M, class... Args>
  TimerId send_after(Duration time, Pid to, Args&&... args) const {
    return start_timer(time, to, make_message<M>(std::forward<Args>(args)...));
  }
  // What was left; nothing if it has fired. OTP: erlang:cancel_timer/1.
  std::optional<Duration> cancel_timer(TimerId timer) const;
  std::optional<Duration> read_timer(TimerId timer) const { return node().timers().left(timer); }

  // -- of servers (behaviour/gen_server.h) -------------------------------------------------------

  // The server ends with this reason after the handler that is running. OTP: {stop, Reason, ...}.
  void stop(Term reason) const;
  // handle(Timeout) if no message comes within `time`. OTP: {noreply, State, Timeout}.
  void set_timeout(Duration time) const;
  void set_timeout(Instant at) const;
  // handle(M) is what the server does next, before any message that waits. After several calls they
  // come in that order. From the constructor or init: after the starter has its answer. OTP:
  // {noreply, State, {continue, M}} and handle_continue/2.
  template <Sendable M, class... Args>
  void continue_with(Args&&... args) const {
    continue_with_message(make_message<M>(std::forward<Args>(args)...));
  }

  // -- the rest of the world --------------------------------------------------------------------

  // 64 random bits that the simulator can repeat.
  std::uint64_t random() const;
  std::uint64_t random_below(std::uint64_t bound) const { return scale_to(random(), bound); }
  // Runs `job` where blocking is allowed and waits for what it returns. `job` must not touch this
  // or any process. In the simulator it runs at once.
  template <std::invocable Job>
  Blocking<Job> blocking(Job job) const {
    return Blocking<Job>(*process_, std::move(job));
  }
  ByteStreams& network() const { return node().environment().network; }
  Storage& storage() const { return node().environment().storage; }
  Ref make_ref() const { return process_->make_ref(); }
  // Sockets and storage requests of this process are closed when it exits.
  void own_io() const { process_->owns_io = true; }

  // Says something about this process to whoever observes.
  void probe(Atom name, std::int64_t value = 0) const;
  // Goes to the node's logger (observe/logger.h) and, as an event, to whoever traces. A Term is a
  // report: Self::log(Level::error, map("what"_atom, ...)). The place is the caller's.
  using Level = LogLevel;
  void log(Level level, std::string_view text, const char* file = __builtin_FILE(),
           int line = __builtin_LINE()) const;
  void log(Level level, const Term& report, const char* file = __builtin_FILE(),
           int line = __builtin_LINE()) const;

 private:
  template <auto Body>
  static SpawnOptions named() {
    SpawnOptions options;
    options.initial = body_name<Body>();
    return options;
  }
  void send_message(To to, MessagePtr message) const;
  void answer(const CallFrom& to, MessagePtr reply) const;
  void continue_with_message(MessagePtr message) const;
  TimerId start_timer(Duration time, Pid to, MessagePtr message) const;

  Process* process_;
};

template <auto Body, class... Args>
Pid Node::spawn(Args&&... args) {
  SpawnOptions options;
  options.initial = body_name<Body>();
  return spawn_process<Body>(*this, nullptr, options, std::forward<Args>(args)...);
}

template <auto Body, class... Args>
Pid spawn_process(Node& node, Process* parent, const SpawnOptions& options, Args&&... args) {
  Process& child = node.reserve();
  const Pid pid = child.pid();
  node.launch(child, parent, Body(Self(child), std::forward<Args>(args)...), options);
  return pid;
}

}  // namespace glasshouse::runtime
