#include "runtime/observe/logger.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/node/node.h"

namespace glasshouse::runtime {

namespace {

Error already_exist(Atom id) {
  return Error("there is one called " + std::string(id.text()), "already_exist");
}
Error not_found(Atom id) {
  return Error("there is none called " + std::string(id.text()), "not_found");
}

template <class List>
auto find_id(List& list, Atom id) {
  return std::find_if(list.begin(), list.end(), [id](const auto& entry) { return entry.id == id; });
}

std::string_view without_folders(std::string_view file) {
  return file.substr(file.rfind('/') + 1);
}

}  // namespace

Logger::Handler* Logger::Config::find(Atom id) {
  const auto found = find_id(handlers, id);
  return found == handlers.end() ? nullptr : &*found;
}

// -- what is logged -----------------------------------------------------------------------------

LogEvent Logger::event_of(const Process* from, LogLevel level, Term message,
                          const LogPlace& place) const {
  std::vector<MapEntry> meta;
  const std::int64_t time = node_.environment().clock.wall().nanoseconds() / 1000;
  meta.push_back({Term("time"_atom), Term(time)});
  meta.push_back({Term("node"_atom), Term(node_.name())});
  if (from != nullptr) {
    meta.push_back({Term("pid"_atom), Term(from->pid())});
    meta.push_back({Term("gl"_atom), Term(from->group_leader)});
    meta.push_back({Term("module"_atom), Term(from->initial)});
  }
  if (!place.file.empty()) {
    meta.push_back({Term("file"_atom), binary(without_folders(place.file))});
    meta.push_back({Term("line"_atom), Term(place.line)});
  }
  const Term own = from == nullptr ? Term() : process_metadata(*from);
  Term all = merge_metadata(map_of(std::move(meta)), merge_metadata(own, place.meta));
  return {.level = level, .message = std::move(message), .meta = std::move(all)};
}

void Logger::log(const Process* from, LogLevel level, Term message, const LogPlace& place) {
  if (allows(level)) log(event_of(from, level, std::move(message), place));
}

void Logger::log(LogEvent event) {
  const std::shared_ptr<const Config> now = config();
  LogThreshold level = now->level;
  if (const auto module = event.about("module"_atom).as_atom(); module && !now->modules.empty()) {
    const auto own = now->modules.find(*module);
    if (own != now->modules.end()) level = own->second;
  }
  if (!level.passes(event.level)) return;
  if (!lets_pass(now->filters, Atom(), event)) return;
  for (const Handler& handler : now->handlers) {
    if (handler.level.passes(event.level)) hand_to(handler, event);
  }
}

bool Logger::lets_pass(const Filters& filters, Atom handler, LogEvent& event) {
  FilterVerdict all = FilterVerdict::ignore;
  for (const NamedFilter& filter : filters.list) {
    FilterVerdict one = FilterVerdict::ignore;
    try {
      one = (*filter.filter)(event);
    } catch (...) {
      remove_failing_filter(handler, filter);
    }
    if (one == FilterVerdict::stop) return false;
    if (one == FilterVerdict::pass) all = one;
  }
  return all == FilterVerdict::pass || filters.filter_default == FilterDefault::log;
}

void Logger::hand_to(const Handler& handler, const LogEvent& event) {
  try {
    if (handler.filters.list.empty()) {
      if (handler.filters.filter_default == FilterDefault::log) handler.handler->log(event);
      return;
    }
    LogEvent own = event;
    if (lets_pass(handler.filters, handler.id, own)) handler.handler->log(own);
  } catch (...) {
    remove_failing_handler(handler, std::current_exception());
  }
}

// It is gone before that is logged, so that the report cannot meet it again. Who is not the first
// to see it fail says nothing.
void Logger::remove_failing_handler(const Handler& failing, std::exception_ptr failure) {
  const Result<void> removed = change([&](Config& config) -> Result<void> {
    const auto found = find_id(config.handlers, failing.id);
    if (found == config.handlers.end() || found->handler != failing.handler) {
      return not_found(failing.id);
    }
    config.handlers.erase(found);
    return {};
  });
  if (!removed) return;
  log(nullptr, LogLevel::error,
      map(Term("logger"_atom), Term("removed_failing_handler"_atom), Term("handler"_atom),
          Term(failing.id), Term("reason"_atom), exit_reason_of(std::move(failure))));
}

// Not another one that has its id by now.
void Logger::remove_failing_filter(Atom handler, const NamedFilter& filter) {
  const Term reason = exit_reason_of(std::current_exception());
  const bool is_primary = handler == Atom();
  const Result<void> removed = change([&](Config& config) -> Result<void> {
    Handler* const found = is_primary ? nullptr : config.find(handler);
    if (!is_primary && found == nullptr) return not_found(handler);
    auto& list = is_primary ? config.filters.list : found->filters.list;
    const auto place = find_id(list, filter.id);
    if (place == list.end() || place->filter != filter.filter) return not_found(filter.id);
    list.erase(place);
    return {};
  });
  if (!removed) return;
  log(nullptr, LogLevel::error,
      map(Term("logger"_atom), Term("removed_failing_filter"_atom), Term("filter"_atom),
          Term(filter.id), Term("from"_atom), Term(is_primary ? "logger"_atom : handler),
          Term("reason"_atom), reason));
}

// -- configuration ------------------------------------------------------------------------------

std::shared_ptr<const Logger::Config> Logger::config() const {
  const std::scoped_lock lock(mutex_);
  return config_;
}

template <class Change>
Result<void> Logger::change(Change change) {
  // Freed outside the lock: a handler may log when it ends.
  std::shared_ptr<const Config> before;
  const std::scoped_lock lock(mutex_);
  auto next = std::make_shared<Config>(*config_);
  Result<void> done = change(*next);
  if (!done) return done;
  std::uint8_t gate = next->level.passed();
  for (const auto& [module, level] : next->modules)
    gate = std::max(gate, level.passed());
  gate_.store(next->handlers.empty() ? 0 : gate, std::memory_order_relaxed);
  before = std::exchange(config_, std::move(next));
  return done;
}

LogThreshold Logger::level() const {
  return config()->level;
}

void Logger::set_level(LogThreshold level) {
  static_cast<void>(change([&](Config& config) -> Result<void> {
    config.level = level;
    return {};
  }));
}

void Logger::set_module_level(Atom module, LogThreshold level) {
  static_cast<void>(change([&](Config& config) -> Result<void> {
    config.modules.insert_or_assign(module, level);
    return {};
  }));
}

void Logger::unset_module_level(Atom module) {
  static_cast<void>(change([&](Config& config) -> Result<void> {
    config.modules.erase(module);
    return {};
  }));
}

Result<void> Logger::add_handler(Atom id, std::shared_ptr<LogHandler> handler,
                                 const LogHandlerOptions& options) {
  return change([&](Config& config) -> Result<void> {
    if (config.find(id) != nullptr) return already_exist(id);
    config.handlers.push_back({.id = id,
                               .handler = std::move(handler),
                               .level = options.level,
                               .filters = {.list = {}, .filter_default = options.filter_default}});
    return {};
  });
}

Result<void> Logger::remove_handler(Atom id) {
  return change([&](Config& config) -> Result<void> {
    const auto found = find_id(config.handlers, id);
    if (found == config.handlers.end()) return not_found(id);
    config.handlers.erase(found);
    return {};
  });
}

Result<void> Logger::set_handler_level(Atom id, LogThreshold level) {
  return change([&](Config& config) -> Result<void> {
    Handler* const handler = config.find(id);
    if (handler == nullptr) return not_found(id);
    handler->level = level;
    return {};
  });
}

std::vector<Atom> Logger::handlers() const {
  std::vector<Atom> ids;
  for (const Handler& handler : config()->handlers)
    ids.push_back(handler.id);
  return ids;
}

Result<void> Logger::add(std::vector<NamedFilter>& list, Atom id, LogFilter filter) {
  if (find_id(list, id) != list.end()) return already_exist(id);
  list.push_back({id, std::make_shared<const LogFilter>(std::move(filter))});
  return {};
}

Result<void> Logger::remove(std::vector<NamedFilter>& list, Atom id) {
  const auto found = find_id(list, id);
  if (found == list.end()) return not_found(id);
  list.erase(found);
  return {};
}

Result<void> Logger::add_filter(Atom id, LogFilter filter) {
  return change([&](Config& config) { return add(config.filters.list, id, std::move(filter)); });
}

Result<void> Logger::remove_filter(Atom id) {
  return change([&](Config& config) { return remove(config.filters.list, id); });
}

void Logger::set_filter_default(FilterDefault filter_default) {
  static_cast<void>(change([&](Config& config) -> Result<void> {
    config.filters.filter_default = filter_default;
    return {};
  }));
}

Result<void> Logger::add_handler_filter(Atom handler, Atom id, LogFilter filter) {
  return change([&](Config& config) -> Result<void> {
    Handler* const found = config.find(handler);
    if (found == nullptr) return not_found(handler);
    return add(found->filters.list, id, std::move(filter));
  });
}

Result<void> Logger::remove_handler_filter(Atom handler, Atom id) {
  return change([&](Config& config) -> Result<void> {
    Handler* const found = config.find(handler);
    if (found == nullptr) return not_found(handler);
    return remove(found->filters.list, id);
  });
}

std::vector<Atom> Logger::filters() const {
  std::vector<Atom> ids;
  for (const NamedFilter& filter : config()->filters.list)
    ids.push_back(filter.id);
  return ids;
}

std::vector<Atom> Logger::handler_filters(Atom handler) const {
  const std::shared_ptr<const Config> now = config();
  std::vector<Atom> ids;
  const auto found = find_id(now->handlers, handler);
  if (found == now->handlers.end()) return ids;
  for (const NamedFilter& filter : found->filters.list)
    ids.push_back(filter.id);
  return ids;
}

}  // namespace glasshouse::runtime
