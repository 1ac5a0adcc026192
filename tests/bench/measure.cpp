#include "tests/bench/measure.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include <unistd.h>

namespace glasshouse::bench {

namespace {

volatile std::uint64_t sink;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::string number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

double once(std::uint64_t iterations, int repetitions) {
  std::uint64_t x = 1;
  const Time begin = now();
  for (int i = 0; i < repetitions; ++i)
    x = work(iterations, x + static_cast<std::uint64_t>(i));
  const std::chrono::duration<double, std::nano> took = now() - begin;
  sink = x;
  return took.count() / repetitions;
}

}  // namespace

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  statm >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

std::int64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  }
  return 0;
}

std::string& Fields::begin(std::string_view key) {
  if (!text_.empty()) text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
  return text_;
}

Fields& Fields::add(std::string_view key, std::uint64_t value) {
  begin(key) += std::to_string(value);
  return *this;
}

Fields& Fields::add(std::string_view key, double value) {
  begin(key) += number(value);
  return *this;
}

Fields& Fields::add(std::string_view key, std::string_view value) {
  begin(key).append("\"").append(value).append("\"");
  return *this;
}

void print(const Measured& measured) {
  const double took = seconds(measured.took);
  std::printf(
      "{\"impl\":\"glasshouse\",\"bench\":\"%.*s\",\"params\":{%s},\"seconds\":%.6f,"
      "\"ops\":%llu,\"ops_per_s\":%.1f,\"rss_bytes\":%lld%s%s}\n",
      static_cast<int>(measured.bench.size()), measured.bench.data(),
      measured.params.text().c_str(), took, static_cast<unsigned long long>(measured.operations),
      static_cast<double>(measured.operations) / took,
      static_cast<long long>(peak_resident_bytes()), measured.more.text().empty() ? "" : ",",
      measured.more.text().c_str());
  std::fflush(stdout);
}

__attribute__((noinline)) std::uint64_t work(std::uint64_t iterations, std::uint64_t x) {
  for (std::uint64_t i = 0; i < iterations; ++i)
    x = (x * 1309 + 13849) & 65535;
  return x;
}

double work_nanoseconds(std::uint64_t iterations, int repetitions, int tries) {
  double best = once(iterations, repetitions);
  for (int i = 1; i < tries; ++i)
    best = std::min(best, once(iterations, repetitions));
  return best;
}

std::uint64_t calibrate(double nanoseconds) {
  constexpr int tries = 15;
  const double each = work_nanoseconds(1000, 2000, tries) / 1000;
  const auto rough = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(nanoseconds / each));
  const double got = work_nanoseconds(rough, 200'000, tries);
  const double fine = static_cast<double>(rough) * nanoseconds / got + 0.5;
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(fine));
}

}  // namespace glasshouse::bench
