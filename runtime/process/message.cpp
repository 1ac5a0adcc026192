#include "runtime/process/message.h"

namespace glasshouse::runtime {

void MessageDeleter::operator()(Message* message) const {
  if (message->type != nullptr) {
    message->type->destroy(message);
  } else {
    delete static_cast<Signal*>(message);
  }
}

MessagePtr make_signal(MessageKind kind, Pid from) {
  auto* signal = new Signal;
  signal->kind = kind;
  signal->from = from;
  return MessagePtr(signal);
}

Result<Exit> Conversion<Exit>::from_term(const Term& term) {
  if (!term.is_tuple(atoms::exit_upper, 3)) return detail::expected("{'EXIT',Pid,Reason}", term);
  auto from = runtime::from_term<Pid>(term.element(1));
  if (!from) return from.error();
  return Exit{*from, term.element(2)};
}

Result<Down> Conversion<Down>::from_term(const Term& term) {
  if (!term.is_tuple(atoms::down_upper, 5)) {
    return detail::expected("{'DOWN',Ref,process,Pid,Reason}", term);
  }
  auto ref = runtime::from_term<Ref>(term.element(1));
  if (!ref) return ref.error();
  auto pid = runtime::from_term<Pid>(term.element(3));
  if (!pid) return pid.error();
  return Down{*ref, *pid, term.element(4)};
}

}  // namespace glasshouse::runtime
