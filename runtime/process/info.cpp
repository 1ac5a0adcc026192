#include "runtime/process/info.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

// In OTP's order, as far as they mean something here; the first ones are those of process_info/1.
constexpr std::array<std::string_view, 19> item_names = {
    "registered_name", "initial_call", "status",       "message_queue_len", "links",
    "dictionary",      "trap_exit",    "priority",     "group_leader",      "reductions",
    "suspending",      "parent",       "monitors",     "monitored_by",      "messages",
    "memory",          "label",        "current_wait", "messages_refused",
};
constexpr std::size_t items_by_default = 11;

const Relations& relations_of(const Process& process) {
  static const Relations none;
  const Relations* own = process.relations_if_any();
  return own == nullptr ? none : *own;
}

Term flag(bool on) {
  return Term(on ? atoms::true_ : atoms::false_);
}

Term pid_or_undefined(Pid pid) {
  return pid.is_null() ? Term() : Term(pid);
}

template <class Range, class ToTerm>
Term list_from(const Range& range, ToTerm to_term) {
  std::vector<Term> terms;
  terms.reserve(range.size());
  for (const auto& element : range)
    terms.push_back(to_term(element));
  return list_of(std::move(terms));
}

Term monitor_term(const Relations::Monitor& monitor) {
  const Term named = tuple(Term(monitor.name), Term(monitor.ref.node));
  return tuple(Term(atoms::process), monitor.name == Atom() ? Term(monitor.pid) : named);
}

// {Pid, Active, Outstanding}. Nobody tells when a suspension begins to act, so all count as active.
Term suspending_of(const Process& process) {
  const Extras* extras = process.extras_if_any();
  if (extras == nullptr) return nil();
  return list_from(extras->suspending, [](const auto& suspension) {
    return tuple(Term(suspension.pid), Term(std::int64_t{suspension.count}), Term(0));
  });
}

Term messages_of(const Process& process) {
  std::vector<Term> terms;
  for (const Message* message = process.mail.first(); message != nullptr; message = message->next)
    terms.push_back(message->type->to_term(*message));
  return list_of(std::move(terms));
}

// The frames of its coroutines are not in it: only the pool knows their sizes.
std::int64_t memory_of(const Process& process) {
  std::size_t bytes = sizeof(Process);
  if (const Relations* relations = process.relations_if_any()) {
    bytes += sizeof(Relations) + relations->links.size() * sizeof(Pid);
    bytes +=
        (relations->monitors.size() + relations->monitored_by.size()) * sizeof(Relations::Monitor);
    bytes += relations->dictionary.capacity() * sizeof(relations->dictionary[0]);
  }
  if (process.extras_if_any() != nullptr) bytes += sizeof(Extras);
  for (const Message* message = process.mail.first(); message != nullptr; message = message->next)
    bytes += message->type->bytes;
  return static_cast<std::int64_t>(bytes);
}

std::int64_t refused_by(const Process& process) {
  const Extras* extras = process.extras_if_any();
  return extras == nullptr ? 0 : static_cast<std::int64_t>(extras->mail_refused);
}

Term priority_term(Priority priority) {
  static const std::array<Atom, 4> names = {"normal"_atom, "low"_atom, "high"_atom, "max"_atom};
  return Term(names[static_cast<std::size_t>(priority)]);
}

Term wait_term(const Process& process) {
  const Wait* wait = process.current_wait();
  if (wait == nullptr) return Term();
  return tuple(Term(wait->what()), pid_or_undefined(wait->whom()));
}

