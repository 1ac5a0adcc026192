#pragma once

// Duration and Instant: whole nanoseconds in 64 bits, the only times in the project. Integers,
// because a simulated run must be the same on every machine. Arithmetic saturates: what would
// overflow stays at the bound, and what is infinite stays infinite.

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace glasshouse::runtime {

namespace detail {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();

// The largest value stands for infinity, so it absorbs whatever is added to it.
constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) noexcept {
  if (a == int64_max || b == int64_max) return int64_max;
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? int64_max : int64_min;
}

constexpr std::int64_t saturating_subtract(std::int64_t a, std::int64_t b) noexcept {
  if (a == int64_max) return int64_max;
  if (b == int64_max) return int64_min;
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return a >= 0 ? int64_max : int64_min;
}

constexpr std::int64_t saturating_multiply(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? int64_max : int64_min;
}

}  // namespace detail

class Duration {
 public:
  constexpr Duration() noexcept = default;

  static constexpr Duration nanoseconds(std::int64_t n) noexcept { return Duration(n); }
  static constexpr Duration microseconds(std::int64_t n) noexcept { return scaled(n, 1'000); }
  static constexpr Duration milliseconds(std::int64_t n) noexcept { return scaled(n, 1'000'000); }
  static constexpr Duration seconds(std::int64_t n) noexcept { return scaled(n, 1'000'000'000); }
  static constexpr Duration minutes(std::int64_t n) noexcept { return scaled(n, 60'000'000'000); }
  static constexpr Duration hours(std::int64_t n) noexcept { return scaled(n, 3'600'000'000'000); }
  static constexpr Duration zero() noexcept { return Duration(0); }
  static constexpr Duration infinity() noexcept { return Duration(detail::int64_max); }

  constexpr std::int64_t nanoseconds() const noexcept { return nanoseconds_; }
  constexpr bool is_infinite() const noexcept { return nanoseconds_ == detail::int64_max; }

  friend constexpr bool operator==(Duration, Duration) noexcept = default;
  friend constexpr auto operator<=>(Duration, Duration) noexcept = default;

  friend constexpr Duration operator+(Duration a, Duration b) noexcept {
    return Duration(detail::saturating_add(a.nanoseconds_, b.nanoseconds_));
  }
  friend constexpr Duration operator-(Duration a, Duration b) noexcept {
    return Duration(detail::saturating_subtract(a.nanoseconds_, b.nanoseconds_));
  }
  friend constexpr Duration operator-(Duration a) noexcept { return Duration(0) - a; }
  friend constexpr Duration operator*(Duration a, std::int64_t n) noexcept {
    return scaled(n, a.nanoseconds_);
  }
  friend constexpr Duration operator*(std::int64_t n, Duration a) noexcept { return a * n; }
  // REQUIRES of the three below: the divisor is not zero.
  friend constexpr Duration operator/(Duration a, std::int64_t n) noexcept {
    return a.is_infinite() ? a : Duration(a.nanoseconds_ / n);
  }
  friend constexpr std::int64_t operator/(Duration a, Duration b) noexcept {
    return a.nanoseconds_ / b.nanoseconds_;
  }
  friend constexpr Duration operator%(Duration a, Duration b) noexcept {
    return Duration(a.nanoseconds_ % b.nanoseconds_);
  }
  constexpr Duration& operator+=(Duration other) noexcept { return *this = *this + other; }
  constexpr Duration& operator-=(Duration other) noexcept { return *this = *this - other; }

 private:
  constexpr explicit Duration(std::int64_t n) noexcept : nanoseconds_(n) {}
  static constexpr Duration scaled(std::int64_t n, std::int64_t unit) noexcept {
    return Duration(detail::saturating_multiply(n, unit));
  }

  std::int64_t nanoseconds_ = 0;
};

// A point on a clock that counts from an origin of its own: the start of a node, of a simulated
// world, or 1970 for wall clocks. Instants of different clocks must not be mixed.
class Instant {
 public:
  constexpr Instant() noexcept = default;

  static constexpr Instant origin() noexcept { return Instant(); }
  // Later than every other: what never happens.
  static constexpr Instant max() noexcept { return Instant(Duration::infinity()); }
  static constexpr Instant at(Duration since_origin) noexcept { return Instant() + since_origin; }

  constexpr Duration since_origin() const noexcept { return since_origin_; }
  constexpr std::int64_t nanoseconds() const noexcept { return since_origin_.nanoseconds(); }
  constexpr bool is_max() const noexcept { return since_origin_.is_infinite(); }

  friend constexpr bool operator==(Instant, Instant) noexcept = default;
  friend constexpr auto operator<=>(Instant, Instant) noexcept = default;

  friend constexpr Instant operator+(Instant a, Duration d) noexcept {
    return Instant(a.since_origin_ + d);
  }
  friend constexpr Instant operator-(Instant a, Duration d) noexcept {
    return Instant(a.since_origin_ - d);
  }
  friend constexpr Duration operator-(Instant a, Instant b) noexcept {
    return a.since_origin_ - b.since_origin_;
  }
  constexpr Instant& operator+=(Duration d) noexcept { return *this = *this + d; }

 private:
  constexpr explicit Instant(Duration since_origin) noexcept : since_origin_(since_origin) {}

  Duration since_origin_;
};

// "6.204 s", "1.2 ms", "750 us", "7 ns", "infinity": the largest unit that leaves a whole number
// before the point, at most three digits after it, cut and not rounded.
std::string to_string(Duration duration);

// As the duration since the clock's origin; "never" for Instant::max().
std::string to_string(Instant instant);

inline namespace literals {

constexpr Duration operator""_ns(unsigned long long n) noexcept {
  return Duration::nanoseconds(static_cast<std::int64_t>(n));
}
constexpr Duration operator""_us(unsigned long long n) noexcept {
  return Duration::microseconds(static_cast<std::int64_t>(n));
}
constexpr Duration operator""_ms(unsigned long long n) noexcept {
  return Duration::milliseconds(static_cast<std::int64_t>(n));
}
constexpr Duration operator""_s(unsigned long long n) noexcept {
  return Duration::seconds(static_cast<std::int64_t>(n));
}
constexpr Duration operator""_min(unsigned long long n) noexcept {
  return Duration::minutes(static_cast<std::int64_t>(n));
}

}  // namespace literals

}  // namespace glasshouse::runtime
