#include "sim/decisions.h"

namespace glasshouse::sim {

std::string_view choice_name(Choice choice) {
  static constexpr std::string_view names[] = {
      "schedule",     "budget",     "latency", "stall",    "reset", "split",
      "disk_latency", "disk_fault", "fault",   "workload", "user",  "creation",
  };
  static_assert(sizeof names / sizeof names[0] == choice_count);
  return names[static_cast<std::size_t>(choice)];
}

std::uint64_t SeededDecisions::draw(Choice choice, std::uint64_t entity) {
  const auto place = static_cast<std::size_t>(choice);
  const std::uint64_t n = counts_[place].take_next(entity);
  ++drawn_[place];
  return runtime::draw(seed_, place, entity, n);
}

OverriddenDecisions::OverriddenDecisions(std::uint64_t seed, std::span<const Override> overrides)
    : seeded_(seed) {
  for (const Override& one : overrides)
    overrides_[one.address] = one.value;
}

std::uint64_t OverriddenDecisions::draw(Choice choice, std::uint64_t entity) {
  const std::uint64_t drawn = seeded_.draw(choice, entity);
  if (overrides_.empty()) return drawn;
  const auto found = overrides_.find({choice, entity, seeded_.drawn(choice, entity) - 1});
  if (found == overrides_.end()) return drawn;
  applied_.push_back({.address = found->first, .value = found->second});
  overrides_.erase(found);
  return applied_.back().value;
}

bool OverriddenDecisions::replace(const Override& one) {
  if (one.address.n < seeded_.drawn(one.address.choice, one.address.entity)) return false;
  overrides_[one.address] = one.value;
  return true;
}

std::vector<Override> OverriddenDecisions::unused() const {
  std::vector<Override> left;
  for (const auto& [address, value] : overrides_)
    left.push_back({.address = address, .value = value});
  return left;
}

}  // namespace glasshouse::sim
