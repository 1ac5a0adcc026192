#pragma once
// What a process can do. A Self is a handle to the running process: pass it by value, keep it in
// servers and Tasks of that process, never give it to another one.
//
// Waiting operations are awaited in a coroutine of this process. Messages are built inside the
// library, call<M>(to, args...), so that nothing needs to be built inside a co_await (g++ 12:
// docs/architecture.md). OTP: module erlang, and gen_server:call for `call`.

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
#include "runtime/process/info.h"
#include "runtime/process/pid_of.h"
#include "runtime/process/process.h"
#include "runtime/process/receive.h"
#include "runtime/process/spawn.h"

namespace glasshouse::runtime {

// What a spawn may ask for: self.spawn_opt<body>({.link = true}, args...). OTP: spawn_opt/2.
struct SpawnOpt {
  bool link = false;
  bool monitor = false;
  MonitorOptions monitoring = {};
  Priority priority = Priority::normal;
  MailLimit mail_limit = {};
};

// OTP: the options of spawn_request/2 that are about its answer.
enum class SpawnReplies : std::uint8_t { always, success_only, error_only, never };
struct SpawnRequest {
  SpawnOpt spawn = {};
  Term reply_tag = {};  // comes in the SpawnReply, and prints in the place of spawn_reply
  SpawnReplies replies = SpawnReplies::always;
};

// Tells how an asynchronous cancel_timer ended. OTP: {cancel_timer, Ref, Time | false}.
struct TimerCancelled {
  TimerId timer;
  std::optional<Duration> left;  // nothing: it had fired, or never was
};

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
  // The same to a server, state machine or their likes: to a gen_statem it is another event than a
  // send, and sys shows it as a cast. Unchecked: whoever has the name. OTP: gen_server:cast/2.
  template <Sendable M, class... Args>
  void cast(To to, Args&&... args) const {
    static_assert(!IsCall<M>, "a message with a Reply is called: nobody would get the answer");
    MessagePtr message = make_message<M>(std::forward<Args>(args)...);
    message->is_cast = true;
    send_message(to, std::move(message));
  }
  // Checked against what the server accepts.
  template <Sendable M, class S, class... Args>
  void cast(PidOf<S> to, Args&&... args) const {
    static_assert(accepts<S, M>, "this server does not accept such a message");
    cast<M>(To(to), std::forward<Args>(args)...);
  }

  // The oldest message of one of these types, in the order of arrival; others stay where they are.
  // One type: M. Several: std::variant<Ms...>.
  template <Sendable... Ms>
  Receive<Ms...> receive() const {
    return Receive<Ms...>(*process_);
  }
  // At most `after`: std::optional. Zero looks and does not wait; less exits with timeout_value.
  // OTP: receive ... after.
  template <Sendable... Ms>
  ReceiveFor<Ms...> receive(Duration after) const {
    return ReceiveFor<Ms...>(*process_, checked(after));
  }
  // The oldest M for which `wanted` is true. `wanted` is called between messages: it must not
  // suspend, and lives in the awaiter. Name the awaiter before you await it.
  template <Sendable M, std::predicate<const M&> Wanted>
  ReceiveIf<M, Wanted> receive_if(Wanted wanted, Duration after = Duration::infinity()) const {
    return ReceiveIf<M, Wanted>(*process_, std::move(wanted), checked(after));
  }
  // The oldest message, whatever it is; null after `after`.
  ReceiveAny receive_any(Duration after = Duration::infinity()) const {
    return ReceiveAny(*process_, after);
  }

  Sleep sleep(Duration time) const { return Sleep(*process_, time); }
  // Lets others run. OTP: erlang:yield/0.
  Yield yield() const { return Yield(*process_, false); }
  // The same if it has used up its reductions, of which this is one; else it goes on. For a long
  // loop that does not wait, where OTP does this by itself.
  Yield yield_if_due() const { return Yield(*process_, true); }
  // Counts work that nobody else counts, a million at most at once. OTP: erlang:bump_reductions/1.
  void bump_reductions(std::uint32_t much) const {
    process_->reductions_left -= static_cast<std::int32_t>(std::min(much, 1'000'000u));
  }

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

