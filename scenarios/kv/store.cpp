#include "scenarios/kv/store.h"

#include <algorithm>
#include <utility>

#include "scenarios/kv/commands.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

namespace {

using Said = StepResult::Said;

StepResult integer(std::int64_t number) {
  return {.said = Said::integer, .number = number};
}

}  // namespace

StepResult Store::apply(const Step& step, BatchNumber batch, LogWriter& log, BatchNumber& needs) {
  const std::size_t changes_before = changes_.size();
  // What is seen must be durable before it is told, also when nothing is changed.
  BatchNumber seen = step.verb == Verb::count ? (changes_.empty() ? 0 : changes_.back().batch)
                                              : unsettled(step.key);
  StepResult result;
  switch (step.verb) {
    case Verb::get: {
      const auto found = table_.find(step.key);
      if (found != table_.end()) result = {.said = Said::bytes, .bytes = found->second};
      break;
    }
    case Verb::set:
      put(step.key, step.value, batch, log);
      result.said = Said::ok;
      break;
    case Verb::set_if_absent:
    case Verb::set_if_present:
      if (table_.contains(step.key) == (step.verb == Verb::set_if_present)) {
        put(step.key, step.value, batch, log);
        result.said = Said::ok;
      }
      break;
    case Verb::incr:
      result = count_up(step, batch, log);
      break;
    case Verb::del:
      result = remove(step, batch, log);
      break;
    case Verb::count:
      result = integer(static_cast<std::int64_t>(table_.size()));
      break;
  }
  if (changes_.size() > changes_before) seen = batch;
  needs = std::max(needs, seen);
  return result;
}

StepResult Store::count_up(const Step& step, BatchNumber batch, LogWriter& log) {
  const auto found = table_.find(step.key);
  const auto number = found == table_.end() ? std::int64_t{0} : parse_integer(found->second.view());
  if (!number) return error_result("ERR value is not an integer or out of range");
  std::int64_t next = 0;
  if (__builtin_add_overflow(*number, std::int64_t{1}, &next)) {
    return error_result("ERR increment or decrement would overflow");
  }
  put(step.key, Binary(std::to_string(next)), batch, log);
  return integer(next);
}

StepResult Store::remove(const Step& step, BatchNumber batch, LogWriter& log) {
  if (!table_.contains(step.key)) return integer(0);
  note(step.key, batch);
  erase(step.key);
  log.add({.kind = LogRecord::Kind::remove, .key = step.key.view()});
  return integer(1);
}

void Store::put(const Binary& key, const Binary& value, BatchNumber batch, LogWriter& log) {
  note(key, batch);
  set(key, value);
  log.add({.kind = LogRecord::Kind::set, .key = key.view(), .value = value.view()});
}

void Store::note(const Binary& key, BatchNumber batch) {
  const auto found = table_.find(key);
  const bool was_there = found != table_.end();
  changes_.push_back({.batch = batch,
                      .key = key,
                      .old = was_there ? found->second : Binary(),
                      .was_there = was_there});
  unsettled_[key] = batch;
}

void Store::set(const Binary& key, Binary value) {
  const auto [found, is_new] = table_.try_emplace(key);
  bytes_ += value.size() + (is_new ? key.size() : 0);
  bytes_ -= found->second.size();
  found->second = std::move(value);
}

void Store::erase(const Binary& key) {
  const auto found = table_.find(key);
  if (found == table_.end()) return;
  bytes_ -= found->first.size() + found->second.size();
  table_.erase(found);
}

Store::BatchNumber Store::unsettled(const Binary& key) const {
  const auto found = unsettled_.find(key);
  return found == unsettled_.end() ? 0 : found->second;
}

void Store::settle(BatchNumber batch) {
  std::size_t settled = 0;
  while (settled < changes_.size() && changes_[settled].batch <= batch) {
    const auto found = unsettled_.find(changes_[settled].key);
    if (found != unsettled_.end() && found->second <= batch) unsettled_.erase(found);
    ++settled;
  }
  changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(settled));
}

void Store::roll_back() {
  while (!changes_.empty()) {
    Change& change = changes_.back();
    if (change.was_there) {
      set(change.key, std::move(change.old));
    } else {
      erase(change.key);
    }
    changes_.pop_back();
  }
  unsettled_.clear();
}

void Store::restore(const LogRecord& record) {
  switch (record.kind) {
    case LogRecord::Kind::set:
      set(Binary(record.key), Binary(record.value));
      break;
    case LogRecord::Kind::remove:
      erase(Binary(record.key));
      break;
    case LogRecord::Kind::complete:
    case LogRecord::Kind::answer:
    case LogRecord::Kind::forget:
      break;
  }
}

void Store::lay_down(LogWriter& log) const {
  std::vector<const Table::value_type*> entries;
  entries.reserve(table_.size());
  for (const auto& entry : table_)
    entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const auto* left, const auto* right) { return left->first < right->first; });
  for (const auto* entry : entries)
    log.add({.key = entry->first.view(), .value = entry->second.view()});
}

}  // namespace glasshouse::scenarios::kv
