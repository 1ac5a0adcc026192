#include "runtime/observe/crash_report.h"

#include <utility>
#include <vector>

#include "runtime/node/node.h"
#include "runtime/observe/stack.h"
#include "runtime/process/info.h"
#include "runtime/process/shown_field.h"

namespace glasshouse::runtime {

namespace {

// The first of a list, and '...' if there are more.
class Some {
 public:
  // False: this one is too many.
  bool add(Term term) {
    if (terms_.size() == crash_report_items_max) {
      terms_.emplace_back("..."_atom);
      return false;
    }
    terms_.push_back(std::move(term));
    return true;
  }
  Term list() && { return list_of(std::move(terms_)); }

 private:
  std::vector<Term> terms_;
};

Term messages_of(const Process& process) {
  Some messages;
  for (const Message* message = process.mail.first(); message != nullptr; message = message->next) {
    if (!messages.add(message->type->to_term(*message))) break;
  }
  return std::move(messages).list();
}

Term links_of(const Relations& relations) {
  Some links;
  for (const Pid other : relations.links) {
    if (!links.add(Term(other))) break;
  }
  return std::move(links).list();
}

Term dictionary_of(const Relations& relations) {
  Some entries;
  for (const auto& [key, value] : relations.dictionary) {
    if (!entries.add(tuple(key, value))) break;
  }
  return std::move(entries).list();
}

Term ancestors_of(Pid parent) {
  return parent.is_null() ? nil() : list(Term(parent));
}

void add_name(std::vector<MapEntry>& entries, Atom name) {
  if (name != Atom()) entries.push_back({Term("registered_name"_atom), Term(name)});
}

// Undefined if it is gone, or goes meanwhile.
Term neighbour(Node& node, Pid pid) {
  const Process* const process = node.find(pid);
  if (process == nullptr || !process->is_alive()) return Term();
  const Pid parent = look_at(process->parent);
  const Atom initial = look_at(process->initial);
  std::vector<MapEntry> entries;
  add_name(entries, process->name());
  entries.push_back({Term("pid"_atom), Term(pid)});
  entries.push_back({Term("initial_call"_atom), Term(initial)});
  entries.push_back({Term("ancestors"_atom), ancestors_of(parent)});
  entries.push_back({Term("message_queue_len"_atom), Term(std::int64_t{process->mail_length()})});
  const auto reductions = process->reductions.load(std::memory_order_relaxed);
  entries.push_back({Term("reductions"_atom), Term(static_cast<std::int64_t>(reductions))});
  if (!process->is_alive() || process->serial() != pid.serial) return Term();
  return map_of(std::move(entries));
}

Term neighbours_of(const Process& process, const Relations& relations) {
  Some neighbours;
  for (const Pid other : relations.links) {
    Term found = neighbour(process.node(), other);
    if (!found.is_undefined() && !neighbours.add(std::move(found))) break;
  }
  return std::move(neighbours).list();
}

// What process_info has under the same name.
void add_items(std::vector<MapEntry>& entries, const Process& process) {
  const Term items = list(Term("message_queue_len"_atom), Term("trap_exit"_atom),
                          Term("status"_atom), Term("reductions"_atom), Term("memory"_atom));
  const Term found = info_about(process, items, status_of(process));
  for (const Term& pair : found.as_list())
    entries.push_back({pair.element(0), pair.element(1)});
}

}  // namespace

Atom failure_class(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const ExitException&) {
    return atoms::exit;
  } catch (...) {
    return atoms::error;
  }
}

Term crash_report(const Process& process, const Term& reason, const std::exception_ptr& failure) {
  static const Relations none;
  const Relations* own = process.relations_if_any();
  const Relations& relations = own == nullptr ? none : *own;
  std::vector<MapEntry> entries;
  const auto add = [&entries](std::string_view key, Term value) {
    entries.push_back({Term(Atom(key)), std::move(value)});
  };
  add("initial_call", Term(process.initial));
  add("pid", Term(process.pid()));
  add_name(entries, process.name());
  add("error_info", tuple(Term(failure_class(failure)), reason, last_throw_stack()));
  add("ancestors", ancestors_of(process.parent));
  add("messages", messages_of(process));
  add("links", links_of(relations));
  add("dictionary", dictionary_of(relations));
  add_items(entries, process);
  add("neighbours", neighbours_of(process, relations));
  static const CrashNotes nothing;
  const CrashNotes& crash = relations.crash ? *relations.crash : nothing;
  add("last_message", crash.message);
  add("state", crash.state);
  return map_of(std::move(entries));
}

}  // namespace glasshouse::runtime
