#include "sim/distribution.h"

#include <algorithm>
#include <array>
#include <bit>

#include "runtime/base/check.h"

namespace glasshouse::sim {
namespace {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

constexpr int point = 32;  // bits after the point
constexpr std::uint64_t one = std::uint64_t{1} << point;
constexpr std::uint64_t ln2 = 2'977'044'472;  // ln 2 * 2^32, rounded
constexpr int table_bits = 8;
constexpr std::size_t table_size = std::size_t{1} << table_bits;

// log2 of 1 + i/256, by squaring: each squaring brings down one more bit.
constexpr std::array<std::uint64_t, table_size + 1> make_log2_table() {
  std::array<std::uint64_t, table_size + 1> table{};
  for (std::size_t i = 0; i < table_size; ++i) {
    Wide value = (Wide{1} << 62) + (static_cast<Wide>(i) << (62 - table_bits));
    std::uint64_t bits = 0;
    for (int bit = 0; bit < point; ++bit) {
      value = (value * value) >> 62;
      bits <<= 1;
      if (value >= Wide{1} << 63) {
        bits |= 1;
        value >>= 1;
      }
    }
    table[i] = bits;
  }
  table[table_size] = one;
  return table;
}
constexpr auto log2_table = make_log2_table();

// The integer whose square is nearest below.
constexpr std::uint64_t square_root(Wide value) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t trial = root | std::uint64_t{1} << bit;
    if (static_cast<Wide>(trial) * trial <= value) root = trial;
  }
  return root;
}

// 2^(i/256): products of 2^(1/2), 2^(1/4), ... as the bits of i say.
constexpr std::array<std::uint64_t, table_size + 1> make_exp2_table() {
  std::array<std::uint64_t, table_bits> roots{};
  std::uint64_t value = std::uint64_t{2} << 60;
  for (auto& root : roots) {
    value = square_root(static_cast<Wide>(value) << 60);
    root = value;
  }
  std::array<std::uint64_t, table_size + 1> table{};
  for (std::size_t i = 0; i < table_size; ++i) {
    Wide product = Wide{1} << 60;
    for (std::size_t bit = 0; bit < table_bits; ++bit) {
      if ((i >> (table_bits - 1 - bit)) & 1) product = (product * roots[bit]) >> 60;
    }
    table[i] = static_cast<std::uint64_t>(product >> (60 - point));
  }
  table[table_size] = 2 * one;
  return table;
}
constexpr auto exp2_table = make_exp2_table();

// Between two neighbours of a table, at a fraction with 32 bits.
constexpr std::uint64_t between(const std::array<std::uint64_t, table_size + 1>& table,
                                std::uint64_t fraction) {
  const std::size_t place = fraction >> (point - table_bits);
  const std::uint64_t rest = (fraction << table_bits) & (one - 1);
  return table[place] + (((table[place + 1] - table[place]) * rest) >> point);
}

Duration times(Duration duration, std::uint64_t fixed) {
  const Wide product = static_cast<Wide>(duration.nanoseconds()) * fixed >> point;
  const Wide most = static_cast<Wide>(Duration::infinity().nanoseconds() - 1);
  return Duration::nanoseconds(static_cast<std::int64_t>(std::min(product, most)));
}

Duration uniform_in(Distribution::Range range, std::uint64_t drawn) {
  const auto width = static_cast<std::uint64_t>((range.most - range.least).nanoseconds());
  const std::uint64_t offset = runtime::scale_to(drawn, width + 1);
  return range.least + Duration::nanoseconds(static_cast<std::int64_t>(offset));
}

void require(Distribution::Range range) {
  CHECK(range.least >= Duration::zero());
  CHECK(range.most >= range.least);
  CHECK(!range.most.is_infinite());
}

std::string shown_range(Distribution::Range range) {
  return to_string(range.least) + " to " + to_string(range.most);
}

}  // namespace

std::int64_t log2_fixed(std::uint64_t x) {
  CHECK(x > 0);
  const int whole = 63 - std::countl_zero(x);
  const std::uint64_t mantissa = x << (63 - whole);  // its highest bit is 1
  const std::uint64_t fraction = (mantissa >> (63 - point)) & (one - 1);
  return static_cast<std::int64_t>(whole - point) * static_cast<std::int64_t>(one) +
         static_cast<std::int64_t>(between(log2_table, fraction));
}