  // With options. Linking and monitoring are atomic with the spawn; `ref` is null unless monitored.
  template <auto Body, class... Args>
  Monitored spawn_opt(const SpawnOpt& wanted, Args&&... args) const {
    const SpawnOptions options = prepare(named<Body>(), wanted, Ref());
    const Pid pid = spawn_process<Body>(node(), process_, options, std::forward<Args>(args)...);
    return {pid, options.monitor};
  }
  // Does not wait for the outcome and never fails: a SpawnReply comes under the returned
  // reference, before anything that the new process sends; with .monitor it is the monitor's too.
  // The one error is system_limit. OTP: spawn_request/5.
  template <auto Body, class... Args>
  Ref spawn_request(const SpawnRequest& request, Args&&... args) const {
    const Ref ref = make_ref();
    Process* const child = node().try_reserve();
    if (child == nullptr) {
      tell_spawned(request, ref, nullptr);
      return ref;
    }
    Behaviour body = make_body<Body>(*child, std::forward<Args>(args)...);
    tell_spawned(request, ref, child);
    node().launch(*child, process_, std::move(body), prepare(named<Body>(), request.spawn, ref));
    return ref;
  }

  // To a process that is gone: throws exit reason noproc, or an Exit comes if this one traps.
  void link(Pid other) const;
  // No exit signal of that link arrives any more; an Exit already in the mailbox stays.
  void unlink(Pid other) const;
  // A Down comes when `other` is gone, once for each call; at once with noproc if it is gone. A
  // name stands for whoever has it now. OTP: monitor/2,3.
  Ref monitor(To other, const MonitorOptions& options = {}) const;
  enum class Flush { keep, flush };
  // False if there was no such monitor (any more), as OTP's option info has it. flush: also removes
  // a Down that has come.
  bool demonitor(Ref ref, Flush flush = Flush::flush) const;

  // A reference that others can send to as long as it is an alias: self.send<M>(ref, ...). What
  // comes later is dropped. OTP: alias/1; for `reply`, the first message is the last.
  Ref alias(AliasMode mode = AliasMode::explicit_unalias) const;
  // False if it was none (any more).
  bool unalias(Ref alias) const { return process_->end_alias(alias); }

  // Ends this process. OTP: exit/1; destructors run, as in any throw.
  [[noreturn]] void exit(Term reason) const { throw ExitException(std::move(reason)); }
  // Sends an exit signal. OTP: exit/2; `kill` cannot be trapped, `normal` is ignored by others. To
  // oneself it acts at once: a fatal one is thrown, as by exit/1.
  void exit(Pid other, Term reason) const;
  // When on, exit signals become Exit messages. Returns what it was.
  bool trap_exit(bool on) const { return std::exchange(process_->trap_exit, on); }

  // False if the name is undefined or taken, or the process is gone or has one. OTP: register/2,
  // which is badarg then.
  bool register_name(Atom name) const { return node().register_name(name, pid()); }
  bool register_name(Atom name, Pid other) const { return node().register_name(name, other); }
  bool unregister_name(Atom name) const { return node().unregister_name(name); }
  std::optional<Pid> whereis(Atom name) const { return node().registry().find(name); }

  // What this process is called where people look. OTP 27: proc_lib:set_label/1.
  void set_label(Term label) const;
  // The process dictionary. `undefined` where there is nothing. Returns what was there.
  Term put(Term key, Term value) const;
  Term get(const Term& key) const;
  Pid group_leader() const { return process_->group_leader; }
  void set_group_leader(Pid leader) const { process_->group_leader = leader; }
  // A signal: acts in order with all that was sent to `other` before. OTP: group_leader/2.
  void set_group_leader(Pid leader, Pid other) const;

  // Returns what it was. OTP: process_flag(priority, Level).
  Priority priority(Priority level) const { return std::exchange(process_->priority, level); }
  // What happens when too much waits; see MailLimit. OTP has max_heap_size.
  void limit_mail(const MailLimit& limit) const { process_->limit_mail(limit); }
  // What `whom` says about itself, in order with all that was sent to it before: {Item, Value}; for
  // a list of items a list; without items OTP's usual ones; undefined if it is gone. An unknown
  // item, or a process of another node, throws badarg. OTP: process_info/1,2. The items: info.h.
  AskInfoOf process_info(Pid whom) const;
  AskInfoOf process_info(Pid whom, Atom item) const;
  AskInfoOf process_info(Pid whom, const std::vector<Atom>& items) const;
  // False after an exit signal that was fatal, also if this process has just sent it.
  AskAlive is_process_alive(Pid whom) const { return AskAlive(*process_, whom); }

