#include "scenarios/kv/answers.h"

#include <algorithm>
#include <utility>

#include "scenarios/kv/commands.h"

namespace glasshouse::scenarios::kv {

namespace {

using Said = StepResult::Said;

constexpr std::string_view read_is_gone =
    "TRYAGAIN shard restarting: what was to be read has been changed since";

// Who asked, and which of its requests.
struct Asker {
  std::uint32_t id = 0;
  std::uint32_t serial = 0;
  std::uint32_t creation = 0;
  std::uint64_t number = 0;
  std::uint64_t answered_below = 0;
};
constexpr std::size_t asker_bytes = 28;

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::uint64_t get(std::string_view& in, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;)
    value = value << 8 | static_cast<unsigned char>(in[i]);
  in.remove_prefix(bytes);
  return value;
}

std::string asker_text(const Asker& asker) {
  std::string text;
  put(text, asker.id, 4);
  put(text, asker.serial, 4);
  put(text, asker.creation, 4);
  put(text, asker.number, 8);
  put(text, asker.answered_below, 8);
  return text;
}

// Kind and, for those that have them, a number or a text with its size.
std::string results_text(const std::vector<StepResult>& results) {
  std::string text;
  for (const StepResult& result : results) {
    text.push_back(static_cast<char>(result.said));
    if (result.said == Said::integer) put(text, static_cast<std::uint64_t>(result.number), 8);
    if (result.said == Said::error) {
      put(text, result.bytes.size(), 4);
      text += result.bytes.view();
    }
  }
  return text;
}

// REQUIRES: the text of a record whose check was good.
std::vector<StepResult> parse_results(std::string_view text) {
  std::vector<StepResult> results;
  while (!text.empty()) {
    StepResult result{.said = static_cast<Said>(get(text, 1))};
    if (result.said == Said::integer) result.number = static_cast<std::int64_t>(get(text, 8));
    if (result.said == Said::error) {
      const std::size_t size = get(text, 4);
      result.bytes = Binary(text.substr(0, size));
      text.remove_prefix(size);
    }
    if (result.said == Said::bytes) result = error_result(read_is_gone);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

void Answers::lay_down(LogWriter& log, const ShardRequest& request,
                       const std::vector<StepResult>& results) {
  const std::string asker = asker_text({.id = request.from.id,
                                        .serial = request.from.serial,
                                        .creation = request.from.creation,
                                        .number = request.number,
                                        .answered_below = request.answered_below});
  const std::string answer = results_text(results);
  log.add({.kind = LogRecord::Kind::answer, .key = asker, .value = answer});
}

void Answers::lay_down_forgotten(LogWriter& log, Pid connection) {
  const std::string asker = asker_text(
      {.id = connection.id, .serial = connection.serial, .creation = connection.creation});
  log.add({.kind = LogRecord::Kind::forget, .key = asker});
}

void Answers::restore(const LogRecord& record, runtime::Atom node) {
  const bool is_forgotten = record.kind == LogRecord::Kind::forget;
  if (!is_forgotten && record.kind != LogRecord::Kind::answer) return;
  if (record.key.size() != asker_bytes) return;
  std::string_view rest = record.key;
  Pid from{.node = node};
  from.id = static_cast<std::uint32_t>(get(rest, 4));
  from.serial = static_cast<std::uint32_t>(get(rest, 4));
  from.creation = static_cast<std::uint32_t>(get(rest, 4));
  if (is_forgotten) return forget(from);
  const std::uint64_t number = get(rest, 8);
  const std::uint64_t answered_below = get(rest, 8);
  ByNumber& answers = by_connection_[from];
  answers.erase(answers.begin(), answers.lower_bound(answered_below));
  answers[number] = parse_results(record.value);
}

void Answers::lay_down(LogWriter& log) const {
  for (const auto& [from, answers] : by_connection_) {
    for (const auto& [number, results] : answers)
      lay_down(log, {.from = from, .number = number}, results);
  }
}

std::optional<std::vector<StepResult>> Answers::find(const ShardRequest& request) {
  const auto connection = by_connection_.find(request.from);
  if (connection == by_connection_.end()) return std::nullopt;
  ByNumber& answers = connection->second;
  if (answers.empty() || answers.rbegin()->first < request.number) {
    // It asks in the order of its numbers: this is a new one, and all the old ones are through.
    by_connection_.erase(connection);
    return std::nullopt;
  }
  const auto found = answers.find(request.number);
  if (found != answers.end()) return found->second;
  const bool writes = std::any_of(request.steps.begin(), request.steps.end(),
                                  [](const Step& step) { return is_write(step.verb); });
  if (writes) return std::nullopt;
  return std::vector<StepResult>(request.steps.size(), error_result(read_is_gone));
}

}  // namespace glasshouse::scenarios::kv
