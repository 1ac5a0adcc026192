#include "runtime/behaviour/request.h"

namespace glasshouse::runtime::detail {

namespace {

bool is_good(const RequestMark& mark, const Process& process) {
  return mark.open != 0 && mark.taken == process.mail_taken.load(std::memory_order_relaxed);
}

void mark_request(Process& process, Ref ref) {
  process.fetch();
  RequestMark& mark = process.extras().requests;
  if (is_good(mark, process)) {
    ++mark.open;
  } else {
    mark = {.last = process.mail.last(),
            .taken = process.mail_taken.load(std::memory_order_relaxed),
            .open = 1,
            .since = ref.number};
  }
}

}  // namespace

Ref open_request(Self self, To to, Ref ref, MessagePtr request) {
  Pid target = to.pid();
  Term failure(atoms::noproc);
  if (to.is_elsewhere(self.node().name())) {
    failure = tuple(Term("nodedown"_atom), Term(to.node()));
  } else if (to.by_name()) {
    target = self.whereis(to.name()).value_or(Pid());
  }
  self.process().relations().monitors.push_back({ref, target, to.name(), true});
  mark_request(self.process(), ref);
  if (!self.node().send(&self.process(), target, request)) {
    // As the monitor that OTP sets would answer.
    MessagePtr down = make_signal(MessageKind::down, target);
    static_cast<Signal&>(*down).ref = ref;
    static_cast<Signal&>(*down).reason = std::move(failure);
    self.node().signal(&self.process(), self.pid(), std::move(down));
  }
  return ref;
}

void give_up_request(Self self, Ref ref) {
  // Fetches first. Where the monitor was still there, nothing has come, however long the mailbox.
  const bool has_come = !self.demonitor(ref, Self::Flush::keep);
  if (has_come) {
    self.process().drop_mail(
        [ref](const Message& message) { return is_response_to(message, ref); });
  }
  Extras* const own = self.process().extras_if_any();
  if (own != nullptr && own->requests.open != 0 && ref.number >= own->requests.since) {
    --own->requests.open;
  }
}

Message* answers_begin_behind(Self self, Ref ref) {
  const Extras* const own = self.process().extras_if_any();
  if (own == nullptr || ref.number < own->requests.since) return nullptr;
  return is_good(own->requests, self.process()) ? own->requests.last : nullptr;
}

// It was counted as taken already: the mark is as good as it was before.
void note_answered(Self self, Ref ref) {
  Extras* const own = self.process().extras_if_any();
  if (own == nullptr || own->requests.open == 0 || ref.number < own->requests.since) return;
  ++own->requests.taken;
  --own->requests.open;
}

bool is_response_to(const Message& message, Ref ref) {
  if (message.kind == MessageKind::reply) {
    return static_cast<const ReplyMessage&>(message).ref == ref;
  }
  return !message.is_call() && same_type(message.type, message_type<Down>()) &&
         body_of<Down>(message).ref == ref;
}

}  // namespace glasshouse::runtime::detail
