#pragma once
// What every row needs: the clock, the memory of this program, one line of JSON, and the unit of
// work of `overload`. Single values; no threads involved.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace glasshouse::bench {

using Time = std::chrono::steady_clock::time_point;
inline Time now() {
  return std::chrono::steady_clock::now();
}

std::int64_t resident_bytes();       // now
std::int64_t peak_resident_bytes();  // so far

// "key":value pairs, in the order added.
class Fields {
 public:
  Fields& add(std::string_view key, std::uint64_t value);
  Fields& add(std::string_view key, double value);
  Fields& add(std::string_view key, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string& begin(std::string_view key);
  std::string text_;
};

struct Measured {
  std::string_view bench;
  Fields params;
  std::chrono::nanoseconds took;
  std::uint64_t operations = 0;
  Fields more = Fields();
};
void print(const Measured& measured);

// A chain of dependent operations, so that no compiler makes it faster or drops it.
std::uint64_t work(std::uint64_t iterations, std::uint64_t x);
// The least of several tries, of one call.
double work_nanoseconds(std::uint64_t iterations, int repetitions, int tries);
// How many iterations take `nanoseconds` here. Meaningful on a quiet machine.
std::uint64_t calibrate(double nanoseconds);

constexpr std::uint64_t next_random(std::uint64_t seed) {
  return (seed * 1309 + 13849) & 65535;
}

}  // namespace glasshouse::bench
