#pragma once
// gen_statem: a plain class whose handlers also depend on a state becomes a process.
//
//   class CodeLock {
//    public:
//     enum class State { locked, open };
//     using Accepts = Messages<Button, Unlock>;            // from outside
//     using Events = Messages<Relock>;                     // what it tells itself
//     Next<State> init();                                  // ok(State::locked, actions...)
//     Next<State> handle(At<State::locked>, const CallEvent<Unlock>& call);
//     Next<State> handle(At<State::open>, const StateTimeout<Relock>&);
//     Next<State> handle(State, const Button&);            // in any state
//   };
//
// State is an enum class (at most 64 values from 0), an Atom, a Term, or a variant of structs; two
// states are the same if they are equal (==). Data are the members of the class.
//
// Both of OTP's callback modes, in one class if need be. For an event in a state these are tried:
//   1  handle(Place, E)               OTP's state functions
//   2  handle(Place, M)
//   3  handle(const State&, E)        OTP's handle_event_function
//   4  handle(const State&, M)
//   5  handle(Place, AnyEvent)        whatever nobody else takes
//   6  handle(const State&, AnyEvent)
// Place: At<State::x> of an enum, or the alternative of a variant, which may be changed in place.
// E: CallEvent<M>, CastEvent<M>, InfoEvent<M>, InternalEvent<M>, StateTimeout<M>, EventTimeout<M>,
// NamedTimeout<M>. M alone: a cast, info or internal event.
//
// A message of Accepts that some state does not take does not compile. What else a state does not
// take ends the machine with function_clause; stray casts and plain messages are logged and
// dropped. handle(Place or const State&, Enter<State>) is the state enter call; to have one is
// OTP's state_enter. Optional: terminate(reason) or terminate(reason, state), describe() and
// replace_state(data), as in gen_server.h; for sys the state is {State, Data}. Also optional:
//   Status format_status(Status) const  shown instead (status.h): the state, the time-outs, ...
//   Term code_change(Term old_version, State& state, Term extra)
// for sys::change_code: ok, or why not. Then the state stays, and the data as gen_server.h says.
//
// Handlers return Next<State>, void (keep_state), or a Task of one of them, during which the
// machine does nothing else; state and event stay where they are as long.
// They throw only to end the machine: OTP's `throw(Result)` is not a result here.
//
// A callback module of this machine (push_callback_module<M>()) is another class of handlers for
// the same State, Accepts and Events, made from a reference to the machine, whose members stay the
// data. The modules below stay as they are. OTP passes Data on; here it never moves.
//
// OTP: gen_statem. Cases: docs/conformance.md, STM.

#include <memory>
#include <utility>
#include <vector>

#include "runtime/behaviour/gen_server.h"
#include "runtime/behaviour/gen_statem_dispatch.h"
#include "runtime/behaviour/gen_statem_words.h"

namespace glasshouse::runtime::gen_statem {

// The callback module for all later callbacks. Popping the last one is a bad action.
template <class Mod, class S>
ChangeModule change_callback_module() {
  return {ChangeModule::How::change, &module_of<S, Mod>()};
}
template <class Mod, class S>
ChangeModule push_callback_module() {
  return {ChangeModule::How::push, &module_of<S, Mod>()};
}
inline ChangeModule pop_callback_module() {
  return {ChangeModule::How::pop, nullptr};
}

// To the machine's own mailbox when a time-out is over.
struct TimedOut {
  std::uint64_t number = 0;
};

// The part of a machine that does not depend on the user's class.
class Machine : public Server, private World {
 public:
  explicit Machine(Self own) : Server(own), core_(*this) {}
  Atom behaviour() const override { return "gen_statem"_atom; }

  Core& core() { return core_; }
  const Core& core() const { return core_; }
  // Makes an event of what came. False if it is none: a time-out that was cancelled meanwhile.
  bool arrive(MessagePtr message);
  // The next queued event is at work.
  void begin_queued();
  // The next event has to be waited for.
  void before_wait();
  // Nobody takes what came.
  void nobody_takes();
  Term status(bool is_suspended, const Term& log) const override;
  void hibernate() override;
  // After terminate.
  void finish();

 protected:
  ~Machine();
  // What sys is told of the transition at work: from which state to which. And that it is through.
  void note_transition(Term from, Term to);
  void note_settled();
  // Ends the machine as a bad result does. A handler cannot throw this by itself.
  void stop_with(Term reason);
  virtual Term state_now() const = 0;
  virtual Term modules() const = 0;  // the one in use first
  Term with_kind(std::string_view kind, const Outcome& outcome, Term state) const;

