#include "runtime/behaviour/gen_statem.h"

#include "runtime/node/node.h"

namespace glasshouse::runtime::gen_statem {

Machine::~Machine() {
  core_.cancel_all();
}

bool Machine::arrive(MessagePtr message) {
  if (same_type(message->type, message_type<TimedOut>())) {
    auto event = core_.timed_out(body_of<TimedOut>(*message).number);
    if (event) core_.begin(std::move(*event));
    return event.has_value();
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
  core_.begin(std::move(event));
  return true;
}

void Machine::before_wait() {
  if (core_.hibernates()) core_.shrink();
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

// OTP: the same, with "Time-outs" and "Postponed" among the first data.
Term Machine::status(bool is_suspended, const Term& log) const {
  const Term usual = Server::status(is_suspended, log);
  std::vector<Term> all(usual.as_list().begin(), usual.as_list().end());
  all.push_back(
      tuple(Term("data"_atom), list(tuple(binary("Time-outs"), list_of(core_.timeouts())),
                                    tuple(binary("Postponed"), list_of(core_.postponed())))));
  return list_of(std::move(all));
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