Term value_of(const Process& process, std::string_view item, Atom status) {
  const Relations& relations = relations_of(process);
  if (item == "registered_name") {
    const Atom name = process.name();
    return name == Atom() ? nil() : Term(name);
  }
  if (item == "initial_call") return Term(process.initial);
  if (item == "status") return Term(status);
  if (item == "message_queue_len") return Term(std::int64_t{process.mail_length()});
  if (item == "links") return list_from(relations.links, [](Pid pid) { return Term(pid); });
  if (item == "dictionary") {
    return list_from(relations.dictionary, [](const auto& e) { return tuple(e.first, e.second); });
  }
  if (item == "trap_exit") return flag(process.trap_exit);
  if (item == "priority") return priority_term(process.priority);
  if (item == "group_leader") return pid_or_undefined(process.group_leader);
  if (item == "reductions") {
    return Term(static_cast<std::int64_t>(process.reductions.load(std::memory_order_relaxed)));
  }
  if (item == "suspending") return suspending_of(process);
  if (item == "parent") return pid_or_undefined(process.parent);
  if (item == "monitors") return list_from(relations.monitors, &monitor_term);
  if (item == "monitored_by") {
    return list_from(relations.monitored_by, [](const auto& watcher) { return Term(watcher.pid); });
  }
  if (item == "messages") return messages_of(process);
  if (item == "memory") return Term(memory_of(process));
  if (item == "label") return relations.label;
  if (item == "messages_refused") return Term(refused_by(process));
  return wait_term(process);
}

Term pair_of(const Process& process, Atom item, Atom status) {
  return tuple(Term(item), value_of(process, item.text(), status));
}

}  // namespace

bool is_info_item(Atom item) {
  return std::find(item_names.begin(), item_names.end(), item.text()) != item_names.end();
}

Atom status_of(const Process& process) {
  if (process.is_suspended()) return "suspended"_atom;
  const Wait* wait = process.current_wait();
  if (wait == nullptr) return "running"_atom;
  return wait->what() == atoms::yield ? "runnable"_atom : "waiting"_atom;
}

Term info_about(const Process& process, const Term& items, Atom status) {
  const Atom name_item = "registered_name"_atom;
  std::vector<Term> pairs;
  if (items.is_undefined()) {
    for (std::size_t i = 0; i < items_by_default; ++i) {
      const Atom item(item_names[i]);
      if (item == name_item && process.name() == Atom()) continue;
      pairs.push_back(pair_of(process, item, status));
    }
    return list_of(std::move(pairs));
  }
  if (items.is_atom()) {
    // OTP: "registered_name: if the process has no registered name, [] is returned".
    if (items == Term(name_item) && process.name() == Atom()) return nil();
    return pair_of(process, *items.as_atom(), status);
  }
  const auto asked = from_term<std::vector<Atom>>(items);
  CHECK(asked.ok());
  for (const Atom item : *asked)
    pairs.push_back(pair_of(process, item, status));
  return list_of(std::move(pairs));
}

Question::Question(Process& process, Pid whom, MessageKind kind, Term items)
    : Question(process, whom, kind, std::move(items), process.make_ref()) {}

Question::Question(Process& process, Pid whom, MessageKind kind, Term items, Ref ref)
    : CallWait(process, whom, Duration::infinity(), nullptr, ref),
      asker_(process),
      whom_(whom),
      signal_(make_signal(kind, process.pid())),
      items_(items) {
  auto& signal = static_cast<Signal&>(*signal_);
  signal.ref = ref;
  signal.reason = std::move(items);
}

bool Question::asks_itself() const {
  return whom_ == asker_.pid();
}

bool Question::await_ready() {
  if (asks_itself()) {
    asker_.fetch();
    return true;
  }
  wait_for(whom_);
  asker_.node().signal(&asker_, whom_, std::move(signal_));
  return CallWait::await_ready();
}

Term AskInfoOf::await_resume() {
  if (asks_itself()) return info_about(asker(), items(), "running"_atom);
  const MessagePtr answer = take_answer();
  return answer ? static_cast<BoxedReply<AskInfo>&>(*answer).value : Term();
}

bool SuspendWait::await_resume() {
  if (take_answer() != nullptr) return counts_;
  if (counts_) asker().forget_suspension(asked());
  throw ExitException(Term(atoms::badarg));
}

Result<SuspendReply> Conversion<SuspendReply>::from_term(const Term& term) {
  if (!term.is_tuple() || term.size() != 2) return detail::expected("{ReplyTag,State}", term);
  auto state = runtime::from_term<Atom>(term.element(1));
  if (!state) return state.error();
  return SuspendReply{term.element(0), *state};
}

}  // namespace glasshouse::runtime