 private:
  Instant now() const override { return self.now(); }
  TimerId start_timer(Duration after, std::uint64_t number) override;
  void cancel_timer(TimerId timer) override { self.cancel_timer(timer); }
  void send_reply(const CallFrom& to, MessagePtr reply) override;
  void has_inserted(const AnyEvent& event) override;
  void sets_timeout(const SetTimeout& set) override;
  bool change_module(const ChangeModule& change) final;
  virtual Atom use_module(const ChangeModule& change) = 0;  // undefined: it cannot be

  // Of a machine sys is told other events; OTP: sys, system_event(), "produced by gen_statem".
  void note_in(const Message*) override {}
  void note_reply(const CallFrom& to, const Message& reply) override;
  void note_end() override {}
  void note_event(const AnyEvent& event, const Term& state);
  Term state_told() const;

  struct Transition {
    Term from;
    Term to;
  };
  Core core_;
  std::unique_ptr<Transition> told_;  // of the transition at work, while sys is told
};

template <class S>
class TypedMachine final : public Machine {
 public:
  using State = typename S::State;
  static_assert(Sendable<State> && std::equality_comparable<State> && std::copyable<State>,
                "a state is an enum class, an Atom, a Term, or a variant of comparable structs");

  explicit TypedMachine(Self own) : Machine(own) {}

  // False: the constructor threw Ignore, and the starter knows.
  template <class... Args>
  bool make(Args&&... args) {
    if (!user_.make(self, std::forward<Args>(args)...)) return false;
    push(module_of<S, S>());
    return true;
  }
  S& user() { return user_.get(); }
  const S& user() const { return user_.get(); }

  // The result of init. False: ignored. Throws if there is to be no process.
  bool initialise(Next<State> first);

  // The handler of the event at work, and of entering the state.
  Step<State> call_back() { return top().dispatch(modules_.back().object.get(), *state_, event()); }
  Step<State> call_enter() {
    return top().enter(modules_.back().object.get(), *state_, old_ ? *old_ : *state_);
  }
  // What they answered.
  void transit(Next<State> next);
  void entered(Next<State> next);
  bool must_enter() const { return must_enter_ && is_running() && top().has_enter; }
  // The transition is through.
  void settle();

  // OTP: sys:get_state gives {State, Data}.
  Term state() const override;
  void replace_state(const Term& wanted) override;
  Term change_code(const Term& module, const Term& old_version, const Term& extra) override;
  Status format_status(Status status) const override {
    return runtime::detail::formatted_by(user(), std::move(status));
  }
  Term state_now() const override { return state_ ? to_term(*state_) : Term(); }
  Term modules() const override {
    std::vector<Term> names;
    for (auto each = modules_.rbegin(); each != modules_.rend(); ++each)
      names.emplace_back(each->module->name);
    return list_of(std::move(names));
  }
  Term data() const;
  // OTP: terminate(Reason, State, Data).
  auto terminate() {
    if constexpr (requires { user().terminate(stop_reason(), *state_); }) {
      return user().terminate(stop_reason(), *state_);
    } else if constexpr (requires { user().terminate(stop_reason()); }) {
      return user().terminate(stop_reason());
    }
  }

 private:
  struct InUse {
    const Module<S>* module;
    typename Module<S>::Object object;
  };

  const Module<S>& top() const { return *modules_.back().module; }
  const AnyEvent& event() const { return core().current(); }
  void push(const Module<S>& module) { modules_.push_back({&module, module.make(user())}); }
  Atom use_module(const ChangeModule& change) override;

