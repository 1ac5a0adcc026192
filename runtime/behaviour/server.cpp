#include "runtime/behaviour/server.h"

#include <string>
#include <utility>

#include "runtime/behaviour/sys.h"
#include "runtime/node/node.h"
#include "runtime/observe/reports.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

namespace {

bool is_system_message(const Message& message) {
  return message.is_call() && same_type(message.type, message_type<SystemMessage>());
}

}  // namespace

void Self::stop(Term reason) const {
  CHECK(process_->server != nullptr);
  process_->server->stop(std::move(reason));
}

void Self::set_timeout(Duration time) const {
  CHECK(process_->server != nullptr);
  process_->server->set_timeout(time);
}

void Server::stop(Term reason) {
  if (ending_) return;
  ending_ = std::make_unique<Ending>();
  ending_->reason = std::move(reason);
}

bool Server::take_name(Atom name) {
  if (name == Atom() || self.register_name(name)) return true;
  const Pid holder = self.whereis(name).value_or(Pid());
  answer_starter(atoms::error, tuple(Term(atoms::already_started), Term(holder)));
  return false;
}

void Server::answer_starter(Atom outcome, Term detail) {
  if (self.process().relations_if_any() == nullptr) return;
  const CallFrom starter = std::exchange(self.process().relations().starter, {});
  if (starter.ref.number == 0) return;
  MessagePtr answer = make_reply<Start>(starter.ref, outcome, std::move(detail));
  self.node().send(&self.process(), starter.pid, answer);
}

// OTP: gen_server, "Module:terminate": the parent's exit ends a server that traps exits. Who was
// spawned from outside has the outside as its parent, and Node::exit is its word.
const Exit* Server::exit_of_parent(const Message& message) const {
  if (message.is_call() || !same_type(message.type, message_type<Exit>())) return nullptr;
  const Exit& exit = body_of<Exit>(message);
  return exit.from == self.parent() ? &exit : nullptr;
}

bool Server::takes(const Message& message) const {
  return !is_suspended() || is_system_message(message) || exit_of_parent(message) != nullptr;
}

bool Server::begin(const MessagePtr& message) {
  if (message) {
    if (is_system_message(*message)) {
      answer_system(*message);
      return false;
    }
    if (const Exit* exit = exit_of_parent(*message)) {
      stop(exit->reason);
      return false;
    }
  }
  timeout_ = Duration::infinity();
  handling_ = message ? message->type->name : atoms::timeout;
  if (system_) note_in(message.get());
  return true;
}

void Server::end() {
  // A caller whose handler threw learns of it when the process has exited.
  const bool threw = ending_ && ending_->failure;
  if (!threw && self.process().relations_if_any() != nullptr) {
    self.process().relations().handling = {};
  }
  if (system_) note_end();
  if (self.node().wants(EventKind::state)) trace_state();
}

// For the crash report: this object is gone when it is written.
void Server::note_crash() {
  self.process().relations().crash =
      std::make_unique<CrashNotes>(CrashNotes{state(), Term(handling_)});
}

void Server::handler_threw() {
  const std::exception_ptr failure = std::current_exception();
  Term reason = exit_reason_of(failure);
  if (!is_orderly(reason)) note_crash();
  if (!ending_) ending_ = std::make_unique<Ending>();
  ending_->reason = std::move(reason);
  ending_->failure = failure;
}

void Server::finish() {
  if (!is_orderly(ending_->reason)) {
    if (!ending_->failure) note_crash();
    log_terminate(self.process(), {.behaviour = behaviour(), .reason = ending_->reason});
  }
  if (ending_->held_reply) {
    self.node().send(&self.process(), ending_->held_for, ending_->held_reply);
  }
  if (ending_->failure) std::rethrow_exception(ending_->failure);
  if (ending_->reason != Term(atoms::normal)) throw ExitException(ending_->reason);
}

void Server::reply_with(const CallFrom& to, MessagePtr reply) {
  if (system_) note_reply(to, *reply);
  if (is_running()) {
    self.node().send(&self.process(), to.pid, reply);
    return;
  }
  ending_->held_reply = std::move(reply);
  ending_->held_for = to.pid;
}

// OTP: gen_server's default handle_info logs and goes on.
void Server::unexpected(const Message& message) const {
  self.log(Self::Level::warning,
           "an unexpected message was dropped: " + to_string(message.type->to_term(message)));
}

void Server::trace_state() {
  const Term now = state();
  const std::uint64_t digest = now.hash();
  if (digest == traced_state_) return;
  traced_state_ = digest;
  self.node().emit({.kind = EventKind::state, .subject = self.process().key()}, now);
}

}  // namespace glasshouse::runtime