std::uint64_t exp2_fixed(std::int64_t x) {
  const std::int64_t whole = x >> point;
  const std::uint64_t power = between(exp2_table, static_cast<std::uint64_t>(x) & (one - 1));
  if (whole < 0) return whole <= -64 ? 0 : power >> -whole;
  return whole >= 30 ? power << 30 : power << whole;
}

std::uint64_t minus_ln(std::uint64_t drawn) {
  // 2^64 - (what log2 makes of the draw as an integer), in powers of two; then in powers of e.
  const std::int64_t log2 = drawn == ~std::uint64_t{0}
                                ? static_cast<std::int64_t>(64 - point) * std::int64_t{one}
                                : log2_fixed(drawn + 1);
  const std::uint64_t minus_log2 =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(64 - point) * std::int64_t{one} - log2);
  return static_cast<std::uint64_t>(static_cast<Wide>(minus_log2) * ln2 >> point);
}

std::int64_t nearly_normal(std::uint64_t drawn) {
  std::int64_t sum = 0;  // of four uniforms in [0, 2^16)
  for (int i = 0; i < 4; ++i)
    sum += static_cast<std::int64_t>((drawn >> (16 * i)) & 0xffff);
  const std::int64_t centred = 2 * sum - std::int64_t{4} * 0xffff;  // in halves
  // The sum has variance 4/12: its deviation is 2^16 / sqrt 3. sqrt 3 * 2^32 is 7439101574.
  return static_cast<std::int64_t>(static_cast<SignedWide>(centred) * 7'439'101'574 >> 17);
}

Distribution Distribution::constant(Duration value) {
  require({value, value});
  Distribution made;
  made.usual_ = {value, value};
  return made;
}

Distribution Distribution::uniform(Duration least, Duration most) {
  require({least, most});
  Distribution made;
  made.kind_ = least == most ? Kind::constant : Kind::uniform;
  made.usual_ = {least, most};
  return made;
}

Distribution Distribution::exponential(Duration least, Duration mean) {
  require({least, least});
  require({mean, mean});
  Distribution made;
  made.kind_ = Kind::exponential;
  made.usual_ = {least, least};
  made.mean_ = mean;
  return made;
}

Distribution Distribution::lognormal(Duration median, std::uint32_t spread_percent) {
  require({median, median});
  CHECK(spread_percent >= 100);
  Distribution made;
  made.kind_ = Kind::lognormal;
  made.mean_ = median;
  made.spread_log2_ = static_cast<std::uint64_t>(log2_fixed(one * spread_percent / 100));
  return made;
}

Distribution Distribution::bimodal(Range usual, Range rare, Ratio is_rare) {
  require(usual);
  require(rare);
  CHECK(usual.least <= rare.least);
  CHECK(is_rare.denominator > 0);
  Distribution made;
  made.kind_ = Kind::bimodal;
  made.usual_ = usual;
  made.rare_ = rare;
  made.is_rare_ = is_rare;
  return made;
}

Duration Distribution::sample(std::uint64_t drawn) const {
  switch (kind_) {
    case Kind::constant:
      return usual_.least;
    case Kind::uniform:
      return uniform_in(usual_, drawn);
    case Kind::exponential:
      return usual_.least + times(mean_, minus_ln(drawn));
    case Kind::lognormal: {
      const std::int64_t sigmas = nearly_normal(drawn);
      const auto power = static_cast<SignedWide>(sigmas) * static_cast<SignedWide>(spread_log2_);
      return times(mean_, exp2_fixed(static_cast<std::int64_t>(power >> point)));
    }
    case Kind::bimodal:
      // One draw answers both questions, so its bits are mixed before the second.
      return uniform_in(is_rare_.happens(drawn) ? rare_ : usual_, runtime::mix(drawn));
  }
  return Duration::zero();
}

std::string Distribution::shown() const {
  switch (kind_) {
    case Kind::constant:
      return to_string(usual_.least);
    case Kind::uniform:
      return shown_range(usual_);
    case Kind::exponential:
      return to_string(usual_.least) + " and exponential, mean " + to_string(mean_);
    case Kind::lognormal:
      return "lognormal, median " + to_string(mean_);
    case Kind::bimodal:
      return shown_range(usual_) + ", but " + to_string(is_rare_) + " of them " +
             shown_range(rare_);
  }
  return std::string();
}

}  // namespace glasshouse::sim
