#include "gui/model/process_filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "gui/model/format.h"

namespace glasshouse::gui {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc()) return std::nullopt;
  std::string_view suffix(rest, static_cast<std::size_t>(end - rest));
  if (suffix.empty()) return number;
  if (suffix == "k" || suffix == "K") return number * 1'000;
  if (suffix == "m" || suffix == "M") return number * 1'000'000;
  return std::nullopt;
}

}  // namespace

std::string_view activity_word(Activity activity) {
  switch (activity) {
    case Activity::running:
      return "running";
    case Activity::runnable:
      return "runnable";
    case Activity::waiting:
      return "waiting";
    case Activity::idle:
      return "idle";
    case Activity::suspended:
      return "suspended";
    case Activity::exited:
      return "exited";
    case Activity::crashed:
      return "crashed";
  }
  return "unknown";
}

ProcessFilter ProcessFilter::parse(std::string_view text) {
  ProcessFilter filter;
  while (true) {
    std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return filter;
    text.remove_prefix(begin);
    std::size_t end = std::min(text.find(' '), text.size());
    filter.terms_.push_back(parse_term(text.substr(0, end)));
    text.remove_prefix(end);
  }
}

ProcessFilter::Term ProcessFilter::parse_term(std::string_view text) {
  Term term;
  if (text.size() > 1 && text.front() == '-') {
    term.is_negated = true;
    text.remove_prefix(1);
  }
  term.word = std::string(text);
  std::size_t at = text.find_first_of(":<>=");
  if (at == std::string_view::npos || at == 0) return term;

  constexpr std::array<std::pair<std::string_view, Subject>, 9> subjects = {{
      {"node", Subject::node},
      {"state", Subject::state},
      {"waiting", Subject::waiting},
      {"mq", Subject::mailbox},
      {"mailbox", Subject::mailbox},
      {"restarts", Subject::restarts},
      {"reductions", Subject::reductions},
      {"memory", Subject::memory},
      {"reds", Subject::reductions},
  }};
  std::string head = lower_case(text.substr(0, at));
  auto known = std::find_if(subjects.begin(), subjects.end(),
                            [&](const auto& entry) { return entry.first == head; });
  if (known == subjects.end()) return term;

  char sign = text[at];
  std::string_view rest = text.substr(at + 1);
  bool or_equal = sign != ':' && rest.starts_with('=');
  if (or_equal) rest.remove_prefix(1);
  bool is_text = known->second == Subject::node || known->second == Subject::state ||
                 known->second == Subject::waiting;
  if (is_text) {
    term.subject = known->second;
    term.word = std::string(rest);
    return term;
  }
  std::optional<std::uint64_t> number = parse_number(rest);
  if (!number) return term;
  term.subject = known->second;
  term.number = *number;
  term.test = sign == '>'   ? (or_equal ? Test::at_least : Test::more)
              : sign == '<' ? (or_equal ? Test::at_most : Test::less)
                            : Test::equal;
  return term;
}

bool ProcessFilter::holds(const Term& term, const ProcessRow& row, const Names& names) {
  std::uint64_t value = 0;
  switch (term.subject) {
    case Subject::word:
      return contains_ignoring_case(row.name, term.word) ||
             contains_ignoring_case(row.pid, term.word) ||
             contains_ignoring_case(row.behaviour, term.word);
    case Subject::node:
      return contains_ignoring_case(names.node, term.word);
    case Subject::state:
      return activity_word(row.activity).starts_with(lower_case(term.word));
    case Subject::waiting:
      return row.activity == Activity::waiting &&
             contains_ignoring_case(names.waiting_for, term.word);
    case Subject::mailbox:
      value = row.mailbox;
      break;
    case Subject::restarts:
      value = row.restarts;
      break;
    case Subject::reductions:
      value = row.reductions;
      break;
    case Subject::memory:
      value = row.memory;
      break;
  }
  switch (term.test) {
    case Test::more:
      return value > term.number;
    case Test::at_least:
      return value >= term.number;
    case Test::less:
      return value < term.number;
    case Test::at_most:
      return value <= term.number;
    case Test::equal:
    case Test::contains:
      return value == term.number;
  }
  return false;
}

bool ProcessFilter::accepts(const ProcessRow& row, const Names& names) const {
  return std::all_of(terms_.begin(), terms_.end(),
                     [&](const Term& term) { return holds(term, row, names) != term.is_negated; });
}

}  // namespace glasshouse::gui
