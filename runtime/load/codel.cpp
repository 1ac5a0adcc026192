#include "runtime/load/codel.h"

#include "runtime/base/check.h"

namespace glasshouse::runtime {

namespace {

// The largest root whose square is not above `square`.
std::uint64_t root_of(std::uint64_t square) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::uint64_t tried = root | bit;
    if (tried * tried <= square) root = tried;
  }
  return root;
}

constexpr int fraction_bits = 16;
constexpr std::int64_t soon = 16;  // intervals; RFC 8289, 5.6

}  // namespace

bool is_valid(const CodelTimes& times) {
  return times.target > Duration::zero() && times.target <= times.interval &&
         times.interval <= Duration::hours(1);
}

Codel::Codel(const CodelTimes& times) : times_(times) {
  CHECK(is_valid(times));
}

bool Codel::ok_to_drop(Instant now, Instant arrived, std::size_t behind) {
  if (now - arrived < times_.target || behind == 0) {
    first_above_ = Instant::max();
    return false;
  }
  if (first_above_.is_max()) {
    first_above_ = now + times_.interval;
    return false;
  }
  return now >= first_above_;
}

void Codel::begin_dropping(Instant now) {
  dropping_ = true;
  const std::uint32_t delta = count_ - count_before_;
  const bool is_soon = now - drop_next_ < soon * times_.interval;
  count_ = delta > 1 && is_soon ? delta : 1;
  drop_next_ = control_law(now);
  count_before_ = count_;
}

// interval / sqrt(count), in integers: an hour in nanoseconds has 42 bits, a count 32.
Instant Codel::control_law(Instant from) const {
  const std::uint64_t root = root_of(std::uint64_t{count_} << (2 * fraction_bits));
  const std::int64_t scaled = times_.interval.nanoseconds() << fraction_bits;
  return from + Duration::nanoseconds(scaled / static_cast<std::int64_t>(root));
}

}  // namespace glasshouse::runtime
