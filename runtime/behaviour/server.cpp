#include "runtime/behaviour/server.h"

#include <string>
#include <utility>

#include "runtime/node/node.h"
#include "runtime/term/print.h"

namespace glasshouse::runtime {

void Self::stop(Term reason) const {
  CHECK(process_->server != nullptr);
  process_->server->stop(std::move(reason));
}

void Self::set_timeout(Duration time) const {
  CHECK(process_->server != nullptr);
  process_->server->set_timeout(time);
}

void Server::stop(Term reason) {
  if (!stop_reason_) stop_reason_ = std::move(reason);
}

bool Server::take_name(Atom name) {
  if (name == Atom() || self.register_name(name)) return true;
  const Pid holder = self.whereis(name).value_or(Pid());
  answer_starter(atoms::error, tuple(Term(atoms::already_started), Term(holder)));
  return false;
}

void Server::answer_starter(Atom outcome, Term detail) {
  const CallFrom starter = std::exchange(self.process().starter, {});
  if (starter.ref.number == 0) return;
  MessagePtr answer = make_reply<Start>(starter.ref, outcome, std::move(detail));
  self.node().send(&self.process(), starter.pid, answer);
}

bool Server::begin(const MessagePtr& message) {
  if (!message) {
    handling_ = atoms::timeout;
    return true;
  }
  handling_ = message->type->name;
  // OTP: gen_server, "Module:terminate": the parent's exit ends a server that traps exits. Who was
  // spawned from outside has the outside as its parent, and Node::exit is its word.
  if (same_type(message->type, message_type<Exit>())) {
    const Exit& exit = body_of<Exit>(*message);
    if (exit.from == self.parent()) {
      stop(exit.reason);
      return false;
    }
  }
  return true;
}

void Server::end() {
  // A caller whose handler threw learns of it when the process has exited.
  if (!failure_) self.process().handling = {};
  if (is_running() && held_reply_) self.node().send(&self.process(), held_for_, held_reply_);
  held_reply_ = is_running() ? nullptr : std::move(held_reply_);
  if (self.node().wants(EventKind::state)) trace_state();
}

void Server::handler_threw() {
  failure_ = std::current_exception();
  Term reason = exit_reason_of(failure_);
  if (!is_orderly(reason)) {
    Relations& relations = self.process().relations();
    relations.crash_state = state();
    relations.crash_message = Term(handling_);
  }
  stop_reason_ = std::move(reason);
}

void Server::finish() {
  if (held_reply_) self.node().send(&self.process(), held_for_, held_reply_);
  if (failure_) std::rethrow_exception(failure_);
  if (*stop_reason_ != Term(atoms::normal)) {
    if (!is_orderly(*stop_reason_)) {
      Relations& relations = self.process().relations();
      relations.crash_state = state();
      relations.crash_message = Term(handling_);
    }
    throw ExitException(*stop_reason_);
  }
}

void Server::reply_with(const CallFrom& to, MessagePtr reply) {
  held_reply_ = std::move(reply);
  held_for_ = to.pid;
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
