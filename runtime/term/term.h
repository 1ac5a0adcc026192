#pragma once

// Term: a dynamic, immutable value, as Erlang has them. Messages are typed C++ values; Terms exist
// at the edges: exit reasons, the wire, traces, the observer, scripts, and handlers that ask for
// them. Copies share. Any thread may hold a copy.
//
//   tuple("ok"_atom, 700, binary("alice"))       {ok,700,<<"alice">>}
//   list(1, 2.5, "a"_atom)                       [1,2.5,a]
//   map("term"_atom, 8, "role"_atom, "x"_atom)   #{role => x,term => 8}

#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/process/pid.h"
#include "runtime/process/ref.h"
#include "runtime/term/atom.h"
#include "runtime/term/binary.h"

namespace glasshouse::runtime {

enum class Kind : std::uint8_t {
  atom,
  integer,  // fits 64 bits
  floating,
  pid,
  ref,
  nil,          // the empty list
  big_integer,  // kinds from here on are counted allocations
  binary,
  tuple,
  list,  // not empty; may end in a tail that is no list
  map,
  fun,
};

// A function of some Erlang node. We carry it and never call it. With a name it is external,
// `fun module:name/arity`; else it is a closure, identified by index and unique, in an encoding
// only its node understands.
struct Fun {
  Atom module;
  Atom name;
  std::uint32_t arity = 0;
  std::uint32_t index = 0;
  std::uint64_t unique = 0;
  Binary encoded;

  bool is_external() const noexcept { return name != Atom(); }
  friend bool operator==(const Fun&, const Fun&) = default;
};

// An integer of any size: sign, and the magnitude's bytes, least significant first.
struct BigIntegerView {
  bool negative = false;
  std::span<const std::uint8_t> magnitude;
};

struct MapEntry;

template <class T>
concept TermInteger = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                      !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

class [[nodiscard]] Term {
 public:
  // The atom `undefined`.
  constexpr Term() noexcept = default;
  constexpr Term(Atom atom) noexcept : Term(Kind::atom, std::uint64_t{atom.index()}) {}
  template <TermInteger I>
  constexpr Term(I value) noexcept(sizeof(I) < 8 || std::signed_integral<I>)
      : Term(Kind::integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(value))) {
    if constexpr (sizeof(I) == 8 && std::unsigned_integral<I>) {
      if (value >> 63 != 0) *this = from_unsigned(value);
    }
  }
  template <std::floating_point F>
    requires(sizeof(F) <= sizeof(double))
  constexpr Term(F value) noexcept
      : Term(Kind::floating, std::bit_cast<std::uint64_t>(static_cast<double>(value))) {}
  template <std::same_as<bool> B>
  constexpr Term(B value) noexcept : Term(value ? atoms::true_ : atoms::false_) {}
  constexpr Term(const Pid& pid) noexcept
      : head_(pack_head(Kind::pid, pid.node, pid.id)),
        body_(std::uint64_t{pid.creation} << 32 | pid.serial) {}
  constexpr Term(const Ref& ref) noexcept
      : head_(pack_head(Kind::ref, ref.node, ref.creation)), body_(ref.number) {}
  Term(const Binary& bytes);
  Term(const Fun& fun);

  constexpr Term(const Term& other) noexcept : head_(other.head_), body_(other.body_) {
    if (is_counted()) detail::retain(cell());
  }
  constexpr Term(Term&& other) noexcept : head_(other.head_), body_(other.body_) {
    other.head_ = other.body_ = 0;
  }
  constexpr Term& operator=(const Term& other) noexcept {
    Term copy(other);
    swap(copy);
    return *this;
  }
  constexpr Term& operator=(Term&& other) noexcept {
    Term taken(std::move(other));
    swap(taken);
    return *this;
  }
  constexpr ~Term() {
    if (is_counted()) detail::release(cell());
  }
  constexpr void swap(Term& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(body_, other.body_);
  }

  // --- what it is ---

