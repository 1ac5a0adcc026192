#include "runtime/observe/log_filter.h"

#include <algorithm>
#include <utility>

namespace glasshouse::runtime {

namespace {

FilterVerdict verdict(bool matches, FilterAction action) {
  if (!matches) return FilterVerdict::ignore;
  return action == FilterAction::log ? FilterVerdict::pass : FilterVerdict::stop;
}

bool begins_with(std::span<const Term> list, std::span<const Term> begin) {
  return begin.size() <= list.size() && std::equal(begin.begin(), begin.end(), list.begin());
}

bool domain_matches(const Term& domain, DomainMatch match, const Term& wanted) {
  if (!domain.is_list()) return match == DomainMatch::undefined || match == DomainMatch::not_equal;
  switch (match) {
    case DomainMatch::super:
      return begins_with(wanted.as_list(), domain.as_list());
    case DomainMatch::sub:
      return begins_with(domain.as_list(), wanted.as_list());
    case DomainMatch::equal:
      return domain == wanted;
    case DomainMatch::not_equal:
      return domain != wanted;
    case DomainMatch::undefined:
      return false;
  }
  return false;
}

bool level_matches(LogLevel level, LevelMatch match, LogLevel other) {
  // The more severe, the smaller the number.
  const int severity = static_cast<int>(other) - static_cast<int>(level);
  switch (match) {
    case LevelMatch::lt:
      return severity < 0;
    case LevelMatch::le:
      return severity <= 0;
    case LevelMatch::eq:
      return severity == 0;
    case LevelMatch::ge:
      return severity >= 0;
    case LevelMatch::gt:
      return severity > 0;
    case LevelMatch::ne:
      return severity != 0;
  }
  return false;
}

}  // namespace

LogFilter domain_filter(FilterAction action, DomainMatch match, std::vector<Atom> domain) {
  std::vector<Term> atoms(domain.begin(), domain.end());
  return [action, match, wanted = list_of(std::move(atoms))](LogEvent& event) {
    return verdict(domain_matches(event.about("domain"_atom), match, wanted), action);
  };
}

LogFilter level_filter(FilterAction action, LevelMatch match, LogLevel level) {
  return [=](LogEvent& event) { return verdict(level_matches(event.level, match, level), action); };
}

LogFilter progress_filter(FilterAction action) {
  return [action](LogEvent& event) {
    const Term label = event.label();
    const bool is_progress =
        label.is_tuple() && label.size() == 2 && label.element(1).is_atom("progress"_atom);
    return verdict(is_progress, action);
  };
}

}  // namespace glasshouse::runtime
