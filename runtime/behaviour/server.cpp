#include "runtime/behaviour/server.h"

#include <algorithm>
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

void Self::set_timeout(Instant at) const {
  CHECK(process_->server != nullptr);
  process_->server->set_timeout(at);
}

void Self::set_hibernate() const {
  CHECK(process_->server != nullptr);
  process_->server->set_hibernate();
}

void Self::set_hibernate_after(Duration time) const {
  CHECK(process_->server != nullptr);
  process_->server->set_hibernate_after(time);
}

void Self::continue_with_message(MessagePtr message) const {
  CHECK(process_->server != nullptr);
  process_->server->continue_with(std::move(message));
}

void Server::set_hibernate_after(Duration time) {
  if (time.is_infinite() && rare_ == nullptr) return;
  rare().hibernate_after = time;
  drop_rare();
}

void Server::stop(Term reason) {
  if (ending_) return;
  ending_ = std::make_unique<Ending>();
  ending_->reason = std::move(reason);
}

bool Server::take_name(Atom name) {
  const Relations* const relations = self.process().relations_if_any();
  const bool is_linked = relations != nullptr && relations->links.contains(self.parent());
  is_own_parent_ = !is_linked && !self.parent().is_null();
  if (name == Atom() || self.register_name(name)) return true;
  const Pid holder = self.whereis(name).value_or(Pid());
  answer_starter(self, atoms::error, tuple(Term(atoms::already_started), Term(holder)));
  return false;
}

void Server::started() {
  if (ending_) throw ExitException(ending_->reason);
  answer_starter(self, atoms::ok, Term());
}

void Server::continue_with(MessagePtr message) {
  message->sender = self.process().key();
  rare().continuations.push_back(message.release());
}

MessagePtr Server::next_continuation() {
  MessagePtr next;
  if (!rare_->continuations.empty()) {
    next = rare_->continuations.take_after(nullptr);
    rare_->continues = true;
    --self.process().reductions_left;
    drop_rare();
  }
  return next;
}

// OTP: the time-out of a server goes before hibernate_after, which begins anew with every wait.
Duration Server::rare_wait() const {
  if (rare_->suspended) return Duration::infinity();
  const Duration usual = usual_wait();
  return usual.is_infinite() && !rare_->rests ? rare_->hibernate_after : usual;
}

bool Server::rest() {
  if (rare_ == nullptr || rare_->suspended || !usual_wait().is_infinite()) return false;
  rare_->rests = true;
  hibernate();
  return true;
}

Duration Server::time_left() const {
  return std::max(Instant::at(timeout_) - self.now(), Duration::zero());
}

Server::Rare& Server::rare() {
  if (!rare_) rare_ = std::make_unique<Rare>(self);
  return *rare_;
}

void Server::drop_rare() {
  if (rare_ && !rare_->suspended && rare_->debug.empty() && rare_->continuations.empty() &&
      rare_->hibernate_after.is_infinite()) {
    rare_.reset();
  }
}

// OTP: gen_server, "Module:terminate": the parent's exit ends a server that traps exits. Who was
// spawned from outside has the outside as its parent, and Node::exit is its word.
const Exit* Server::exit_of_parent(const Message& message) const {
  if (message.is_call() || !same_type(message.type, message_type<Exit>())) return nullptr;
  const Exit& exit = body_of<Exit>(message);
  return exit.from == parent() ? &exit : nullptr;
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
  } else if (rest()) {
    return false;
  }
  set_timeout(Duration::infinity());
  handling_ = message ? message->type->name : atoms::timeout;
  if (rare_ != nullptr) note_begin(message.get());
  return true;
}

void Server::note_begin(const Message* message) {
  rare_->rests = false;
  if (!rare_->debug.empty()) note_in(message);
  rare_->continues = false;
}

void Server::end() {
  // A caller whose handler threw, or whose reply waits for terminate, learns of a failure when the
  // process has exited.
  const bool may_fail = ending_ && (ending_->failure || ending_->held_reply);
  if (!may_fail && self.process().relations_if_any() != nullptr) {
    self.process().relations().handling = {};
  }
  if (is_debugged()) note_end();
  if (self.node().wants(EventKind::state)) trace_state();
  if (std::exchange(hibernates_, false)) hibernate();
}

// For the crash report: this object is gone when it is written.
void Server::note_crash() {
  Status status{.state = shown_state(),
                .message = Term(handling_),
                .reason = ending_->reason,
                .log = {},
                .timeouts = {},
                .postponed = {}};
  status = formatted(status);
  self.process().relations().crash =
      std::make_unique<CrashNotes>(CrashNotes{std::move(status.state), std::move(status.message)});
}

void Server::handler_threw() {
  pass_on_death();
  const std::exception_ptr failure = std::current_exception();
  if (!ending_) ending_ = std::make_unique<Ending>();
  ending_->reason = exit_reason_of(failure);
  ending_->failure = failure;
  if (!is_orderly(ending_->reason)) note_crash();
}

void Server::terminate_threw() {
  handler_threw();
  ending_->terminate_failed = true;
}

void Server::unknown_call(const Message& call) {
  self.process().relations().handling = static_cast<const CallMessage&>(call).from;
  try {
    throw ExitException(tuple(Term("function_clause"_atom), list(call.type->to_term(call))));
  } catch (...) {
    handler_threw();
  }
}

void Server::finish() {
  if (!is_orderly(ending_->reason) || ending_->terminate_failed) {
    if (!self.process().relations().crash) note_crash();
    log_terminate(self.process(), {.behaviour = behaviour(),
                                   .reason = ending_->reason,
                                   .log = rare_ ? rare_->debug.log() : nil()});
  }
  if (ending_->held_reply) {
    self.process().relations().handling = {};
    self.node().send(&self.process(), ending_->held_for, ending_->held_reply);
  }
  if (ending_->failure) std::rethrow_exception(ending_->failure);
  if (ending_->reason != Term(atoms::normal)) throw ExitException(ending_->reason);
}

void Server::reply_with(const CallFrom& to, MessagePtr reply) {
  if (is_debugged()) note_reply(to, *reply);
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

Term Server::shown_state() const {
  try {
    return state();
  } catch (...) {
    return binary(std::string(self.process().initial.text()) + ":describe crashed");
  }
}

void Server::trace_state() {
  const Term now = shown_state();
  const std::uint64_t digest = now.hash();
  if (digest == traced_state_) return;
  traced_state_ = digest;
  self.node().emit({.kind = EventKind::state, .subject = self.process().key()}, now);
}

}  // namespace glasshouse::runtime