  constexpr Kind kind() const noexcept { return static_cast<Kind>(head_ & 0xff); }
  constexpr bool is_atom() const noexcept { return kind() == Kind::atom; }
  constexpr bool is_atom(Atom atom) const noexcept {
    return head_ == static_cast<std::uint64_t>(Kind::atom) && body_ == atom.index();
  }
  constexpr bool is_undefined() const noexcept { return is_atom(atoms::undefined); }
  constexpr bool is_integer() const noexcept {
    return kind() == Kind::integer || kind() == Kind::big_integer;
  }
  constexpr bool is_float() const noexcept { return kind() == Kind::floating; }
  constexpr bool is_number() const noexcept { return is_integer() || is_float(); }
  constexpr bool is_pid() const noexcept { return kind() == Kind::pid; }
  constexpr bool is_ref() const noexcept { return kind() == Kind::ref; }
  constexpr bool is_binary() const noexcept { return kind() == Kind::binary; }
  constexpr bool is_tuple() const noexcept { return kind() == Kind::tuple; }
  // {tag, ...} with that many elements, the tag among them.
  bool is_tuple(Atom tag, std::size_t arity) const noexcept;
  // Empty, or with a tail of any kind.
  constexpr bool is_list() const noexcept { return kind() == Kind::list || kind() == Kind::nil; }
  bool is_proper_list() const noexcept;
  constexpr bool is_map() const noexcept { return kind() == Kind::map; }
  constexpr bool is_fun() const noexcept { return kind() == Kind::fun; }

  // --- what is in it: nothing if it is of another kind ---

  constexpr std::optional<Atom> as_atom() const noexcept {
    if (!is_atom()) return std::nullopt;
    return Atom::from_index(static_cast<std::uint32_t>(body_));
  }
  constexpr std::optional<bool> as_bool() const noexcept {
    if (is_atom(atoms::true_)) return true;
    if (is_atom(atoms::false_)) return false;
    return std::nullopt;
  }
  constexpr std::optional<std::int64_t> as_integer() const noexcept {
    if (kind() != Kind::integer) return std::nullopt;
    return static_cast<std::int64_t>(body_);
  }
  // Also a big integer between 2^63 and 2^64.
  std::optional<std::uint64_t> as_unsigned() const noexcept;
  // Only of a big integer: what fits 64 bits is never one.
  std::optional<BigIntegerView> as_big_integer() const noexcept;
  constexpr std::optional<double> as_float() const noexcept {
    if (!is_float()) return std::nullopt;
    return std::bit_cast<double>(body_);
  }
  // Of any number, rounded; infinite where an integer is too big for a double.
  std::optional<double> as_number() const noexcept;
  constexpr std::optional<Pid> as_pid() const noexcept {
    if (!is_pid()) return std::nullopt;
    return Pid{packed_node(), static_cast<std::uint32_t>(head_ >> 32),
               static_cast<std::uint32_t>(body_), static_cast<std::uint32_t>(body_ >> 32)};
  }
  constexpr std::optional<Ref> as_ref() const noexcept {
    if (!is_ref()) return std::nullopt;
    return Ref{packed_node(), static_cast<std::uint32_t>(head_ >> 32), body_};
  }
  std::optional<Binary> as_binary() const;
  // Spans, views and pointers below live as long as this Term or a copy of it.
  std::string_view as_bytes() const noexcept;
  std::span<const Term> as_tuple() const noexcept;
  std::span<const Term> as_list() const noexcept;  // the elements, without the tail
  std::span<const MapEntry> as_map() const noexcept;
  const Fun* as_fun() const noexcept;

  // Of a tuple or list, from 0 (Erlang's element/2 counts from 1). REQUIRES: n < size().
  const Term& element(std::size_t n) const;
  // The rest after the last element: nil of a proper list and of anything that is no list.
  const Term& tail() const noexcept;
  // The value of a key of a map; nullptr if there is none.
  const Term* find(const Term& key) const noexcept;
  // Elements of a tuple or list, pairs of a map, bytes of a binary; else 0.
  std::size_t size() const noexcept;

  // Equal in every run and for every term that is exactly equal.
  std::uint64_t hash() const noexcept;

  // Exact equality, Erlang's =:=, so 1 is not 1.0.
  friend bool operator==(const Term& left, const Term& right) noexcept {
    if (left.head_ == right.head_ && left.body_ == right.body_) return true;
    if (left.kind() != right.kind()) return false;
    if (left.is_counted() || left.is_float()) return equal_contents(left, right);
    return false;
  }

 private:
  friend struct TermAccess;

  constexpr Term(Kind kind, std::uint64_t body) noexcept
      : head_(static_cast<std::uint64_t>(kind)), body_(body) {}
  static constexpr std::uint64_t pack_head(Kind kind, Atom node, std::uint32_t number) noexcept {
    static_assert(Atom::count_max <= 1 << 24);
    return static_cast<std::uint64_t>(kind) | std::uint64_t{node.index()} << 8 |
           std::uint64_t{number} << 32;
  }
  constexpr Atom packed_node() const noexcept {
    return Atom::from_index(static_cast<std::uint32_t>(head_ >> 8 & 0xffffff));
  }
  constexpr bool is_counted() const noexcept { return kind() >= Kind::big_integer; }
  detail::Cell* cell() const noexcept { return reinterpret_cast<detail::Cell*>(body_); }
  static Term from_unsigned(std::uint64_t value);
  static bool equal_contents(const Term& left, const Term& right) noexcept;

