#include "runtime/behaviour/gen_statem.h"

#include "runtime/node/node.h"

namespace glasshouse::runtime::gen_statem {

namespace {

// OTP: {EventType, EventContent}.
Term event_term(const AnyEvent& event) {
  return tuple(type_term(event), content_term(event));
}

}  // namespace

Machine::~Machine() {
  core_.cancel_all();
}

bool Machine::arrive(MessagePtr message) {
  if (same_type(message->type, message_type<TimedOut>())) {
    auto event = core_.timed_out(body_of<TimedOut>(*message).number);
    if (!event) return false;
    if (is_debugged()) note_event(*event, state_now());
    core_.begin(std::move(*event));
    return true;
  }
  AnyEvent event{.type = EventType::info, .name = {}, .from = {}, .content = nullptr};
  if (message->is_call()) {
    event.type = EventType::call;
    event.from = static_cast<const CallMessage&>(*message).from;
    // The caller watches us until it is answered, whatever state that happens in.
    self.process().relations().monitored_by.push_back({event.from.ref, event.from.pid, Atom()});
  } else if (message->is_cast) {
    event.type = EventType::cast;
  }
  event.content = std::move(message);
  if (is_debugged()) note_event(event, state_now());
  core_.begin(std::move(event));
  return true;
}

void Machine::begin_queued() {
  const bool comes_now = core_.next_is_timeout();
  AnyEvent event = core_.next();
  if (comes_now && is_debugged()) note_event(event, state_now());
  core_.begin(std::move(event));
}

void Machine::before_wait() {
  if (core_.hibernates()) hibernate();
}

void Machine::hibernate() {
  core_.shrink();
  Server::hibernate();
}

void Machine::nobody_takes() {
  const AnyEvent& event = core_.current();
  const bool is_stray = event.type == EventType::cast || event.type == EventType::info;
  if (!is_stray) detail::no_clause(event, state_now());
  unexpected(*event.content);
}

void Machine::stop_with(Term reason) {
  try {
    throw ExitException(std::move(reason));
  } catch (...) {
    handler_threw();
  }
}

// {Kind, {next_state, State, Data}}; a result without a state is an atom.
Term Machine::with_kind(std::string_view kind, const Outcome& outcome, Term wanted) const {
  const Term verb{Atom(verb_name(outcome.verb))};
  if (outcome.verb != Verb::next_state) return tuple(Term(Atom(kind)), verb);
  return tuple(Term(Atom(kind)), tuple(verb, std::move(wanted), state().element(1)));
}

TimerId Machine::start_timer(Duration after, std::uint64_t number) {
  return self.send_after<TimedOut>(after, self.pid(), number);
}

void Machine::send_reply(const CallFrom& to, MessagePtr reply) {
  self.process().forget_watcher(to.ref);
  reply_with(to, std::move(reply));
}

bool Machine::change_module(const ChangeModule& change) {
  const Atom module = use_module(change);
  if (module == Atom()) return false;
  if (is_debugged()) debug_event(tuple(Term("module"_atom), Term(module), state_told()));
  return true;
}

// -- what sys is told -----------------------------------------------------------------------------

Term Machine::state_told() const {
  return told_ ? told_->to : state_now();
}

void Machine::note_event(const AnyEvent& event, const Term& state) {
  debug_event(tuple(Term("in"_atom), event_term(event), state));
}

void Machine::has_inserted(const AnyEvent& event) {
  if (is_debugged()) note_event(event, state_told());
}

void Machine::note_reply(const CallFrom& to, const Message& reply) {
  const Term from = tuple(Term(to.pid), Term(to.ref));
  debug_event(tuple(Term("out"_atom), reply.type->to_term(reply), from));
}

void Machine::note_transition(Term from, Term to) {
  told_ = std::make_unique<Transition>(Transition{std::move(from), std::move(to)});
}

void Machine::note_settled() {
  const Transition transition = told_ ? *told_ : Transition{state_now(), state_now()};
  told_.reset();
  if (!is_running()) return;
  const Term what(core_.postpones() ? "postpone"_atom : "consume"_atom);
  debug_event(tuple(what, event_term(core_.current()), transition.from, transition.to));
}

void Machine::sets_timeout(const SetTimeout& set) {
  const bool starts = set.how == SetTimeout::How::at ||
                      (set.how == SetTimeout::How::after && !set.time.is_infinite());
  if (!starts || !is_debugged()) return;
  debug_event(tuple(Term("start_timer"_atom), started_term(set), state_now()));
}

// OTP: told of an end that is reported nowhere else.
void Machine::finish() {
  if (is_debugged() && is_orderly(stop_reason())) {
    debug_event(tuple(Term("terminate"_atom), stop_reason(), state_now()));
  }
  Server::finish();
}

// OTP: gen_statem:format_status/2, which has more among the first data than a server.
Term Machine::status(bool is_suspended, const Term& log) const {
  const Status shown = formatted({.state = shown_state(),
                                  .message = {},
                                  .reason = {},
                                  .log = log,
                                  .timeouts = list_of(core_.timeouts()),
                                  .postponed = list_of(core_.postponed())});
  const Term usual = status_of(shown, is_suspended);
  const auto& parts = usual.as_list();
  const auto& first = parts[1].element(1).as_list();
  const Term count(static_cast<std::int64_t>(core_.timeouts().size()));
  const Term more =
      list(first[0], first[1], tuple(binary("Modules"), modules()),
           tuple(binary("Time-outs"), tuple(count, shown.timeouts)),
           tuple(binary("Logged Events"), shown.log), tuple(binary("Postponed"), shown.postponed));
  return list(parts[0], tuple(Term("data"_atom), more), parts[2]);
}

CallLimit::CallLimit(Duration time) : time_(time), term_(atoms::infinity) {
  if (!time.is_infinite()) term_ = Term(time / Duration::milliseconds(1));
}

CallLimit clean_timeout(Duration time) {
  CallLimit limit(time);
  limit.term_ = tuple(Term("clean_timeout"_atom), limit.term_);
  return limit;
}

CallLimit dirty_timeout(Duration time) {
  CallLimit limit(time);
  limit.term_ = tuple(Term("dirty_timeout"_atom), limit.term_);
  return limit;
}

namespace detail {

void no_clause(const AnyEvent& event, const Term& state) {
  throw ExitException(
      tuple(Term("function_clause"_atom), list(type_term(event), content_term(event), state)));
}

}  // namespace detail

}  // namespace glasshouse::runtime::gen_statem
