#include "runtime/behaviour/child_spec.h"

#include <set>
#include <utility>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

// What is wrong with it, or `undefined`.
Term fault_of(const ChildSpec& spec, std::optional<AutoShutdown> flag) {
  if (spec.id == Atom()) return Term("missing_id"_atom);
  if (!spec.start) return Term("missing_start"_atom);
  if (spec.restart > Restart::temporary) {
    return tuple(Term("invalid_restart_type"_atom), Term(static_cast<int>(spec.restart)));
  }
  if (spec.type > ChildType::supervisor) {
    return tuple(Term("invalid_child_type"_atom), Term(static_cast<int>(spec.type)));
  }
  if (!spec.shutdown.is_valid()) {
    return tuple(Term("invalid_shutdown"_atom), spec.shutdown.term());
  }
  const Term marked = tuple(Term("significant"_atom), Term(atoms::true_));
  if (spec.significant && spec.restart == Restart::permanent) {
    return tuple(Term("bad_combination"_atom),
                 list(tuple(Term("restart"_atom), Term(atoms::permanent)), marked));
  }
  if (spec.significant && flag == AutoShutdown::never) {
    return tuple(Term("bad_combination"_atom),
                 list(tuple(Term("auto_shutdown"_atom), Term("never"_atom)), marked));
  }
  return Term();
}

Term error_of(Term reason) {
  return tuple(Term(atoms::error), std::move(reason));
}

}  // namespace

Term Shutdown::term() const {
  if (is_brutal()) return Term("brutal_kill"_atom);
  if (within_.is_infinite()) return Term(atoms::infinity);
  return Term(within_.nanoseconds() / 1'000'000);
}

Term check_childspecs(std::span<const ChildSpec> specs, std::optional<AutoShutdown> flag) {
  std::set<Atom> ids;
  for (const ChildSpec& spec : specs) {
    Term fault = fault_of(spec, flag);
    if (!fault.is_undefined()) return error_of(std::move(fault));
    if (!ids.insert(spec.id).second) {
      return error_of(tuple(Term("duplicate_child_name"_atom), Term(spec.id)));
    }
  }
  return Term(atoms::ok);
}

Term child_term(const ChildSpec& spec, Pid pid) {
  std::vector<Term> modules(spec.modules.begin(), spec.modules.end());
  return tuple(Term("child"_atom), pid.is_null() ? Term() : Term(pid), Term(spec.id),
               Term(restart_name(spec.restart)), Term(spec.significant), spec.shutdown.term(),
               Term(child_type_name(spec.type)), list_of(std::move(modules)));
}

Term child_report(const ChildSpec& spec, Pid pid) {
  return map(Term("pid"_atom), pid.is_null() ? Term() : Term(pid), Term("id"_atom), Term(spec.id),
             Term("restart_type"_atom), Term(restart_name(spec.restart)), Term("significant"_atom),
             Term(spec.significant), Term("shutdown"_atom), spec.shutdown.term(),
             Term("child_type"_atom), Term(child_type_name(spec.type)));
}

Atom child_type_name(ChildType type) {
  return type == ChildType::worker ? atoms::worker : atoms::supervisor;
}

Atom auto_shutdown_name(AutoShutdown flag) {
  static constexpr std::string_view names[] = {"never", "any_significant", "all_significant"};
  return Atom(names[static_cast<int>(flag)]);
}

void answer_start(Process& parent, CallFrom starter, Atom outcome, Term detail) {
  MessagePtr answer = make_reply<Start>(starter.ref, outcome, std::move(detail));
  parent.node().send(&parent, starter.pid, answer);
}

}  // namespace glasshouse::runtime
