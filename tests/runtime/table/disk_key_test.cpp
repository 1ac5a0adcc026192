#include "runtime/table/disk_key.h"

#include "runtime/base/random.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::tests {
namespace {

using namespace runtime;
using namespace runtime::literals;

Term any_key(std::uint64_t& draw, int depth) {
  draw = mix(draw);
  const std::uint64_t small = draw >> 8 & 3;
  switch (draw % (depth > 0 ? 6 : 3)) {
    case 0:
      return Term(static_cast<std::int64_t>(small == 0 ? draw : small) - 1);
    case 1:
      return Atom(std::string(small, static_cast<char>('a' + (draw >> 16 & 1))));
    case 2:
      return binary(std::string(small, static_cast<char>(draw >> 16 & 1 ? 0 : draw >> 24)));
    default:
      break;
  }
  std::vector<Term> parts;
  for (std::uint64_t i = 0; i < small; ++i)
    parts.push_back(any_key(draw, depth - 1));
  return draw % 2 == 0 ? tuple_of(parts) : list_of(parts);
}

TEST_CASE("keys as bytes are in the order of the keys", "[disk_tables]") {
  std::uint64_t draw = 7;
  std::vector<std::pair<Term, std::string>> keys;
  for (int i = 0; i < 400; ++i) {
    const Term key = any_key(draw, 3);
    keys.emplace_back(key, disk_key_of(key).value());
  }
  std::vector<std::string> wrong;
  for (const auto& [left, left_bytes] : keys) {
    for (const auto& [right, right_bytes] : keys) {
      const auto terms = compare_exactly(left, right);
      const auto bytes = left_bytes <=> right_bytes;
      if ((terms < 0) == (bytes < 0) && (terms > 0) == (bytes > 0)) continue;
      wrong.push_back(to_string(left) + " and " + to_string(right));
    }
  }
  REQUIRE(wrong == std::vector<std::string>());
}

TEST_CASE("what cannot be a key is refused with a sentence", "[disk_tables]") {
  const Term bad_keys[] = {Term(1.5), map(1, 2), tuple("a"_atom, list(1, 2.0)),
                           list_with_tail({Term(1)}, Term(2)), Term(Pid{})};
  for (const Term& key : bad_keys) {
    const auto bytes = disk_key_of(key);
    REQUIRE(!bytes.ok());
    REQUIRE(bytes.error().code == "einval");
  }
  REQUIRE(!disk_key_of(binary(std::string(disk_key_bytes_max, 'x'))).ok());
  REQUIRE(disk_key_of(binary(std::string(disk_key_bytes_max - 3, 'x'))).ok());
  Term deep = nil();
  for (int i = 0; i < 200; ++i)
    deep = list(deep);
  REQUIRE(!disk_key_of(deep).ok());
}

}  // namespace
}  // namespace glasshouse::tests
