#include "runtime/schedule/system.h"

#include <sys/random.h>

#include "runtime/base/check.h"
#include "runtime/base/random.h"

namespace glasshouse::runtime {

namespace {

Duration from_chrono(std::chrono::nanoseconds time) {
  return Duration::nanoseconds(time.count());
}

std::uint64_t seed_from_system() {
  std::uint64_t seed = 0;
  // Up to 256 bytes come whole; only a system without randomness fails.
  CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

}  // namespace

Instant SystemClock::now() const {
  return Instant::at(from_chrono(std::chrono::steady_clock::now() - start_));
}

Instant SystemClock::wall() const {
  return Instant::at(from_chrono(std::chrono::system_clock::now().time_since_epoch()));
}

std::uint64_t SystemDecisions::draw(Choice, std::uint64_t) {
  thread_local Draws draws(seed_from_system());
  return draws.next();
}

}  // namespace glasshouse::runtime
