#include "scenarios/run/watcher.h"

#include <algorithm>

#include "runtime/term/term.h"

namespace glasshouse::scenarios {

using runtime::kind_bit;

namespace {

// What is rare and worth a count on many cores.
constexpr std::uint64_t notable_kinds =
    kind_bit(EventKind::node_up) | kind_bit(EventKind::node_down) | kind_bit(EventKind::spawn) |
    kind_bit(EventKind::exit) | kind_bit(EventKind::crash) | kind_bit(EventKind::child) |
    kind_bit(EventKind::restart) | kind_bit(EventKind::register_name) | kind_bit(EventKind::probe) |
    kind_bit(EventKind::property) | kind_bit(EventKind::action) | kind_bit(EventKind::log) |
    kind_bit(EventKind::held) | kind_bit(EventKind::fault_begin) | kind_bit(EventKind::fault_end);

constexpr std::size_t exited_names_max = 4'096;

constexpr std::uint64_t key_of(EventKind kind, Atom name) {
  return (static_cast<std::uint64_t>(kind) << 32) | name.index();
}

// What the event of such an exit has as its argument.
std::uint64_t hash_of_killed() {
  static const std::uint64_t hash = runtime::Term(runtime::atoms::killed).hash();
  return hash;
}

std::vector<NamedCount> most_frequent(const std::map<Atom, std::uint64_t>& counts) {
  std::vector<NamedCount> result;
  for (const auto& [name, count] : counts)
    result.push_back({std::string(name.text()), count});
  std::stable_sort(result.begin(), result.end(),
                   [](const NamedCount& a, const NamedCount& b) { return a.count > b.count; });
  return result;
}

}  // namespace

Watcher::Watcher(runtime::Tracer& next, Threads threads) : next_(next), threads_(threads) {
  std::uint64_t kinds = threads_ == Threads::one ? runtime::all_event_kinds : notable_kinds;
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (next_.wants(kind)) kinds |= kind_bit(kind);
  }
  want_kinds(kinds);
  // Without the hash of its reason nobody knows an exit by a kill.
  want_detail(std::max(next_.detail(), runtime::Detail::digest));
}

void Watcher::emit(const Event& event, std::string_view text) {
  if (threads_ == Threads::one) {
    watch(event, text);
  } else if ((notable_kinds & kind_bit(event.kind)) != 0) {
    const std::lock_guard lock(mutex_);
    watch(event, text);
  }
  if (next_.wants(event.kind)) next_.emit(event, text);
}

void Watcher::watch(const Event& event, std::string_view text) {
  ++events_;
  ++counts_[static_cast<std::size_t>(event.kind)];
  switch (event.kind) {
    case EventKind::wait:
    case EventKind::send:
    case EventKind::receive:
      return;
    case EventKind::spawn:
      name_process(event.subject.value, event.name, false);
      break;
    case EventKind::register_name:
      name_process(event.subject.value, event.name, true);
      break;
    case EventKind::child:
      if (event.peer.value != 0) name_process(event.peer.value, event.name, false);
      break;
    case EventKind::exit:
      if (static_cast<std::uint64_t>(event.argument) == hash_of_killed()) {
        ++kills_;
        ++killed_[name_of(event.subject.value)];
      }
      forget_later(event.subject.value);
      break;
    case EventKind::crash:
      ++crashed_[name_of(event.subject.value)];
      break;
    case EventKind::restart:
      if (event.name.text() == "restart") ++restarted_[name_of(event.peer.value)];
      break;
    case EventKind::probe:
      probes_[event.name] = event.argument;
      if (on_probe) on_probe(event.name, event.argument);
      break;
    case EventKind::log:
      if (on_error && event.name.text() == "error") on_error(name_of(event.subject.value), text);
      break;
    default:
      break;
  }
  names_.take_next(key_of(event.kind, event.name));
}

void Watcher::name_process(std::uint64_t process, Atom name, bool registered) {
  Named& named = processes_[process];
  if (named.registered && !registered) return;
  named = {name, registered};
}

// A supervisor speaks of a child that has exited: names outlive their processes for a while.
void Watcher::forget_later(std::uint64_t process) {
  exited_.push_back(process);
  if (exited_.size() <= exited_names_max) return;
  processes_.erase(exited_.front());
  exited_.pop_front();
}

Atom Watcher::name_of(std::uint64_t process) const {
  const auto found = processes_.find(process);
  return found == processes_.end() ? Atom("process") : found->second.name;
}

std::uint64_t Watcher::count(EventKind kind) const {
  return locked([&] { return counts_[static_cast<std::size_t>(kind)]; });
}

std::uint64_t Watcher::count(EventKind kind, std::string_view name) const {
  const auto atom = Atom::existing(name);
  if (!atom) return 0;
  return locked([&] { return names_.at(key_of(kind, *atom)); });
}

std::int64_t Watcher::count_named(std::string_view kind, std::string_view name) const {
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto event = static_cast<EventKind>(i);
    if (runtime::event_kind_name(event) != kind) continue;
    return static_cast<std::int64_t>(name.empty() ? count(event) : count(event, name));
  }
  return 0;
}

std::int64_t Watcher::probe(std::string_view name) const {
  const auto atom = Atom::existing(name);
  if (!atom) return 0;
  return locked([&]() -> std::int64_t {
    const auto found = probes_.find(*atom);
    return found == probes_.end() ? 0 : found->second;
  });
}

std::uint64_t Watcher::kills() const {
  return locked([this] { return kills_; });
}

std::vector<NamedCount> Watcher::crashed() const {
  return locked([this] { return most_frequent(crashed_); });
}
std::vector<NamedCount> Watcher::killed() const {
  return locked([this] { return most_frequent(killed_); });
}
std::vector<NamedCount> Watcher::restarted() const {
  return locked([this] { return most_frequent(restarted_); });
}

}  // namespace glasshouse::scenarios
