#include "runtime/behaviour/proc_lib.h"

#include "runtime/behaviour/server.h"

namespace glasshouse::runtime {

// The pid stays, and says that this process was started by proc_lib. Of a start that gives no
// process the name is free before anybody hears of it. OTP: gen:unregister_name/1.
void answer_starter(Self self, Atom outcome, Term detail) {
  if (self.process().relations_if_any() == nullptr) return;
  CallFrom& starter = self.process().relations().starter;
  const Ref ref = std::exchange(starter.ref, Ref());
  if (ref.number == 0) return;
  const Duration rest = self.process().relations().hibernate_after;
  if (!rest.is_infinite() && outcome == atoms::ok) self.set_hibernate_after(rest);
  const bool stays = outcome == atoms::ok || outcome == atoms::reply;
  const Atom name = self.process().name();
  if (!stays && name != Atom()) self.unregister_name(name);
  MessagePtr answer = make_reply<Start>(ref, outcome, std::move(detail));
  self.node().send(&self.process(), starter.pid, answer);
}

namespace proc_lib {

namespace {

void drop_exit(Self self, Pid of) {
  self.process().fetch();
  self.process().drop_mail([of](const Message& message) {
    return same_type(message.type, message_type<Exit>()) && body_of<Exit>(message).from == of;
  });
}

}  // namespace

Started StartWait::await_resume() {
  const MessagePtr message = finish();
  if (message) {
    StartAnswer& answer = static_cast<BoxedReply<Start>&>(*message).value;
    const bool failed = answer.detail.is_tuple(atoms::error, 2);
    return {failed ? Pid() : child_, std::move(answer.detail), monitor_};
  }
  if (timed_out()) {
    give_up(self_, child_);
  } else {
    drop_exit(self_, child_);
  }
  return {Pid(), tuple(Term(atoms::error), failure()), monitor_};
}

void give_up(Self self, Pid child) {
  self.unlink(child);
  self.exit(child, Term(atoms::kill));
  drop_exit(self, child);
}

void init_ack(Self self) {
  init_ack(self, tuple(Term(atoms::ok), Term(self.pid())));
}

void init_ack(Self self, Term answer) {
  answer_starter(self, atoms::reply, std::move(answer));
}

void init_fail(Self self, Term reason) {
  answer_starter(self, atoms::reply, tuple(Term(atoms::error), reason));
  self.exit(std::move(reason));
}

bool was_started_here(Self self) {
  if (self.process().server != nullptr) return true;
  const Relations* relations = self.process().relations_if_any();
  return relations != nullptr && !relations->starter.pid.is_null();
}

}  // namespace proc_lib

}  // namespace glasshouse::runtime