  // kind: 8 bits | node of a pid or ref: 24 | id of a pid, creation of a ref: 32
  std::uint64_t head_ = 0;
  // The atom's index, the number, the rest of a pid or ref, or the address of a cell.
  std::uint64_t body_ = 0;
};
static_assert(sizeof(Term) == 16, "a budget: terms are copied everywhere");

struct MapEntry {
  Term key;
  Term value;
};

// Erlang's order of terms: number < atom < reference < fun < pid < tuple < map < nil < list <
// binary. Numbers compare by value, so 1 and 1.0 are equivalent here. Never by address.
std::weak_ordering compare(const Term& left, const Term& right) noexcept;

// The same, but every integer is less than every float, at any depth: the order of the keys of a
// map, and the one in which only exactly equal terms are equal.
std::strong_ordering compare_exactly(const Term& left, const Term& right) noexcept;

struct TermLess {
  bool operator()(const Term& left, const Term& right) const noexcept {
    return compare_exactly(left, right) < 0;
  }
};

// --- making terms ---

constexpr Term nil() noexcept;
Term binary(std::string_view bytes);
Term tuple_of(std::vector<Term> elements);
Term list_of(std::vector<Term> elements);
// [e1,e2|tail]; a tail that is itself a list continues it.
Term list_with_tail(std::vector<Term> elements, const Term& tail);
// Of keys given twice the last value counts.
Term map_of(std::vector<MapEntry> entries);
// Leading zeros may be there; what fits 64 bits becomes an ordinary integer.
Term big_integer(BigIntegerView value);

namespace detail {

Term make_tuple(Term* elements, std::size_t count);
Term make_list(Term* elements, std::size_t count);
Term make_map(Term* keys_and_values, std::size_t count);

}  // namespace detail

template <std::convertible_to<Term>... Elements>
Term tuple(Elements&&... elements) {
  if constexpr (sizeof...(Elements) == 0) {
    return detail::make_tuple(nullptr, 0);
  } else {
    Term all[] = {Term(std::forward<Elements>(elements))...};
    return detail::make_tuple(all, sizeof...(Elements));
  }
}

template <std::convertible_to<Term>... Elements>
Term list(Elements&&... elements) {
  if constexpr (sizeof...(Elements) == 0) {
    return nil();
  } else {
    Term all[] = {Term(std::forward<Elements>(elements))...};
    return detail::make_list(all, sizeof...(Elements));
  }
}

template <std::convertible_to<Term>... KeysAndValues>
  requires(sizeof...(KeysAndValues) % 2 == 0)
Term map(KeysAndValues&&... keys_and_values) {
  if constexpr (sizeof...(KeysAndValues) == 0) {
    return detail::make_map(nullptr, 0);
  } else {
    Term all[] = {Term(std::forward<KeysAndValues>(keys_and_values))...};
    return detail::make_map(all, sizeof...(KeysAndValues));
  }
}

// What the functions of the term layer need of Term's inside.
struct TermAccess {
  static constexpr Term make(Kind kind, std::uint64_t body) noexcept { return Term(kind, body); }
  static Term make(Kind kind, detail::Cell* cell) noexcept {
    return Term(kind, reinterpret_cast<std::uint64_t>(cell));
  }
  static detail::Cell* cell(const Term& term) noexcept { return term.cell(); }
  static bool is_counted(const Term& term) noexcept { return term.is_counted(); }
  // The same bits, and therefore equal: a shared cell or one small value.
  static bool is_same(const Term& left, const Term& right) noexcept {
    return left.head_ == right.head_ && left.body_ == right.body_;
  }
  static detail::Cell* block(const Binary& bytes) noexcept { return bytes.block_; }
  static Binary whole(detail::Cell* block) noexcept {
    detail::retain(block);
    return Binary(block, block->bytes(), block->size);
  }
};

constexpr Term nil() noexcept {
  return TermAccess::make(Kind::nil, std::uint64_t{0});
}

}  // namespace glasshouse::runtime

template <>
struct std::hash<glasshouse::runtime::Term> {
  std::size_t operator()(const glasshouse::runtime::Term& term) const noexcept {
    return term.hash();
  }
};
