#include "runtime/term/convert.h"

#include <cstring>
#include <limits>
#include <new>

#include "runtime/term/parse.h"
#include "runtime/term/print.h"
#include "tests/catch.h"

namespace glasshouse::runtime {

namespace {

struct Ping {};
struct TransferFunds {
  std::int64_t amount = 0;
  std::string to;
  friend bool operator==(const TransferFunds&, const TransferFunds&) = default;
};
enum class Role { follower, leader };
struct State {
  std::uint64_t term = 0;
  Role role = Role::follower;
  std::vector<TransferFunds> log;
  std::map<std::string, bool> votes;
  std::optional<Pid> leader;
  friend bool operator==(const State&, const State&) = default;
};
struct Narrow {
  std::uint8_t small = 0;
};
struct Mandatory {
  explicit Mandatory(int n) : value(n) {}
  int value;
};
struct Opaque {
  Opaque() = default;
  std::string secret;
};
struct Celsius {
  double degrees = 0;
};
struct Padded {
  std::uint8_t first = 0;
  std::uint64_t second = 0;
};

std::string printed(const auto& value) {
  return to_string(to_term(value));
}

template <class T>
std::string error_of(std::string_view text) {
  return from_term<T>(parse_term(text).value()).error().what;
}

// There and back again.
template <class T>
void expect_round_trip(const T& value) {
  const Term term = to_term(value);
  INFO(to_string(term));
  const auto again = from_term<T>(term);
  REQUIRE(again.ok());
  REQUIRE(again.value() == value);
  REQUIRE(digest_of(again.value()) == digest_of(value));
}

const State some_state{.term = 8,
                       .role = Role::leader,
                       .log = {{700, "alice"}},
                       .votes = {{"b", true}},
                       .leader = Pid{Atom("n@h"), 1, 2, 3}};

}  // namespace

template <>
inline constexpr bool sendable_by_choice<Opaque> = true;

template <>
struct Conversion<Celsius> {
  static Term to_term(const Celsius& value) { return tuple("celsius"_atom, value.degrees); }
  static Result<Celsius> from_term(const Term& term) {
    if (!term.is_tuple("celsius"_atom, 2)) return Error("no temperature");
    return Celsius{*term.element(1).as_number()};
  }
};

TEST_CASE("an aggregate is a tuple of its name and its fields", "[convert]") {
  REQUIRE(printed(TransferFunds{700, "alice"}) == R"({transfer_funds,700,<<"alice">>})");
  REQUIRE(printed(some_state) ==
          R"({state,8,leader,[{transfer_funds,700,<<"alice">>}],#{<<"b">> => true},<0.1.2>})");
}

TEST_CASE("an empty aggregate is the atom of its name", "[convert]") {
  REQUIRE(printed(Ping{}) == "ping");
  REQUIRE(from_term<Ping>(Term("ping"_atom)).ok());
  REQUIRE(error_of<Ping>("pong") == "expected ping, got pong");
}

TEST_CASE("every kind of value has its term", "[convert]") {
  REQUIRE(printed(true) == "true");
  REQUIRE(printed('a') == "97");
  REQUIRE(printed(1.5f) == "1.5");
  REQUIRE(printed(std::byte{7}) == "7");
  REQUIRE(printed(Role::leader) == "leader");
  REQUIRE(printed(static_cast<Role>(9)) == "9");
  REQUIRE(printed(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  REQUIRE(printed(std::optional<int>()) == "undefined");
  REQUIRE(printed(std::pair<int, Atom>(1, "x"_atom)) == "{1,x}");
  REQUIRE(printed(std::tuple<>()) == "{}");
  REQUIRE(printed(std::variant<Ping, int>(4)) == "4");
  REQUIRE(printed(std::set<int>{3, 1}) == "[1,3]");
  REQUIRE(printed(std::vector<std::byte>{std::byte{1}}) == "<<1>>");
  REQUIRE(printed(Duration::microseconds(3)) == "3000");
  REQUIRE(printed(Duration::infinity()) == "infinity");
  REQUIRE(printed(Instant::at(Duration::nanoseconds(5))) == "5");
}

TEST_CASE("a value comes back from its term with the same digest", "[convert]") {
  expect_round_trip(some_state);
  expect_round_trip(State{});
  expect_round_trip(true);
  expect_round_trip(-1);
  expect_round_trip(std::numeric_limits<std::int64_t>::min());
  expect_round_trip(std::numeric_limits<std::uint64_t>::max());
  expect_round_trip(2.5);
  expect_round_trip(std::string("bytes\0too", 9));
  expect_round_trip(Role::leader);
  expect_round_trip(static_cast<Role>(9));
  expect_round_trip(Duration::infinity());
  expect_round_trip(Instant::max());
  expect_round_trip(std::vector<bool>{true, false});
  expect_round_trip(std::array<int, 3>{1, 2, 3});
  expect_round_trip(std::map<int, std::set<int>>{{1, {2, 3}}, {4, {}}});
  expect_round_trip(std::tuple<Atom, Binary, Ref>("a"_atom, Binary("b"), Ref{Atom("n"), 1, 2}));
  expect_round_trip(std::variant<std::monostate, bool, TransferFunds>(TransferFunds{1, "x"}));
  expect_round_trip(std::optional<std::string>("text"));
  expect_round_trip(std::vector<std::byte>{std::byte{0}, std::byte{255}});
  expect_round_trip(list(1, "any"_atom));
}

TEST_CASE("integers are refused beyond the range of their type, and not at its ends", "[convert]") {
  REQUIRE(from_term<std::uint8_t>(255).value() == 255);
  REQUIRE(error_of<std::uint8_t>("256") == "expected an integer from 0 to 255, got 256");
  REQUIRE_FALSE(from_term<std::uint8_t>(-1).ok());
  REQUIRE(from_term<std::int8_t>(-128).value() == -128);
  REQUIRE_FALSE(from_term<std::int8_t>(-129).ok());
  REQUIRE(error_of<std::int64_t>("9223372036854775808") ==
          "expected an integer from -9223372036854775808 to 9223372036854775807, "
          "got 9223372036854775808");
  REQUIRE_FALSE(from_term<std::uint64_t>(-1).ok());
  REQUIRE_FALSE(from_term<std::uint64_t>(parse_term("18446744073709551616").value()).ok());
}

TEST_CASE("an error names the field, what was expected and what was there", "[convert]") {
  const std::string place = field_names_known ? "field 2 (to)" : "field 2";
  REQUIRE(error_of<TransferFunds>("{transfer_funds, 1, 2}") ==
          place + " of transfer_funds: expected a binary, got 2");
  REQUIRE(error_of<TransferFunds>("{transfer, 1, 2}") ==
          "expected {transfer_funds, ...} with 2 fields, got {transfer,1,2}");
  REQUIRE(error_of<Narrow>("{narrow}") == "expected {narrow, ...} with 1 field, got {narrow}");
  REQUIRE(error_of<std::vector<int>>("[1, x]") ==
          "element 2: expected an integer from -2147483648 to 2147483647, got x");
  REQUIRE(error_of<std::vector<int>>("[1|2]") == "expected a list, got [1|2]");
  REQUIRE(error_of<std::array<int, 2>>("[1]") == "expected a list of 2, got [1]");
  REQUIRE(error_of<std::pair<int, int>>("{1}") == "expected a tuple of 2, got {1}");
  REQUIRE(error_of<Role>("king") == "expected a role, got king");
  REQUIRE(error_of<bool>("1") == "expected true or false, got 1");
  REQUIRE(error_of<Duration>("soon") == "expected nanoseconds or infinity, got soon");
  REQUIRE(error_of<std::variant<Ping, bool>>("1") == "expected one of 2 alternatives, got 1");
}

TEST_CASE("a number without a point is read where a float is wanted", "[convert]") {
  REQUIRE(from_term<double>(3).value() == 3.0);
}

TEST_CASE("a type may bring its own conversion", "[convert]") {
  REQUIRE(printed(Celsius{21.5}) == "{celsius,21.5}");
  REQUIRE(from_term<Celsius>(tuple("celsius"_atom, 3)).value().degrees == 3.0);
  REQUIRE(digest_of(Celsius{1}) != digest_of(Celsius{2}));
}

TEST_CASE("what is sendable by choice shows as its name and does not come back", "[convert]") {
  REQUIRE(printed(Opaque{}) == "opaque");
  REQUIRE(from_term<Opaque>(Term("opaque"_atom)).error().what ==
          "opaque cannot be made from a term");
}

TEST_CASE("a digest is of the fields and never of the padding between them", "[convert]") {
  alignas(Padded) unsigned char zeros[sizeof(Padded)];
  alignas(Padded) unsigned char ones[sizeof(Padded)];
  std::memset(zeros, 0, sizeof zeros);
  std::memset(ones, 0xff, sizeof ones);
  auto* first = new (zeros) Padded;
  auto* second = new (ones) Padded;
  REQUIRE(digest_of(*first) == digest_of(*second));
  second->second = 1;
  REQUIRE(digest_of(*first) != digest_of(*second));
}

TEST_CASE("a digest depends on the type, the fields and their order", "[convert]") {
  REQUIRE(digest_of(Ping{}) != digest_of(Padded{}));
  REQUIRE(digest_of(std::pair(1, 2)) != digest_of(std::pair(2, 1)));
  REQUIRE(digest_of(std::vector<int>{}) != digest_of(std::vector<int>{0}));
  REQUIRE(digest_of(std::optional<int>()) != digest_of(std::optional<int>(0)));
}

TEST_CASE("digests never change: recorded runs are compared by them", "[convert]") {
  REQUIRE(digest_of(some_state) == 0xe82c37591aa65d4d);
  REQUIRE(digest_of(Ping{}) == 0xbf30e00dc53307a9);
}

TEST_CASE("a state is a map of its fields by name", "[convert]") {
  const Term term = state_term(some_state);
  REQUIRE(term.size() == 5);
  if constexpr (field_names_known) {
    REQUIRE(*term.find("term"_atom) == Term(8));
    REQUIRE(*term.find("role"_atom) == Term("leader"_atom));
  } else {
    REQUIRE(*term.find("field_1"_atom) == Term(8));
  }
  REQUIRE(state_term(5) == Term(5));
}

}  // namespace glasshouse::runtime
