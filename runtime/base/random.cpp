#include "runtime/base/random.h"

#include <charconv>
#include <optional>

namespace glasshouse::runtime {
namespace {

// Enough for any probability a person writes, and 10^18 still fits.
constexpr std::size_t fraction_digits_max = 16;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, value);
  if (text.empty() || failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

// "0.25" is 25/100, so nothing is rounded.
std::optional<Ratio> decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const auto whole = whole_number(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  if (point == std::string_view::npos) return Ratio{.numerator = *whole, .denominator = 1};
  const std::string_view digits = text.substr(point + 1);
  const auto fraction = whole_number(digits);
  if (!fraction || digits.size() > fraction_digits_max) return std::nullopt;
  std::uint64_t scale = 1;
  for (std::size_t i = 0; i < digits.size(); ++i)
    scale *= 10;
  return Ratio{.numerator = *whole * scale + *fraction, .denominator = scale};
}

std::optional<Ratio> fraction(std::string_view text, std::size_t slash) {
  const auto numerator = whole_number(text.substr(0, slash));
  const auto denominator = whole_number(text.substr(slash + 1));
  if (!numerator || !denominator) return std::nullopt;
  return Ratio{.numerator = *numerator, .denominator = *denominator};
}

std::optional<Ratio> percentage(std::string_view text) {
  auto ratio = decimal(text);
  if (ratio) ratio->denominator *= 100;
  return ratio;
}

}  // namespace

Result<Ratio> Ratio::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::optional<Ratio> ratio;
  if (slash != std::string_view::npos) {
    ratio = fraction(text, slash);
  } else if (text.ends_with('%')) {
    ratio = percentage(text.substr(0, text.size() - 1));
  } else {
    ratio = decimal(text);
  }
  if (!ratio || ratio->denominator == 0 || ratio->numerator > ratio->denominator) {
    return Error("'" + std::string(text) +
                 "' is not a probability: expected one such as 1/10, 0.25 or 3%");
  }
  return *ratio;
}

std::string to_string(Ratio ratio) {
  return std::to_string(ratio.numerator) + "/" + std::to_string(ratio.denominator);
}

}  // namespace glasshouse::runtime
