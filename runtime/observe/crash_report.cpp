#include "runtime/observe/crash_report.h"

#include <vector>

#include "runtime/observe/stack.h"

namespace glasshouse::runtime {

namespace {

Term mailbox_of(const Process& process) {
  std::vector<Term> messages;
  const Message* message = process.mail.first();
  while (message != nullptr && messages.size() < crash_report_messages_max) {
    messages.push_back(message->type->to_term(*message));
    message = message->next;
  }
  return list_of(std::move(messages));
}

Term links_of(const Relations& relations) {
  std::vector<Term> links;
  for (const Pid other : relations.links)
    links.emplace_back(other);
  return list_of(std::move(links));
}

}  // namespace

Term crash_report(const Process& process, const Term& reason) {
  static const Relations none;
  const Relations* own = process.relations_if_any();
  const Relations& relations = own == nullptr ? none : *own;
  std::vector<MapEntry> entries;
  entries.push_back({Term("pid"_atom), Term(process.pid())});
  entries.push_back({Term("initial"_atom), Term(process.initial)});
  const Atom name = process.name();
  if (name != Atom()) entries.push_back({Term("name"_atom), Term(name)});
  entries.push_back({Term("reason"_atom), reason});
  static const CrashNotes nothing;
  const CrashNotes& crash = relations.crash ? *relations.crash : nothing;
  entries.push_back({Term("last_message"_atom), crash.message});
  entries.push_back({Term("state"_atom), crash.state});
  entries.push_back({Term("mailbox"_atom), mailbox_of(process)});
  entries.push_back({Term("links"_atom), links_of(relations)});
  entries.push_back({Term("stack"_atom), last_throw_stack()});
  return map_of(std::move(entries));
}

}  // namespace glasshouse::runtime
