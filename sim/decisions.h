#pragma once
// The decisions of a simulated world: drawn from its seed by counter, with what a replay or a
// person said instead laid on top. One thread.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "runtime/node/decisions.h"
#include "sim/flat_counts.h"

namespace glasshouse::sim {

using runtime::Choice;

inline constexpr int choice_count = static_cast<int>(Choice::creation) + 1;
// As in a trace: "schedule", "disk_latency".
std::string_view choice_name(Choice choice);

// value = f(seed, choice, entity, how many draws of that choice this entity has had).
class SeededDecisions final : public runtime::Decisions {
 public:
  explicit SeededDecisions(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t draw(Choice choice, std::uint64_t entity) override;

  std::uint64_t seed() const { return seed_; }
  // Draws of that choice so far, of all entities: for the summary of a run.
  std::uint64_t drawn(Choice choice) const { return drawn_[static_cast<std::size_t>(choice)]; }
  // Draws of one entity so far: the n of its next draw.
  std::uint64_t drawn(Choice choice, std::uint64_t entity) const {
    return counts_[static_cast<std::size_t>(choice)].at(entity);
  }

 private:
  std::uint64_t seed_;
  std::array<FlatCounts, choice_count> counts_;
  std::array<std::uint64_t, choice_count> drawn_{};
};

// The stable address of one draw.
struct ChoiceAddress {
  Choice choice = Choice::schedule;
  std::uint64_t entity = 0;
  std::uint64_t n = 0;
  friend auto operator<=>(const ChoiceAddress&, const ChoiceAddress&) = default;
};

struct Override {
  ChoiceAddress address;
  std::uint64_t value = 0;
};

// Seeded draws, some of which are replaced. A replaced draw still counts, so that all others stay
// what they were.
class OverriddenDecisions final : public runtime::Decisions {
 public:
  OverriddenDecisions(std::uint64_t seed, std::span<const Override> overrides);

  std::uint64_t draw(Choice choice, std::uint64_t entity) override;

  const SeededDecisions& seeded() const { return seeded_; }
  // Replaces one draw that has not been made yet; false if it has been.
  bool replace(const Override& one);
  // In the order they were made.
  const std::vector<Override>& applied() const { return applied_; }
  // Addresses nobody has asked for (yet): the run went another way than the recorded one.
  std::vector<Override> unused() const;

 private:
  SeededDecisions seeded_;
  std::map<ChoiceAddress, std::uint64_t> overrides_;
  std::vector<Override> applied_;
};

}  // namespace glasshouse::sim
