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
  // The first element is a tag, whatever the monitor asked for.
  const bool fits = term.is_tuple() && term.size() == 5;
  if (!fits || !term.element(2).is_atom(atoms::process)) {
    return detail::expected("{'DOWN',Ref,process,Pid,Reason}", term);
  }
  const Term& tag = term.element(0);
  const Term& item = term.element(3);
  auto ref = runtime::from_term<Ref>(term.element(1));
  if (!ref) return ref.error();
  Down down{.ref = *ref, .pid = {}, .reason = term.element(4)};
  if (!tag.is_atom(atoms::down_upper)) down.tag = tag;
  if (item.is_tuple() && item.size() == 2 && item.element(0).is_atom()) {
    down.name = *item.element(0).as_atom();
    return down;
  }
  auto pid = runtime::from_term<Pid>(item);
  if (!pid) return pid.error();
  down.pid = *pid;
  return down;
}

// A local name: its node is the one that made the reference.
Term Conversion<Down>::to_term(const Down& down) {
  const Term tag = down.tag.is_undefined() ? Term(atoms::down_upper) : down.tag;
  const Term item =
      down.name == Atom() ? Term(down.pid) : tuple(Term(down.name), Term(down.ref.node));
  return tuple(tag, Term(down.ref), Term(atoms::process), item, down.reason);
}

namespace {

Term spawn_tag(const Term& tag) {
  return tag.is_undefined() ? Term("spawn_reply"_atom) : tag;
}

}  // namespace

Term Conversion<SpawnReply>::to_term(const SpawnReply& reply) {
  return tuple(spawn_tag(reply.tag), Term(reply.ref), Term(reply.outcome), reply.result);
}

Result<SpawnReply> Conversion<SpawnReply>::from_term(const Term& term) {
  if (!term.is_tuple() || term.size() != 4) {
    return detail::expected("{spawn_reply,Ref,ok | error,Result}", term);
  }
  auto ref = runtime::from_term<Ref>(term.element(1));
  if (!ref) return ref.error();
  auto outcome = runtime::from_term<Atom>(term.element(2));
  if (!outcome) return outcome.error();
  SpawnReply reply{.ref = *ref, .outcome = *outcome, .result = term.element(3)};
  if (term.element(0) != spawn_tag(Term())) reply.tag = term.element(0);
  return reply;
}

}  // namespace glasshouse::runtime
