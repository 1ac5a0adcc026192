#include "runtime/term/sendable.h"

#include <functional>
#include <memory>
#include <span>

#include "tests/catch.h"

namespace glasshouse::runtime {

namespace {

struct Ping {};
enum class Role { follower, leader };
struct Entry {
  std::int64_t index = 0;
  std::string command;
};
struct Everything {
  Role role = Role::follower;
  std::vector<Entry> log;
  std::map<std::string, std::optional<Pid>> peers;
  std::variant<Ping, Entry> last;
  std::tuple<Atom, Ref, Term> parts;
  std::array<Binary, 2> pages;
  std::pair<Duration, Instant> times;
  std::set<int> ids;
};
struct Tree {
  int value = 0;
  std::vector<Tree> children;
};
struct HoldsPointer {
  int* where = nullptr;
};
struct HoldsPointerDeep {
  std::vector<std::optional<HoldsPointer>> all;
};
struct HoldsReference {
  int& there;
};
struct HoldsConstReference {
  const int& there;
};
struct HoldsUnique {
  std::unique_ptr<int> owned;
};
class Private {
 public:
  int value() const { return value_; }

 private:
  int value_ = 0;
};
struct Image {
  Image() = default;
  Image(Image&&) = default;
  std::unique_ptr<int> pixels;
};
struct Frame {
  Image image;
  int number = 0;
};

}  // namespace

template <>
inline constexpr bool sendable_by_choice<Image> = true;

TEST_CASE("values and aggregates of values are sendable", "[sendable]") {
  STATIC_REQUIRE(Sendable<Ping> && Sendable<Entry> && Sendable<Everything> && Sendable<Role>);
  STATIC_REQUIRE(Sendable<int> && Sendable<bool> && Sendable<double> && Sendable<std::string>);
  STATIC_REQUIRE(Sendable<Term> && Sendable<const Entry>);
}

TEST_CASE("a type that contains itself is sendable", "[sendable]") {
  STATIC_REQUIRE(Sendable<Tree>);
}

TEST_CASE("whatever points elsewhere is not sendable, at any depth", "[sendable]") {
  STATIC_REQUIRE(!Sendable<int*> && !Sendable<const char*> && !Sendable<int&> && !Sendable<void>);
  STATIC_REQUIRE(!Sendable<std::nullptr_t> && !Sendable<int Entry::*> && !Sendable<volatile int>);
  STATIC_REQUIRE(!Sendable<HoldsPointer> && !Sendable<HoldsPointerDeep>);
  STATIC_REQUIRE(!Sendable<HoldsReference> && !Sendable<HoldsConstReference>);
  STATIC_REQUIRE(!Sendable<std::string_view> && !Sendable<std::span<int>>);
  STATIC_REQUIRE(!Sendable<std::function<void()>> && !Sendable<std::shared_ptr<int>>);
}

TEST_CASE("a class with secrets is sendable only by choice, and may then be move-only",
          "[sendable]") {
  STATIC_REQUIRE(!Sendable<Private> && !Sendable<HoldsUnique>);
  STATIC_REQUIRE(Sendable<Image> && Sendable<Frame>);
}

namespace first {
struct Move {
  int from = 0;
  std::string to;
};
}  // namespace first
namespace second {
struct Move {
  int source = 0;
  std::string target;
};
}  // namespace second
namespace third {
struct Move {
  std::int64_t from = 0;
  std::string to;
};
struct Other {
  int from = 0;
  std::string to;
};
struct Outer {
  std::vector<Move> moves;
};
}  // namespace third
namespace fourth {
struct Move {
  int from = 0;
};
struct Outer {
  std::vector<Move> moves;
};
}  // namespace fourth

TEST_CASE("a fingerprint is of the name and the types of fields, not their names", "[sendable]") {
  REQUIRE(schema_fingerprint<first::Move>() == schema_fingerprint<second::Move>());
  REQUIRE(schema_fingerprint<first::Move>() != schema_fingerprint<third::Move>());
  REQUIRE(schema_fingerprint<first::Move>() != schema_fingerprint<third::Other>());
  REQUIRE(schema_fingerprint<first::Move>() != schema_fingerprint<fourth::Move>());
}

TEST_CASE("a fingerprint reaches all the way down", "[sendable]") {
  REQUIRE(schema_fingerprint<third::Outer>() != schema_fingerprint<fourth::Outer>());
  REQUIRE(schema_fingerprint<std::vector<int>>() != schema_fingerprint<std::set<int>>());
  REQUIRE(schema_fingerprint<std::array<int, 2>>() != schema_fingerprint<std::array<int, 3>>());
  REQUIRE(schema_fingerprint<std::optional<int>>() != schema_fingerprint<int>());
}

TEST_CASE("fingerprints never change: stored traces have them", "[sendable]") {
  REQUIRE(schema_fingerprint<first::Move>() == 0x182f6ba7271cbd74);
  REQUIRE(schema_fingerprint<Everything>() == 0xdef34bf3bc0d413c);
  REQUIRE(schema_fingerprint<Tree>() == 0xd7c6dfd84645c887);
}

}  // namespace glasshouse::runtime
