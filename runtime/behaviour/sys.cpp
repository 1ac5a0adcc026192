#include "runtime/behaviour/sys.h"

#include <utility>
#include <vector>

#include "runtime/behaviour/debug_file.h"
#include "runtime/behaviour/proc_lib.h"

namespace glasshouse::runtime {

Result<SystemMessage> Conversion<SystemMessage>::from_term(const Term& term) {
  if (term.is_tuple("system"_atom, 2)) return SystemMessage{.request = term.element(1)};
  return Error("a system message is {system, Request}");
}

namespace sys {

namespace {

// What is asked, and how OTP names the call that asks.
struct Asking {
  SystemMessage message;
  std::string_view function;
  std::vector<Term> arguments = {};
};

Term failing_call(const Asking& asking, To process, Duration timeout) {
  std::vector<Term> arguments = {process.term()};
  for (const Term& argument : asking.arguments)
    arguments.push_back(argument);
  if (timeout.is_infinite()) {
    arguments.emplace_back(atoms::infinity);
  } else if (timeout != call_timeout) {
    arguments.emplace_back(timeout / Duration::milliseconds(1));
  }
  return tuple(Term("sys"_atom), Term(Atom(asking.function)), list_of(std::move(arguments)));
}

Task<Term> ask(Self self, To process, Asking asking, Duration timeout) {
  auto call = self.try_call<SystemMessage>(timeout, process, asking.message.request,
                                           std::move(asking.message.change),
                                           std::move(asking.message.debug));
  auto answer = co_await call;
  if (!answer) self.exit(tuple(answer.failure, failing_call(asking, process, timeout)));
  co_return std::move(*answer.value);
}

// For answers {ok, Value} and {error, Reason}; OTP raises the latter.
Task<Term> ask_for_value(Self self, To process, Asking asking, Duration timeout) {
  const Term name = failing_call(asking, process, timeout);
  auto call = ask(self, process, std::move(asking), timeout);
  const Term answer = co_await call;
  if (!answer.is_tuple(atoms::ok, 2)) {
    self.exit(tuple(answer.is_tuple(atoms::error, 2) ? answer.element(1) : answer, name));
  }
  co_return answer.element(1);
}

// For answers that are `ok`.
Task<void> command(Self self, To process, Asking asking, Duration timeout) {
  const Term name = failing_call(asking, process, timeout);
  auto call = ask(self, process, std::move(asking), timeout);
  const Term answer = co_await call;
  if (answer != Term(atoms::ok)) {
    self.exit(tuple(answer.is_tuple(atoms::error, 2) ? answer.element(1) : answer, name));
  }
}

Asking simple(std::string_view what) {
  return {.message = {.request = Term(Atom(what))}, .function = what};
}

// {debug, {Function, Argument}}
Asking debugging(std::string_view what, Term argument) {
  Term request = tuple(Term("debug"_atom), tuple(Term(Atom(what)), argument));
  return {.message = {.request = std::move(request)},
          .function = what,
          .arguments = {std::move(argument)}};
}

Term flag(Switch on) {
  return Term(on == Switch::on);
}

}  // namespace

Task<void> suspend(Self self, To process, Duration timeout) {
  return command(self, process, simple("suspend"), timeout);
}

Task<void> resume(Self self, To process, Duration timeout) {
  return command(self, process, simple("resume"), timeout);
}

Task<Term> get_state(Self self, To process, Duration timeout) {
  return ask_for_value(self, process, simple("get_state"), timeout);
}

Task<Term> replace_state(Self self, To process, StateChange change, Duration timeout) {
  const Term shown("function"_atom);
  Asking asking{
      .message = {.request = tuple(Term("replace_state"_atom), shown), .change = std::move(change)},
      .function = "replace_state",
      .arguments = {shown}};
  return ask_for_value(self, process, std::move(asking), timeout);
}

Task<Term> set_state(Self self, To process, Term state, Duration timeout) {
  return replace_state(
      self, process, [state = std::move(state)](const Term&) { return state; }, timeout);
}

Task<Term> get_status(Self self, To process, Duration timeout) {
  return ask(self, process, simple("get_status"), timeout);
}

Task<Term> change_code(Self self, To process, Term module, Term old_version, Term extra,
                       Duration timeout) {
  Term wanted = tuple(Term("change_code"_atom), module, old_version, extra);
  Asking asking{.message = {.request = std::move(wanted)},
                .function = "change_code",
                .arguments = {std::move(module), std::move(old_version), std::move(extra)}};
  return ask(self, process, std::move(asking), timeout);
}

Task<void> terminate(Self self, To process, Term reason, Duration timeout) {
  Asking asking{.message = {.request = tuple(Term("terminate"_atom), reason)},
                .function = "terminate",
                .arguments = {reason}};
  return command(self, process, std::move(asking), timeout);
}

Task<void> log(Self self, To process, std::int64_t events, Duration timeout) {
  Term wanted = tuple(Term(atoms::true_), Term(events));
  return command(self, process, debugging("log", std::move(wanted)), timeout);
}

Task<void> log_off(Self self, To process, Duration timeout) {
  return command(self, process, debugging("log", Term(atoms::false_)), timeout);
}

Task<Term> get_log(Self self, To process, Duration timeout) {
  return ask_for_value(self, process, debugging("log", Term("get"_atom)), timeout);
}

// OTP: the file before is closed, also where the new one cannot be opened.
Task<Term> log_to_file(Self self, To process, std::string path, Duration timeout) {
  auto opening = proc_lib::start<&debug_file>(self, process, path);
  const auto writer = co_await opening;
  Term wanted(atoms::false_);
  if (writer) wanted = tuple(binary(path), Term(writer.pid));
  auto telling = command(self, process, debugging("log_to_file", std::move(wanted)), timeout);
  co_await telling;
  co_return writer ? Term(atoms::ok) : writer.answer;
}

Task<void> log_to_file_off(Self self, To process, Duration timeout) {
  return command(self, process, debugging("log_to_file", Term(atoms::false_)), timeout);
}

Task<void> statistics(Self self, To process, Switch on, Duration timeout) {
  return command(self, process, debugging("statistics", flag(on)), timeout);
}

Task<Term> get_statistics(Self self, To process, Duration timeout) {
  return ask_for_value(self, process, debugging("statistics", Term("get"_atom)), timeout);
}

Task<void> trace(Self self, To process, Switch on, Duration timeout) {
  return command(self, process, debugging("trace", flag(on)), timeout);
}

Task<void> trace_to(Self self, To process, Pid sink, Duration timeout) {
  return command(self, process, debugging("trace", Term(sink)), timeout);
}

Task<void> install(Self self, To process, Term id, DebugFunction function, Term state,
                   Duration timeout) {
  Asking asking = debugging("install", tuple(std::move(id), std::move(state)));
  asking.message.debug = std::move(function);
  return command(self, process, std::move(asking), timeout);
}

Task<void> remove(Self self, To process, Term id, Duration timeout) {
  return command(self, process, debugging("remove", std::move(id)), timeout);
}

Task<void> no_debug(Self self, To process, Duration timeout) {
  Asking asking{.message = {.request = tuple(Term("debug"_atom), Term("no_debug"_atom))},
                .function = "no_debug"};
  return command(self, process, std::move(asking), timeout);
}

Task<Term> request(Self self, To process, Term request, Duration timeout) {
  Asking asking{
      .message = {.request = request}, .function = "send_system_msg", .arguments = {request}};
  return ask(self, process, std::move(asking), timeout);
}

}  // namespace sys

}  // namespace glasshouse::runtime
