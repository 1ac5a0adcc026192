#include "runtime/base/time.h"

namespace glasshouse::runtime {
namespace {

struct Unit {
  std::uint64_t nanoseconds;
  const char* name;
};

constexpr Unit units[] = {{1'000'000'000, " s"}, {1'000'000, " ms"}, {1'000, " us"}, {1, " ns"}};

// The first three digits after the point without the zeros that end them.
std::string fraction(std::uint64_t rest, std::uint64_t unit) {
  if (unit == 1) return std::string();
  const std::string thousandths = std::to_string(1000 + rest / (unit / 1000)).substr(1);
  const std::size_t last = thousandths.find_last_not_of('0');
  return last == std::string::npos ? std::string() : "." + thousandths.substr(0, last + 1);
}

}  // namespace

std::string to_string(Duration duration) {
  if (duration.is_infinite()) return "infinity";
  const std::int64_t signed_count = duration.nanoseconds();
  if (signed_count == 0) return "0 s";
  const std::string sign = signed_count < 0 ? "-" : "";
  const std::uint64_t count = signed_count < 0 ? 0 - static_cast<std::uint64_t>(signed_count)
                                               : static_cast<std::uint64_t>(signed_count);
  const Unit* unit = units;
  while (count < unit->nanoseconds)
    ++unit;
  return sign + std::to_string(count / unit->nanoseconds) +
         fraction(count % unit->nanoseconds, unit->nanoseconds) + unit->name;
}

std::string to_string(Instant instant) {
  return instant.is_max() ? "never" : to_string(instant.since_origin());
}

}  // namespace glasshouse::runtime
