#include "sim/distribution.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/catch.h"

namespace glasshouse::sim {
namespace {

using namespace runtime::literals;

constexpr double one = 4294967296.0;  // 2^32

std::vector<Duration> samples_of(const Distribution& distribution) {
  std::vector<Duration> samples;
  runtime::Draws draws(1);
  for (int i = 0; i < 20'000; ++i)
    samples.push_back(distribution.sample(draws.next()));
  std::sort(samples.begin(), samples.end());
  return samples;
}

double mean_ms(const std::vector<Duration>& samples) {
  double sum = 0;
  for (const Duration sample : samples)
    sum += static_cast<double>(sample.nanoseconds()) / 1e6;
  return sum / static_cast<double>(samples.size());
}

TEST_CASE("logarithms and powers by table are near the real ones", "[distribution]") {
  for (std::uint64_t x = 3; x < (std::uint64_t{1} << 60); x = x / 3 * 7) {
    const double expected = std::log2(static_cast<double>(x) / one);
    REQUIRE(static_cast<double>(log2_fixed(x)) / one == Approx(expected).margin(1e-5));
  }
  for (double x = -20; x < 20; x += 0.37) {
    const auto fixed = static_cast<std::int64_t>(x * one);
    REQUIRE(static_cast<double>(exp2_fixed(fixed)) / one ==
            Approx(std::exp2(x)).epsilon(1e-5).margin(1e-9));
  }
  REQUIRE(static_cast<double>(minus_ln(0)) / one == Approx(64 * std::log(2.0)));
  REQUIRE(minus_ln(~std::uint64_t{0}) == 0);
  REQUIRE(static_cast<double>(minus_ln(std::uint64_t{1} << 63)) / one ==
          Approx(std::log(2.0)).margin(1e-5));
}

TEST_CASE("these samples never change: runs of former versions repeat", "[distribution]") {
  const std::uint64_t drawn = 0x0123'4567'89ab'cdef;
  REQUIRE(Distribution::uniform(1_ms, 2_ms).sample(drawn) == 1004444_ns);
  REQUIRE(Distribution::exponential(1_ms, 2_ms).sample(drawn).nanoseconds() == 11832203);
  REQUIRE(Distribution::lognormal(2_ms, 200).sample(drawn).nanoseconds() == 1263963);
}

TEST_CASE("a uniform sample is in its range, both ends included", "[distribution]") {
  const auto few = Distribution::uniform(5_ns, 7_ns);
  const auto samples = samples_of(few);
  REQUIRE(samples.front() == 5_ns);
  REQUIRE(samples.back() == 7_ns);
  REQUIRE(mean_ms(samples_of(Distribution::uniform(1_ms, 3_ms))) == Approx(2).epsilon(0.02));
}

TEST_CASE("an exponential sample has its mean on top of its least", "[distribution]") {
  const auto samples = samples_of(Distribution::exponential(10_ms, 5_ms));
  REQUIRE(samples.front() >= 10_ms);
  REQUIRE(mean_ms(samples) == Approx(15).epsilon(0.02));
}

TEST_CASE("half of lognormal samples are below the median", "[distribution]") {
  const auto samples = samples_of(Distribution::lognormal(10_ms, 200));
  const auto middle = samples[samples.size() / 2];
  REQUIRE(static_cast<double>(middle.nanoseconds()) / 1e6 == Approx(10).epsilon(0.05));
  const auto one_sigma = samples[samples.size() * 84 / 100];
  REQUIRE(static_cast<double>(one_sigma.nanoseconds()) / 1e6 == Approx(20).epsilon(0.1));
}

TEST_CASE("a bimodal sample is rarely in its rare range", "[distribution]") {
  const auto samples =
      samples_of(Distribution::bimodal({1_ms, 2_ms}, {1_s, 2_s}, runtime::one_in(100)));
  const auto rare =
      std::count_if(samples.begin(), samples.end(), [](Duration d) { return d >= 1_s; });
  REQUIRE(rare > 100);
  REQUIRE(rare < 300);
  REQUIRE(samples.back() <= 2_s);
}

TEST_CASE("what is constant needs no draw", "[distribution]") {
  REQUIRE(Distribution().is_constant());
  REQUIRE(Distribution::constant(3_ms).is_constant());
  REQUIRE(Distribution::uniform(3_ms, 3_ms).is_constant());
  REQUIRE_FALSE(Distribution::uniform(3_ms, 4_ms).is_constant());
  REQUIRE(Distribution::constant(3_ms).sample(12345) == 3_ms);
}

}  // namespace
}  // namespace glasshouse::sim
