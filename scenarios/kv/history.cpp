#include "scenarios/kv/history.h"

#include <algorithm>
#include <map>
#include <optional>

#include "runtime/base/check.h"
#include "scenarios/kv/resp.h"

namespace glasshouse::scenarios::kv {

namespace {

using runtime::Instant;
using Value = std::optional<std::string>;  // nothing: the key is not there

// Seconds, to the microsecond.
std::string time_text(Instant at) {
  const std::int64_t microseconds = at.nanoseconds() / 1000;
  std::string fraction = std::to_string(1'000'000 + microseconds % 1'000'000).substr(1);
  while (!fraction.empty() && fraction.back() == '0')
    fraction.pop_back();
  const std::string whole = std::to_string(microseconds / 1'000'000);
  return fraction.empty() ? whole + "s" : whole + "." + fraction + "s";
}

std::string value_text(const Value& value) {
  return value ? "\"" + *value + "\"" : "nothing";
}

bool may_have_happened(const Operation& operation) {
  return operation.outcome == Outcome::unknown || operation.outcome == Outcome::pending;
}

// What one key may hold, as far as its client can know.
//
// `certain` is the value that the last acknowledged operation left or showed. Each operation of
// unknown outcome may have replaced it since, and may still do so once.
class Variable {
 public:
  explicit Variable(std::string key) : key_(std::move(key)) {}

  // Judges the next operation; a sentence if nothing explains it.
  std::optional<std::string> add(const Operation& operation) {
    if (operation.outcome == Outcome::failed) return std::nullopt;
    if (may_have_happened(operation)) {
      if (operation.asked != Asked::get) open_.push_back(operation);
      return std::nullopt;
    }
    switch (operation.asked) {
      case Asked::set:
        certain_ = operation.value;
        break;
      case Asked::get:
        return see(operation, operation.found ? Value(operation.answer) : Value());
      case Asked::incr:
        return see_count(operation);
      case Asked::del:
        return see_deletion(operation);
    }
    if (operation.asked == Asked::set) since_ = operation;
    return std::nullopt;
  }

 private:
  // An open operation of that kind that leaves `value`, taken out of the list.
  bool take_open(const Value& value) {
    const auto found = std::find_if(open_.begin(), open_.end(), [&](const Operation& open) {
      if (open.asked == Asked::del) return !value;
      return open.asked == Asked::set && value && open.value == *value;
    });
    if (found == open_.end()) return false;
    open_.erase(found);
    return true;
  }

  std::optional<std::string> see(const Operation& operation, const Value& value) {
    if (value == certain_) return std::nullopt;
    if (take_open(value) || take_counts(value, 0)) {
      certain_ = value;
      since_ = operation;
      return std::nullopt;
    }
    return sentence(operation, "read " + value_text(value));
  }

  std::optional<std::string> see_count(const Operation& operation) {
    const Value value = operation.answer;
    if (!take_counts(value, 1)) return sentence(operation, "counted to " + operation.answer);
    certain_ = value;
    since_ = operation;
    return std::nullopt;
  }

  std::optional<std::string> see_deletion(const Operation& operation) {
    // There was one to delete, or none: that much of the value it shows.
    const bool agrees = operation.found == certain_.has_value();
    bool explained = agrees;
    if (!agrees && operation.found) explained = !open_.empty() && !only_deletions_open();
    if (!agrees && !operation.found) explained = take_open(std::nullopt);
    if (!explained) {
      return sentence(operation, operation.found ? "deleted a value" : "found nothing to delete");
    }
    certain_.reset();
    since_ = operation;
    return std::nullopt;
  }

  bool only_deletions_open() const {
    return std::all_of(open_.begin(), open_.end(),
                       [](const Operation& open) { return open.asked == Asked::del; });
  }

  // `value` is the certain count, `own` more, and some of the open increments; those are taken out.
  bool take_counts(const Value& value, std::int64_t own) {
    const auto seen = parse_integer(value.value_or("0"));
    const auto base = parse_integer(certain_.value_or("0"));
    if (!seen || !base) return false;
    const std::int64_t extra = *seen - *base - own;
    const auto open = std::count_if(open_.begin(), open_.end(), [](const Operation& each) {
      return each.asked == Asked::incr;
    });
    if (extra < 0 || extra > open) return false;
    for (std::int64_t i = 0; i < extra; ++i) {
      open_.erase(std::find_if(open_.begin(), open_.end(),
                               [](const Operation& each) { return each.asked == Asked::incr; }));
    }
    return true;
  }