  // Over when `other` is suspended: it runs no more until each suspension has been resumed, or its
  // suspender is gone. It still takes messages, and signals act on it. badarg for oneself and for
  // who is gone. For debugging: two that suspend each other stay so. The awaiter gives false where
  // `how` is unless_suspending, and it is. OTP: suspend_process/1,2.
  SuspendWait suspend_process(Pid other, Suspend how = Suspend::once_more) const;
  // The same without waiting, and who is gone is no error. With a tag a SuspendReply comes when it
  // has happened. OTP: the options asynchronous and {asynchronous, ReplyTag}.
  bool suspend_process_async(Pid other, Suspend how = Suspend::once_more,
                             Term reply_tag = Term()) const;
  // badarg if this process has not suspended it.
  void resume_process(Pid other) const;
  // Gives back what memory it can, and waits until there is a message. The frames of coroutines
  // stay: unlike OTP's, hibernate returns to where it was called.
  HibernateWait hibernate() const { return HibernateWait(*process_); }

  // -- timers -----------------------------------------------------------------------------------

  // A name is looked up when the timer fires.
  template <Sendable M, class... Args>
  TimerId send_after(Duration time, To to, Args&&... args) const {
    return start_timer(time, to, make_message<M>(std::forward<Args>(args)...));
  }
  // What was left; nothing if it has fired. OTP: erlang:cancel_timer/1.
  std::optional<Duration> cancel_timer(TimerId timer) const;
  // Returns at once; TimerCancelled comes, unless it is not wanted. OTP: cancel_timer(_, [{async,
  // true}, {info, Info}]).
  enum class TimerInfo { yes, no };
  void cancel_timer_async(TimerId timer, TimerInfo info = TimerInfo::yes) const;
  std::optional<Duration> read_timer(TimerId timer) const { return node().timers().left(timer); }

  // -- of servers (behaviour/gen_server.h) -------------------------------------------------------

  // The server ends with this reason after the handler that is running. OTP: {stop, Reason, ...}.
  void stop(Term reason) const;
  // handle(Timeout) if no message comes within `time`. OTP: {noreply, State, Timeout}.
  void set_timeout(Duration time) const;
  void set_timeout(Instant at) const;
  // After the handler that is running the server gives back what memory it can. OTP: {noreply,
  // State, hibernate}.
  void set_hibernate() const;
  // The same whenever it has waited so long for a message, without a time-out of its own: from the
  // constructor or init on, or later. OTP: the start option hibernate_after (ServerOptions).
  void set_hibernate_after(Duration time) const;
  // handle(M) is what the server does next, before any message that waits. After several calls they
  // come in that order. From the constructor or init: after the starter has its answer. OTP:
  // {noreply, State, {continue, M}} and handle_continue/2.
  template <Sendable M, class... Args>
  void continue_with(Args&&... args) const {
    static_assert(!IsCall<M>, "a message with a Reply is called: nobody would get the answer");
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
  // Whoever owns sockets or programs says so first: then they are closed when it exits. OTP does it
  // for each port by itself.
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
  // Signals that came act now; a fatal one ends what runs, so that nothing is done after it.
  void take_in_signals() const;
  void answer(const CallFrom& to, MessagePtr reply) const;
  void continue_with_message(MessagePtr message) const;
  bool count_suspension(Pid other, Suspend how) const;
  TimerId start_timer(Duration time, To to, MessagePtr message) const;
  static Duration checked(Duration after) {
    if (after < Duration::zero()) throw ExitException(Term("timeout_value"_atom));
    return after;
  }
  // Notes what the monitor wants down; `ref` is made if it is null and one is wanted.
  SpawnOptions prepare(SpawnOptions options, const SpawnOpt& wanted, Ref ref) const;
  void note_monitor(Ref ref, const MonitorOptions& options) const;
  void tell_spawned(const SpawnRequest& request, Ref ref, const Process* child) const;

  Process* process_;
};

template <auto Body, class... Args>
Pid Node::spawn(Args&&... args) {
  SpawnOptions options;
  options.initial = body_name<Body>();
  return spawn_process<Body>(*this, nullptr, options, std::forward<Args>(args)...);
}

// What `child` is to run. An argument may throw as it is copied: the slot is free again then.
template <auto Body, class... Args>
Behaviour make_body(Process& child, Args&&... args) {
  try {
    return Body(Self(child), std::forward<Args>(args)...);
  } catch (...) {
    child.node().give_up(child);
    throw;
  }
}

template <auto Body, class... Args>
Pid spawn_process(Node& node, Process* parent, const SpawnOptions& options, Args&&... args) {
  Process& child = node.reserve();
  const Pid pid = child.pid();
  node.launch(child, parent, make_body<Body>(child, std::forward<Args>(args)...), options);
  return pid;
}

}  // namespace glasshouse::runtime
