#include "runtime/term/convert.h"

#include <bit>

#include "runtime/term/print.h"

namespace glasshouse::runtime::detail {
namespace {

constexpr std::size_t shown_bytes_max = 120;

}  // namespace

Error expected(const std::string& what, const Term& got) {
  return Error("expected " + what + ", got " + to_string(got, {.bytes_max = shown_bytes_max}));
}

Error expected_integer(std::int64_t least, std::uint64_t most, const Term& got) {
  return expected("an integer from " + std::to_string(least) + " to " + std::to_string(most), got);
}

Error in_field(std::size_t index, std::string_view field, std::string_view type, Error error) {
  std::string place = "field " + std::to_string(index + 1);
  if (!field.empty()) place += " (" + std::string(field) + ")";
  return Error(place + " of " + std::string(type) + ": " + error.what, std::move(error.code));
}

Error in_element(std::size_t index, Error error) {
  return Error("element " + std::to_string(index + 1) + ": " + error.what, std::move(error.code));
}

Term term_of_duration(Duration duration) {
  return duration.is_infinite() ? Term(atoms::infinity) : Term(duration.nanoseconds());
}

Result<Duration> duration_of(const Term& term) {
  if (term.is_atom(atoms::infinity)) return Duration::infinity();
  if (const auto nanoseconds = term.as_integer()) return Duration::nanoseconds(*nanoseconds);
  return expected("nanoseconds or infinity", term);
}

std::uint64_t digest_of_float(double value) {
  // There are many bit patterns for no number, and the machine chooses.
  return value == value ? std::bit_cast<std::uint64_t>(value) : 0x7ff8000000000000;
}

}  // namespace glasshouse::runtime::detail