  std::string sentence(const Operation& operation, const std::string& did) const {
    std::string text = "client " + std::to_string(operation.client) + " " + did + " at key " +
                       key_ + " between " + time_text(operation.begun) + " and " +
                       time_text(operation.ended) + ", but ";
    if (since_) {
      text += value_text(certain_) + " was acknowledged there at " + time_text(since_->ended);
    } else {
      text += "nothing was acknowledged there before";
    }
    if (!open_.empty()) {
      text += " and no operation of unknown outcome explains it (" + std::to_string(open_.size()) +
              " open)";
    }
    return text;
  }

  std::string key_;
  Value certain_;
  std::optional<Operation> since_;  // what made it certain
  std::vector<Operation> open_;
};

}  // namespace

void History::add_client(std::uint32_t client) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(clients_.begin(), clients_.end(),
                                  [&](const Client& each) { return each.number == client; });
  if (found == clients_.end()) clients_.push_back({.number = client});
}

History::Id History::begin(std::uint32_t client, Asked asked, std::string key, std::string value,
                           Instant now) {
  const std::lock_guard lock(mutex_);
  operations_.push_back({.client = client,
                         .asked = asked,
                         .key = std::move(key),
                         .value = std::move(value),
                         .begun = now});
  return operations_.size() - 1;
}

void History::end(Id id, Ending ending, Instant now) {
  const std::lock_guard lock(mutex_);
  CHECK(id < operations_.size());
  Operation& operation = operations_[id];
  CHECK(operation.outcome == Outcome::pending);
  operation.outcome = ending.outcome;
  operation.found = ending.found;
  operation.answer = std::move(ending.answer);
  operation.ended = now;
}

void History::finish_client(std::uint32_t client) {
  const std::lock_guard lock(mutex_);
  for (Client& each : clients_) {
    if (each.number == client) each.finished = true;
  }
}

std::vector<Operation> History::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

std::vector<std::uint32_t> History::clients() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> numbers;
  for (const Client& each : clients_)
    numbers.push_back(each.number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool History::is_finished(std::uint32_t client) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(clients_.begin(), clients_.end(),
                     [&](const Client& each) { return each.number == client && each.finished; });
}

bool History::all_finished() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const Client& each) { return each.finished; });
}

std::size_t History::count(Outcome outcome) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(operations_.begin(), operations_.end(),
                    [&](const Operation& each) { return each.outcome == outcome; }));
}

History::Ending ending_of(Asked asked, const Reply& reply) {
  using Kind = Reply::Kind;
  History::Ending ending{.outcome = Outcome::ok};
  if (reply.kind == Kind::error) {
    const bool is_certain = reply.text.starts_with("TRYAGAIN ") || reply.text.starts_with("ERR ");
    ending.outcome = is_certain ? Outcome::failed : Outcome::unknown;
  } else if (asked == Asked::get) {
    ending.found = reply.kind == Kind::bulk;
    ending.answer = reply.text;
  } else if (asked == Asked::incr) {
    ending.answer = std::to_string(reply.number);
  } else if (asked == Asked::del) {
    ending.found = reply.number > 0;
  }
  return ending;
}

std::vector<std::string> check(const std::vector<Operation>& operations) {
  std::vector<std::string> violations;
  std::map<std::string, Variable> variables;
  for (const Operation& operation : operations) {
    auto& variable = variables.try_emplace(operation.key, operation.key).first->second;
    if (auto violation = variable.add(operation)) violations.push_back(std::move(*violation));
  }
  return violations;
}

std::vector<std::string> unserved(const History& history, Instant since) {
  std::vector<std::string> sentences;
  const std::vector<Operation> operations = history.operations();
  for (const std::uint32_t client : history.clients()) {
    if (history.is_finished(client)) continue;
    const bool served =
        std::any_of(operations.begin(), operations.end(), [&](const Operation& each) {
          return each.client == client && each.outcome == Outcome::ok && each.begun >= since;
        });
    if (served) continue;
    sentences.push_back("client " + std::to_string(client) +
                        " was never served after the faults ended at " + time_text(since));
  }
  return sentences;
}

}  // namespace glasshouse::scenarios::kv
