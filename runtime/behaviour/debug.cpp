#include "runtime/behaviour/debug.h"

#include <algorithm>
#include <utility>

#include "runtime/behaviour/debug_file.h"
#include "runtime/behaviour/debug_text.h"

namespace glasshouse::runtime {

namespace {

Term item(std::string_view name, Term value) {
  return tuple(Term(Atom(name)), std::move(value));
}

bool is_event(const Term& event, std::string_view tag) {
  return event.is_tuple() && event.size() > 1 && event.element(0) == Term(Atom(tag));
}

}  // namespace

template <class Kind>
const Kind* Debug::find() const {
  for (const Item& each : items_) {
    if (const auto* found = std::get_if<Kind>(&each.what)) return found;
  }
  return nullptr;
}

bool Debug::has(const Term& id) const {
  return std::any_of(items_.begin(), items_.end(), [&](const Item& each) { return each.id == id; });
}

// OTP: what is installed already stays as it is.
void Debug::install(Term id, What what) {
  if (has(id)) return;
  items_.insert(items_.begin(), {std::move(id), std::move(what)});
}

void Debug::remove(const Term& id) {
  if (id == Term("log_to_file"_atom)) close_file();
  std::erase_if(items_, [&](const Item& each) { return each.id == id; });
}

void Debug::close_file() {
  if (const File* const file = find<File>()) self_.send<DebugFileEnd>(file->writer);
}

Term Debug::process_name() const {
  const Atom name = self_.process().name();
  return name == Atom() ? Term(self_.pid()) : Term(name);
}

void Debug::handle(const Term& event) {
  std::vector<Term> through;
  for (Item& each : items_) {
    if (auto* log = std::get_if<Log>(&each.what)) {
      log->events.push_back(event);
      if (log->events.size() > log->events_max) log->events.pop_front();
    } else if (const auto* file = std::get_if<File>(&each.what)) {
      self_.send<SystemEvent>(file->writer, process_name(), event);
    } else if (auto* statistics = std::get_if<Statistics>(&each.what)) {
      if (is_event(event, "in")) ++statistics->messages_in;
      if (is_event(event, "out")) ++statistics->messages_out;
    } else if (const auto* trace = std::get_if<Trace>(&each.what)) {
      tell(*trace, event);
    } else if (!call(std::get<Installed>(each.what), event)) {
      through.push_back(each.id);
    }
  }
  for (const Term& id : through)
    remove(id);
}

bool Debug::call(Installed& installed, const Term& event) const {
  try {
    Term next = installed.function(installed.state, event, process_name());
    if (next == Term("done"_atom)) return false;
    installed.state = std::move(next);
    return true;
  } catch (...) {
    return false;
  }
}

void Debug::say(const Term& event) const {
  self_.log(Self::Level::debug, system_event_text(process_name(), event));
}

void Debug::tell(const Trace& trace, const Term& event) const {
  if (trace.sink.is_null()) {
    say(event);
  } else {
    self_.send<SystemEvent>(trace.sink, process_name(), event);
  }
}

Term Debug::command(const Term& what, DebugFunction function) {
  if (what == Term("no_debug"_atom)) {
    close_file();
    items_.clear();
    return Term(atoms::ok);
  }
  const bool is_pair = what.is_tuple() && what.size() == 2 && what.element(0).is_atom();
  const std::string_view tag = is_pair ? what.element(0).as_atom()->text() : "";
  if (tag == "log") return log_command(what.element(1));
  if (tag == "log_to_file") return file_command(what.element(1));
  if (tag == "statistics") return statistics_command(what.element(1));
  if (tag == "trace") return trace_command(what.element(1));
  if (tag == "remove") {
    remove(what.element(1));
    return Term(atoms::ok);
  }
  const bool installs = tag == "install" && what.element(1).is_tuple() &&
                        what.element(1).size() == 2 && function != nullptr;
  if (!installs) return Term("unknown_debug"_atom);
  install(what.element(1).element(0), Installed{std::move(function), what.element(1).element(1)});
  return Term(atoms::ok);
}

Term Debug::log_command(const Term& flag) {
  const Term id("log"_atom);
  if (flag == Term("get"_atom)) return tuple(Term(atoms::ok), log());
  if (flag == Term("print"_atom)) {
    const Term events = log();
    for (const Term& event : events.as_list())
      say(event);
    return Term(atoms::ok);
  }
  if (flag == Term(atoms::false_)) {
    remove(id);
    return Term(atoms::ok);
  }
  std::int64_t wanted = log_events_default;
  if (flag.is_tuple(atoms::true_, 2)) wanted = flag.element(1).as_integer().value_or(0);
  const bool is_right = flag == Term(atoms::true_) || flag.is_tuple(atoms::true_, 2);
  if (!is_right || wanted < 1 || wanted > log_events_max) return Term("unknown_debug"_atom);
  // A log that is there already keeps its newest events.
  install(id, Log{0, {}});
  auto& log = const_cast<Log&>(*find<Log>());
  log.events_max = static_cast<std::size_t>(wanted);
  while (log.events.size() > log.events_max)
    log.events.pop_front();
  return Term(atoms::ok);
}

// false, or {Path, Writer}: the former file is closed.
Term Debug::file_command(const Term& flag) {
  const bool is_file = flag.is_tuple() && flag.size() == 2 && flag.element(1).is_pid();
  if (!is_file && flag != Term(atoms::false_)) return Term("unknown_debug"_atom);
  const Term id("log_to_file"_atom);
  remove(id);
  if (is_file) {
    install(id, File{std::string(flag.element(0).as_binary().value_or(Binary()).view()),
                     *flag.element(1).as_pid()});
  }
  return Term(atoms::ok);
}

Term Debug::statistics_command(const Term& flag) {
  const Term id("statistics"_atom);
  if (flag == Term("get"_atom)) return tuple(Term(atoms::ok), statistics());
  if (flag == Term(atoms::true_)) {
    install(id,
            Statistics{.since = self_.wall(),
                       .reductions = self_.process().reductions.load(std::memory_order_relaxed)});
  } else if (flag == Term(atoms::false_)) {
    remove(id);
  } else {
    return Term("unknown_debug"_atom);
  }
  return Term(atoms::ok);
}

Term Debug::trace_command(const Term& flag) {
  const Term id("trace"_atom);
  if (flag == Term(atoms::false_)) {
    remove(id);
  } else if (flag == Term(atoms::true_) || flag.is_pid()) {
    install(id, Trace{flag.as_pid().value_or(Pid())});
  } else {
    return Term("unknown_debug"_atom);
  }
  return Term(atoms::ok);
}

Term Debug::log() const {
  const Log* kept = find<Log>();
  if (kept == nullptr) return nil();
  return list_of({kept->events.begin(), kept->events.end()});
}

Term Debug::statistics() const {
  const Statistics* kept = find<Statistics>();
  if (kept == nullptr) return Term("no_statistics"_atom);
  const std::uint64_t reductions =
      self_.process().reductions.load(std::memory_order_relaxed) - kept->reductions;
  return list(item("start_time", to_term(kept->since)), item("current_time", to_term(self_.wall())),
              item("reductions", Term(reductions)), item("messages_in", Term(kept->messages_in)),
              item("messages_out", Term(kept->messages_out)));
}

Term Debug::term() const {
  std::vector<Term> all;
  for (const Item& each : items_) {
    if (const auto* log = std::get_if<Log>(&each.what)) {
      const auto events_max = static_cast<std::int64_t>(log->events_max);
      all.push_back(tuple(each.id, tuple(Term(events_max), this->log())));
    } else if (const auto* file = std::get_if<File>(&each.what)) {
      all.push_back(tuple(each.id, binary(file->path)));
    } else if (std::holds_alternative<Statistics>(each.what)) {
      all.push_back(tuple(each.id, statistics()));
    } else if (const auto* trace = std::get_if<Trace>(&each.what)) {
      all.push_back(tuple(each.id, trace->sink.is_null() ? Term(atoms::true_) : Term(trace->sink)));
    } else {
      all.push_back(tuple(each.id, std::get<Installed>(each.what).state));
    }
  }
  return list_of(std::move(all));
}

}  // namespace glasshouse::runtime
