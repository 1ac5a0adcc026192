#include "runtime/base/hash.h"

#include <set>
#include <string>

#include "tests/catch.h"

using glasshouse::runtime::fnv1a;
using glasshouse::runtime::hash_bytes;
using glasshouse::runtime::hash_combine;
using glasshouse::runtime::mix;

TEST_CASE("hashes never change: traces and fingerprints depend on them", "[hash]") {
  REQUIRE(fnv1a("") == 0xcbf29ce484222325);
  REQUIRE(fnv1a("foobar") == 0x85944171f73967e8);
  REQUIRE(mix(0) == 0xe220a8397b1dcdaf);
  REQUIRE(hash_combine(1, 2) == 0xeffed8707b288776);
  REQUIRE(hash_bytes("") == 0xe220a8397b1dcdaf);
  REQUIRE(hash_bytes("glasshouse") == 0xd9a292eb721a4d82);
}

TEST_CASE("every prefix of zeros has a hash of its own", "[hash]") {
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length <= 64; ++length) {
    seen.insert(hash_bytes(std::string(length, '\0')));
  }
  REQUIRE(seen.size() == 65);
}

TEST_CASE("a flipped bit changes about half the bits of a hash", "[hash]") {
  const std::string text = "stones may be thrown at this house";
  const std::uint64_t before = hash_bytes(text);
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    const int changed = __builtin_popcountll(before ^ hash_bytes(other));
    REQUIRE(changed > 10);
    REQUIRE(changed < 54);
  }
}

TEST_CASE("combining depends on the order", "[hash]") {
  REQUIRE(hash_combine(1, 2) != hash_combine(2, 1));
  REQUIRE(hash_combine(0, 0) != 0);
}