  UserObject<S> user_;  // goes after the modules
  std::optional<State> state_;
  std::optional<State> old_;  // while a change of state is at work
  std::vector<InUse> modules_;
  bool must_enter_ = false;
  bool changed_ = false;
};

template <class S>
bool TypedMachine<S>::initialise(Next<State> first) {
  if (first.verb == Verb::ignore) {
    answer_starter(self, atoms::ignore, Term());
    return false;
  }
  if (first.verb == Verb::stop) throw ExitException(std::move(first.reason));
  if (!first.state) {
    throw ExitException(
        tuple(Term("bad_return_from_init"_atom), Term(Atom(verb_name(first.verb)))));
  }
  state_ = std::move(first.state);
  started();
  // OTP: so that what starts the machine, which is no event, is not kept.
  first.actions.push_back(postpone(false));
  if (auto bad = core().take(std::move(first.actions))) stop_with(*bad);
  must_enter_ = true;
  return true;
}

template <class S>
void TypedMachine<S>::transit(Next<State> next) {
  if (next.verb == Verb::ignore) {
    stop_with(with_kind("bad_return_from_state_function", next, Term()));
    return;
  }
  // What a transition does, it does in the old state: its actions name the old module's events.
  const bool changes = next.verb == Verb::next_state && *next.state != *state_;
  if (is_debugged()) note_transition(state_now(), changes ? to_term(*next.state) : state_now());
  auto bad = core().take(std::move(next.actions));
  if (bad) return stop_with(*bad);
  if (next.verb == Verb::stop) return Server::stop(std::move(next.reason));
  must_enter_ = changes || next.verb == Verb::repeat_state;
  changed_ = changes;
  if (!changes) return;
  old_ = std::move(state_);
  state_ = std::move(next.state);
}

template <class S>
void TypedMachine<S>::entered(Next<State> next) {
  must_enter_ = false;
  const bool leaves = next.verb == Verb::next_state && *next.state != *state_;
  if (leaves || next.verb == Verb::ignore) {
    const Term wanted = next.state ? to_term(*next.state) : Term();
    stop_with(with_kind("bad_state_enter_return_from_state_function", next, wanted));
    return;
  }
  if (auto bad = core().take_enter(std::move(next.actions))) return stop_with(*bad);
  if (next.verb == Verb::stop) return Server::stop(std::move(next.reason));
  if (next.verb != Verb::repeat_state) return;
  must_enter_ = true;
  old_ = state_;
}

template <class S>
void TypedMachine<S>::settle() {
  must_enter_ = false;
  old_.reset();
  if (is_debugged()) note_settled();
  if (is_running()) core().settle(std::exchange(changed_, false));
}

template <class S>
Atom TypedMachine<S>::use_module(const ChangeModule& change) {
  if (change.how == ChangeModule::How::pop) {
    if (modules_.size() < 2) return {};
    modules_.pop_back();
  } else {
    if (*change.module->machine != typeid(S)) return {};
    // The handler that asked for it has returned: nothing of the former module is at work.
    if (change.how == ChangeModule::How::change) modules_.pop_back();
    push(static_cast<const Module<S>&>(*change.module));
  }
  return top().name;
}

template <class S>
Term TypedMachine<S>::data() const {
  if (!user_.is_made()) return Term();
  if constexpr (requires(const S& machine) {
                  { machine.describe() } -> std::convertible_to<Term>;
                }) {
    return user().describe();
  } else if constexpr (std::is_aggregate_v<S>) {
    return state_term(user());
  } else {
    return Term();
  }
}

template <class S>
Term TypedMachine<S>::state() const {
  return tuple(state_now(), data());
}

template <class S>
void TypedMachine<S>::replace_state(const Term& wanted) {
  if (!wanted.is_tuple() || wanted.size() != 2) Server::replace_state(wanted);
  State state = runtime::detail::value_of<State>(wanted.element(0));
  const Term& new_data = wanted.element(1);
  if (new_data != data()) {
    if constexpr (requires { user().replace_state(new_data); }) {
      user().replace_state(new_data);
    } else if constexpr (std::is_aggregate_v<S> && !runtime::detail::describes<S>) {
      replace_typed_state(user(), new_data);
    } else {
      Server::replace_state(wanted);
    }
  }
  state_ = std::move(state);
}

template <class S>
Term TypedMachine<S>::change_code(const Term& module, const Term& old_version, const Term& extra) {
  if constexpr (requires(State state) { user().code_change(old_version, state, extra); }) {
    State changed = *state_;
    Term result = runtime::detail::change_or_restore(
        user(), [&](S& machine) { return machine.code_change(old_version, changed, extra); });
    if (result == Term(atoms::ok)) state_ = std::move(changed);
    return result;
  } else {
    return Server::change_code(module, old_version, extra);
  }
}

namespace detail {

// init as it may be written; without one the state is the first.
template <class S>
Next<typename S::State> init_now(S& user) {
  if constexpr (requires {
                  { user.init() } -> std::convertible_to<Next<typename S::State>>;
                }) {
    return user.init();
  } else {
    return ok(typename S::State());
  }
}
template <class S>
concept init_waits = requires(S& user) {
  { user.init() } -> std::same_as<Task<Next<typename S::State>>>;
};

// One callback, of an event or of entering a state.
template <class S>
Task<void> transition(TypedMachine<S>& machine) {
  try {
    auto step = machine.call_back();
    if (step.later) {
      auto work = std::move(*step.later);
      auto next = co_await work;
      machine.transit(std::move(next));
    } else if (step.now) {
      machine.transit(std::move(*step.now));
    } else {
      machine.nobody_takes();
    }
  } catch (...) {
    machine.handler_threw();
  }
}
template <class S>
Task<void> entering(TypedMachine<S>& machine) {
  try {
    while (machine.must_enter()) {
      auto step = machine.call_enter();
      if (step.later) {
        auto work = std::move(*step.later);
        auto next = co_await work;
        machine.entered(std::move(next));
      } else {
        machine.entered(std::move(*step.now));
      }
    }
  } catch (...) {
    machine.handler_threw();
  }
}

}  // namespace detail

// The loop of every machine, as a process body and as a Task of a process that becomes one.
template <class Coroutine, class S, class... Args>
Coroutine run_machine(Self self, Atom name, Args... args) {
  TypedMachine<S> machine(self);
  if constexpr (std::same_as<Coroutine, Behaviour>) {
    if (!machine.take_name(name)) co_return;
  }
  if (!machine.make(std::move(args)...)) co_return;
  if constexpr (detail::init_waits<S>) {
    auto init = machine.user().init();
    auto first = co_await init;
    if (!machine.initialise(std::move(first))) co_return;
  } else {
    if (!machine.initialise(detail::init_now(machine.user()))) co_return;
  }
  auto first_enter = detail::entering(machine);
  co_await first_enter;
  machine.settle();
  machine.end();
  while (machine.is_running()) {
    if (machine.core().has_next()) {
      // Others run meanwhile, however much a machine tells itself.
      if (--self.process().reductions_left <= 0) {
        auto turn = self.yield();
        co_await turn;
      }
      machine.begin_queued();
    } else {
      machine.before_wait();
      ServerWait next(machine);
      MessagePtr message = co_await next;
      if (!machine.begin(message)) continue;
      if (!machine.arrive(std::move(message))) continue;
    }
    auto work = detail::transition(machine);
    co_await work;
    auto enter = detail::entering(machine);
    co_await enter;
    machine.settle();
    machine.end();
  }
  machine.core().cancel_all();
  try {
    if constexpr (std::same_as<decltype(machine.terminate()), Task<void>>) {
      auto last = machine.terminate();
      co_await last;
    } else {
      machine.terminate();
    }
  } catch (...) {
    machine.terminate_threw();
  }
  machine.finish();
}

template <class S, class... Args>
Behaviour run(Self self, Atom name, Args... args) {
  return run_machine<Behaviour, S, Args...>(self, name, std::move(args)...);
}

// -- starting -------------------------------------------------------------------------------------

namespace detail {
template <class S, class... Args>
Pid spawn_machine(Node& node, Process* parent, SpawnOptions options, Atom name, Args&&... args) {
  options.initial = Atom(type_name<S>());
  return spawn_process<&run<S, std::decay_t<Args>...>>(node, parent, options, name,
                                                       std::forward<Args>(args)...);
}
}  // namespace detail

// A machine S as a child of a supervisor; of the options `name` and `hibernate_after` count.
template <class S, class... Args>
StartFunction child_with(const ServerOptions& options, Args... args) {
  return [name = options.name, rest = options.hibernate_after, ... held = std::move(args)](
             Process& parent, CallFrom starter) {
    const SpawnOptions spawning = runtime::detail::child_options(starter, rest);
    return detail::spawn_machine<S>(parent.node(), &parent, spawning, name, held...);
  };
}
template <class S, class... Args>
StartFunction named_child(Atom name, Args... args) {
  return gen_statem::child_with<S>(ServerOptions{.name = name}, std::move(args)...);
}
template <class S, class... Args>
StartFunction child(Args... args) {
  return gen_statem::child_with<S>(ServerOptions{}, std::move(args)...);
}

// The awaiter gives a StartedServer<S>. OTP: gen_statem:start_link/4 and its relatives.
template <class S, class... Args>
ServerStart<S> start_with(Self self, const ServerOptions& options, Args&&... args) {
  return ServerStart<S>(self.process(), options, [&](const SpawnOptions& spawning) {
    return detail::spawn_machine<S>(self.node(), &self.process(), spawning, options.name,
                                    std::forward<Args>(args)...);
  });
}
template <class S, class... Args>
ServerStart<S> start_link(Self self, Args&&... args) {
  return gen_statem::start_with<S>(self, ServerOptions{}, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start_link_as(Self self, Atom name, Args&&... args) {
  return gen_statem::start_with<S>(self, ServerOptions{.name = name}, std::forward<Args>(args)...);
}
template <class S, class... Args>
ServerStart<S> start(Self self, Args&&... args) {
  return gen_statem::start_with<S>(self, ServerOptions{.link = false}, std::forward<Args>(args)...);
}
// Monitored from its first moment. OTP: gen_statem:start_monitor/3.
template <class S, class... Args>
ServerStart<S> start_monitor(Self self, Args&&... args) {
  const ServerOptions options{.link = false, .monitor = true};
  return gen_statem::start_with<S>(self, options, std::forward<Args>(args)...);
}
// From outside any process; nobody waits for it.
template <class S, class... Args>
PidOf<S> start_on(Node& node, Atom name, Args&&... args) {
  return {
      detail::spawn_machine<S>(node, nullptr, SpawnOptions(), name, std::forward<Args>(args)...)};
}

// Turns the process that awaits it into a machine S, made from `args`, which ends with the process;
// its init tells the state. REQUIRES: as enter_loop of gen_server.h, and what fails there exits the
// same. OTP: gen_statem:enter_loop/4,5,6, where the state is an argument.
template <class S, class... Args>
Task<void> enter_loop(Self self, Atom name, Args... args) {
  require_enter_loop(self, name);
  return run_machine<Task<void>, S, Args...>(self, name, std::move(args)...);
}

// -- calling --------------------------------------------------------------------------------------

// How long a call waits. A late answer never reaches the caller's mailbox, so that OTP's two kinds
// differ in nothing but the reason; both are there because the reason shows which it was.
class CallLimit {
 public:
  CallLimit(Duration time);
  Duration time() const { return time_; }
  const Term& term() const { return term_; }  // as it was given

 private:
  friend CallLimit clean_timeout(Duration time);
  friend CallLimit dirty_timeout(Duration time);
  Duration time_;
  Term term_;
};
CallLimit clean_timeout(Duration time);
CallLimit dirty_timeout(Duration time);

template <class M>
class MachineCall final : public CallWait {
 public:
  template <class... Args>
  MachineCall(Process& process, To to, CallLimit limit, Args&&... args)
      : MachineCall(process, to, std::move(limit), process.make_ref(),
                    std::forward<Args>(args)...) {}

  typename M::Reply await_resume() {
    MessagePtr answer = finish();
    if (!answer) {
      throw ExitException(
          tuple(failure(), tuple(Term("gen_statem"_atom), Term(atoms::call),
                                 list(callee().term(), named_request(kept_.term()), limit_))));
    }
    if constexpr (!std::is_void_v<typename M::Reply>) {
      return std::move(static_cast<BoxedReply<M>&>(*answer).value);
    }
  }

 private:
  template <class... Args>
  MachineCall(Process& process, To to, CallLimit limit, Ref ref, Args&&... args)
      : CallWait(process, to, limit.time(),
                 make_call<M>(CallFrom{process.pid(), ref}, std::forward<Args>(args)...), ref),
        limit_(limit.term()),
        kept_(request()) {}

  Term limit_;
  [[no_unique_address]] runtime::detail::KeptRequest<M> kept_;
};

// Waits as long as it takes: a machine may answer in a much later state. The caller exits with
// {Reason, {gen_statem, call, [To, Request, Timeout]}}. Self::try_call works on machines, too.
// OTP: gen_statem:call/2,3.
template <Sendable M, class... Args>
MachineCall<M> call(Self self, To to, Args&&... args) {
  return MachineCall<M>(self.process(), to, Duration::infinity(), std::forward<Args>(args)...);
}
template <Sendable M, class... Args>
MachineCall<M> call_within(Self self, CallLimit limit, To to, Args&&... args) {
  return MachineCall<M>(self.process(), to, std::move(limit), std::forward<Args>(args)...);
}

}  // namespace glasshouse::runtime::gen_statem
