// How a server answers system messages. OTP: sys.erl, handle_system_msg and do_cmd.

#include <exception>
#include <string>
#include <utility>

#include "runtime/behaviour/server.h"
#include "runtime/behaviour/sys.h"
#include "runtime/observe/crash_report.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

// {Class, Reason} of what is being handled, as a catch clause of Erlang has them.
Term class_and_reason(const std::exception_ptr& failure) {
  return tuple(Term(failure_class(failure)), exit_reason_of(failure));
}

Term callback_failed(Atom behaviour, std::string_view callback) {
  return tuple(Term(atoms::error),
               tuple(Term("callback_failed"_atom), tuple(Term(behaviour), Term(Atom(callback))),
                     class_and_reason(std::current_exception())));
}

std::string_view kind_of_server(Atom behaviour) {
  if (behaviour == atoms::gen_server) return "generic server";
  if (behaviour == "gen_statem"_atom) return "state machine";
  if (behaviour == "gen_event"_atom) return "event handler";
  return behaviour.text();
}

Term data(std::string_view name, Term value) {
  return tuple(binary(name), std::move(value));
}

Term from_term_of(const CallFrom& from) {
  return tuple(Term(from.pid), Term(from.ref));
}

}  // namespace

void Server::answer_system(Message& message) {
  const CallFrom from = static_cast<CallMessage&>(message).from;
  const Term answer = command(body_of<SystemMessage>(message));
  MessagePtr reply = make_reply<SystemMessage>(from.ref, answer);
  self.node().send(&self.process(), from.pid, reply);
  // OTP: one that hibernates goes on doing so.
  if (rare_ && rare_->rests && !rare_->suspended) hibernate();
  drop_rare();
  if (self.node().wants(EventKind::state)) trace_state();
}

Term Server::command(SystemMessage& asked) {
  const Term& request = asked.request;
  if (request == Term("suspend"_atom)) {
    rare().suspended = true;
    return Term(atoms::ok);
  }
  if (request == Term("resume"_atom)) {
    if (rare_) rare_->suspended = false;
    return Term(atoms::ok);
  }
  if (request == Term("get_state"_atom)) return get_state();
  if (request == Term("get_status"_atom)) return get_status();
  if (request.is_tuple("replace_state"_atom, 2) && asked.change) return change_state(asked);
  if (request.is_tuple("debug"_atom, 2)) return debug_command(asked);
  if (request.is_tuple("terminate"_atom, 2)) {
    stop(request.element(1));
    return Term(atoms::ok);
  }
  if (request.is_tuple("change_code"_atom, 4) && is_suspended()) return call_change_code(request);
  return tuple(Term(atoms::error), tuple(Term("unknown_system_msg"_atom), request));
}

Term Server::debug_command(SystemMessage& asked) {
  return rare().debug.command(asked.request.element(1), std::move(asked.debug));
}

Term Server::get_state() const {
  try {
    return tuple(Term(atoms::ok), state());
  } catch (...) {
    return callback_failed(behaviour(), "system_get_state");
  }
}

Term Server::change_state(SystemMessage& asked) {
  try {
    const Term before = state();
    const Term wanted = asked.change(before);
    if (wanted != before) replace_state(wanted);
    return tuple(Term(atoms::ok), state());
  } catch (...) {
    pass_on_death();
    return callback_failed(behaviour(), "system_replace_state");
  }
}

Term Server::call_change_code(const Term& request) {
  try {
    Term result = change_code(request.element(1), request.element(2), request.element(3));
    if (result == Term(atoms::ok)) return result;
    return tuple(Term(atoms::error), std::move(result));
  } catch (...) {
    pass_on_death();
    return tuple(Term(atoms::error),
                 tuple(Term(atoms::exit_upper), exit_reason_of(std::current_exception())));
  }
}

void Server::replace_state(const Term&) {
  throw ExitException(Term("undef"_atom));
}

Term Server::change_code(const Term&, const Term&, const Term&) {
  throw ExitException(Term("undef"_atom));
}

Term Server::status(bool suspended, const Term& log) const {
  return status_of(formatted({.state = shown_state(),
                              .message = {},
                              .reason = {},
                              .log = log,
                              .timeouts = {},
                              .postponed = {}}),
                   suspended);
}

Term Server::status_of(const Status& shown, bool suspended) const {
  const Atom registered = self.process().name();
  const Term name = registered == Atom() ? Term(self.pid()) : Term(registered);
  const std::string header =
      "Status for " + std::string(kind_of_server(behaviour())) + " " + to_string(name);
  return list(tuple(Term("header"_atom), binary(header)),
              tuple(Term("data"_atom),
                    list(data("Status", Term(suspended ? "suspended"_atom : "running"_atom)),
                         data("Parent", Term(parent())), data("Logged events", shown.log))),
              tuple(Term("data"_atom), list(data("State", shown.state))));
}

Status Server::formatted(const Status& plain) const {
  return detail::format_or_say(self.process().initial.text(), plain,
                               [this](Status status) { return format_status(std::move(status)); });
}

Term Server::get_status() const {
  std::vector<Term> dictionary = {
      tuple(Term("$initial_call"_atom), Term(self.process().initial)),
      tuple(Term("$ancestors"_atom), self.parent().is_null() ? nil() : list(Term(self.parent())))};
  if (const Relations* relations = self.process().relations_if_any()) {
    for (const auto& [key, value] : relations->dictionary)
      dictionary.push_back(tuple(key, value));
  }
  const Term log = rare_ ? rare_->debug.log() : nil();
  return tuple(
      Term("status"_atom), Term(self.pid()), tuple(Term("module"_atom), Term(behaviour())),
      list(list_of(std::move(dictionary)), Term(is_suspended() ? "suspended"_atom : "running"_atom),
           Term(parent()), rare_ ? rare_->debug.term() : nil(), status(is_suspended(), log)));
}

// -- events for what is installed ---------------------------------------------------------------

void Server::note_in(const Message* message) {
  rare_->replied = false;
  Term what = message == nullptr ? Term(atoms::timeout) : message->type->to_term(*message);
  if (rare_->continues) return debug_event(tuple(Term("continue"_atom), std::move(what)));
  if (message != nullptr && message->is_call()) {
    const CallFrom& from = static_cast<const CallMessage&>(*message).from;
    what = tuple(Term("$gen_call"_atom), from_term_of(from), std::move(what));
  } else if (message != nullptr && message->is_cast) {
    what = tuple(Term("$gen_cast"_atom), std::move(what));
  }
  debug_event(tuple(Term("in"_atom), std::move(what)));
}

void Server::note_reply(const CallFrom& to, const Message& reply) {
  rare_->replied = true;
  debug_event(tuple(Term("out"_atom), reply.type->to_term(reply), Term(to.pid), shown_state()));
}

void Server::note_end() {
  if (rare_->replied || !is_running()) return;
  debug_event(tuple(Term(atoms::noreply), shown_state()));
}

}  // namespace glasshouse::runtime
