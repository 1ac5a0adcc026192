#include "runtime/behaviour/restart_plan.h"

#include <algorithm>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

namespace {

// The children that share the fate of `failed`: from where, in start order.
std::size_t first_of_group(Strategy strategy, std::size_t failed) {
  return strategy == Strategy::one_for_all ? 0 : failed;
}

bool is_group(Strategy strategy) {
  return strategy == Strategy::one_for_all || strategy == Strategy::rest_for_one;
}

}  // namespace

std::size_t restarts_within(std::span<const Instant> restarts, Duration period, Instant now) {
  const auto first = std::partition_point(restarts.begin(), restarts.end(),
                                          [&](Instant at) { return now - at > period; });
  return static_cast<std::size_t>(restarts.end() - first);
}

Plan plan_restart(Strategy strategy, std::span<const ChildState> children, std::size_t failed,
                  const Term& reason, const RestartHistory& history) {
  const Restart kind = children[failed].restart;
  if (kind == Restart::temporary) return {.decision = Decision::forget, .stop = {}, .start = {}};
  if (kind == Restart::transient && is_orderly(reason)) {
    return {.decision = Decision::keep_down, .stop = {}, .start = {}};
  }
  const RestartLimit& limit = history.limit;
  if (restarts_within(history.earlier, limit.period, history.now) + 1 > limit.intensity) {
    return {.decision = Decision::give_up, .stop = {}, .start = {}};
  }
  Plan plan;
  if (!is_group(strategy)) {
    plan.start.push_back(failed);
    return plan;
  }
  for (std::size_t i = first_of_group(strategy, failed); i < children.size(); ++i) {
    if (children[i].is_up && i != failed) plan.stop.insert(plan.stop.begin(), i);
    // A temporary bystander is stopped and never comes back (OTP: temporary_bystander).
    if (children[i].restart != Restart::temporary) plan.start.push_back(i);
  }
  return plan;
}

Atom strategy_name(Strategy strategy) {
  static constexpr Atom names[] = {atoms::one_for_one, atoms::one_for_all, atoms::rest_for_one,
                                   atoms::simple_one_for_one};
  return names[static_cast<int>(strategy)];
}

Atom restart_name(Restart restart) {
  static constexpr Atom names[] = {atoms::permanent, atoms::transient, atoms::temporary};
  return names[static_cast<int>(restart)];
}

Atom decision_name(Decision decision) {
  static constexpr std::string_view names[] = {"restart", "keep_down", "forget", "give_up"};
  return Atom(names[static_cast<int>(decision)]);
}

}  // namespace glasshouse::runtime
