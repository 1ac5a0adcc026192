#pragma once

// Randomness by counter: a draw is a pure function of the seed and of who draws what for the how
// many-th time. There is no generator to share, so taking one draw away changes no other.
// Pure functions, and a small cursor for one reader.

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/hash.h"
#include "runtime/base/result.h"

namespace glasshouse::runtime {

// `stream` is what is decided (a kind of fault, a user's draw), `entity` who is concerned (a hashed
// pid, a link), `n` counts that entity's draws in that stream. Uniform over 64 bits.
constexpr std::uint64_t draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t entity,
                             std::uint64_t n) noexcept {
  return hash_combine(hash_combine(hash_combine(mix(seed), stream), entity), n);
}

// Turns a uniform draw into a uniform number in [0, bound) without the bias of a remainder (the
// method of Lemire): the rare rejected draw is replaced by its own mix, not by the next counter.
// REQUIRES: bound > 0.
constexpr std::uint64_t scale_to(std::uint64_t drawn, std::uint64_t bound) noexcept {
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(drawn) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < threshold) {
      drawn = mix(drawn);
      product = static_cast<Wide>(drawn) * bound;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

// REQUIRES: bound > 0.
constexpr std::uint64_t draw_below(std::uint64_t bound, std::uint64_t seed, std::uint64_t stream,
                                   std::uint64_t entity, std::uint64_t n) noexcept {
  return scale_to(draw(seed, stream, entity, n), bound);
}

// A probability that is exact: no float takes part in a decision.
struct Ratio {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;

  // Reads "1/10", "0.25", "3%", "0", "1". Refuses what is not between 0 and 1.
  static Result<Ratio> parse(std::string_view text);

  // Whether the event of this probability happens for this uniform draw.
  // REQUIRES: denominator > 0.
  constexpr bool happens(std::uint64_t drawn) const noexcept {
    return scale_to(drawn, denominator) < numerator;
  }

  // As numbers: 1/2 equals 2/4.
  friend constexpr bool operator==(Ratio a, Ratio b) noexcept {
    __extension__ using Wide = unsigned __int128;
    return static_cast<Wide>(a.numerator) * b.denominator ==
           static_cast<Wide>(b.numerator) * a.denominator;
  }
};

constexpr Ratio one_in(std::uint64_t n) noexcept {
  return {.numerator = 1, .denominator = n};
}

std::string to_string(Ratio ratio);

// Draws one after another from one stream: for tests and for readers that own their entity.
class Draws {
 public:
  constexpr explicit Draws(std::uint64_t seed, std::uint64_t stream = 0,
                           std::uint64_t entity = 0) noexcept
      : seed_(seed), stream_(stream), entity_(entity) {}

  constexpr std::uint64_t next() noexcept { return draw(seed_, stream_, entity_, taken_++); }
  // REQUIRES: bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) noexcept { return scale_to(next(), bound); }
  constexpr bool happens(Ratio probability) noexcept { return probability.happens(next()); }
  constexpr std::uint64_t taken() const noexcept { return taken_; }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint64_t entity_;
  std::uint64_t taken_ = 0;
};

}  // namespace glasshouse::runtime
