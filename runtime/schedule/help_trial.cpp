#include "runtime/schedule/help_trial.h"

#include <algorithm>

namespace glasshouse::runtime {

namespace {

using namespace std::chrono_literals;

constexpr auto short_turn = 1us;  // on average, of all workers together
constexpr auto stretch = 100us;   // the least that says something
constexpr std::chrono::nanoseconds works_for_most = 64ms;
constexpr std::chrono::nanoseconds aside_for_most = 16ms;
// So much of the pace, or less, is left without it.
constexpr double is_missed = 0.95;
constexpr double is_surely_missed = 0.8;

// Reductions a nanosecond. 0 where turns are long: then reductions say little.
double pace(const HelpTrial::Progress& from, const HelpTrial::Progress& to) {
  const std::chrono::nanoseconds time = to.at - from.at;
  if (time <= 0ns || (to.turns - from.turns) * short_turn < time) return 0;
  return static_cast<double>(to.reductions - from.reductions) / static_cast<double>(time.count());
}

}  // namespace

void HelpTrial::begin(const Progress& now) {
  from_ = now;
  works_until_ = std::max(works_until_, now.at + least);
}

bool HelpTrial::is_due(const Progress& now) {
  if (now.at - from_.at < stretch) return false;
  together_ = pace(from_, now);
  from_ = now;
  return together_ > 0 && now.at >= works_until_;
}

void HelpTrial::stand_aside(const Progress& now) {
  from_ = now;
  aside_until_ = now.at + aside_for_;
}

bool HelpTrial::stays_aside(const Progress& now, bool is_more_to_do) {
  const bool nobody_works = now.turns == from_.turns;
  const double without = pace(from_, now);
  from_ = now;
  if (nobody_works && !is_more_to_do) return false;
  if (is_more_to_do && without < is_missed * together_) {
    works_until_ = now.at + works_for_;
    if (without < is_surely_missed * together_) {
      works_for_ = std::min(2 * works_for_, works_for_most);
    }
    aside_for_ = least;
    return false;
  }
  if (now.at < aside_until_) return true;
  works_for_ = least;
  aside_for_ = std::min(2 * aside_for_, aside_for_most);
  return false;
}

}  // namespace glasshouse::runtime
