#pragma once

// Which types may travel between processes, and the fingerprint of their layout. Compile time only.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/base/hash.h"
#include "runtime/base/time.h"
#include "runtime/term/fields.h"
#include "runtime/term/term.h"
#include "runtime/term/type_name.h"

namespace glasshouse::runtime {

// Specialise with true for a class that owns all it points to and that nobody else can reach after
// it was moved into a message: template <> constexpr bool sendable_by_choice<Image> = true;
// It may be move-only. Unless it also has a Conversion (convert.h) it shows as its name.
template <class T>
inline constexpr bool sendable_by_choice = false;

namespace detail {

// Types from elsewhere: what they are called in a fingerprint, and what they are made of.
template <class T>
struct Shape {
  static constexpr bool known = false;
};

template <class... PartTypes>
struct KnownShape {
  static constexpr bool known = true;
  using Parts = TypeList<PartTypes...>;
};

// clang-format off
template <> struct Shape<std::string> : KnownShape<> {
  static constexpr std::string_view name = "string"; };
template <> struct Shape<Atom> : KnownShape<> {
  static constexpr std::string_view name = "atom"; };
template <> struct Shape<Pid> : KnownShape<> {
  static constexpr std::string_view name = "pid"; };
template <> struct Shape<Ref> : KnownShape<> {
  static constexpr std::string_view name = "ref"; };
template <> struct Shape<Term> : KnownShape<> {
  static constexpr std::string_view name = "term"; };
template <> struct Shape<Binary> : KnownShape<> {
  static constexpr std::string_view name = "binary"; };
template <> struct Shape<Duration> : KnownShape<> {
  static constexpr std::string_view name = "duration"; };
template <> struct Shape<Instant> : KnownShape<> {
  static constexpr std::string_view name = "instant"; };
template <> struct Shape<std::monostate> : KnownShape<> {
  static constexpr std::string_view name = "monostate"; };
template <class T> struct Shape<std::optional<T>> : KnownShape<T> {
  static constexpr std::string_view name = "optional"; };
template <class T> struct Shape<std::vector<T>> : KnownShape<T> {
  static constexpr std::string_view name = "vector"; };
template <class T> struct Shape<std::set<T>> : KnownShape<T> {
  static constexpr std::string_view name = "set"; };
template <class T, std::size_t Size> struct Shape<std::array<T, Size>> : KnownShape<T> {
  static constexpr std::string_view name = "array"; };
template <class K, class V> struct Shape<std::map<K, V>> : KnownShape<K, V> {
  static constexpr std::string_view name = "map"; };
template <class A, class B> struct Shape<std::pair<A, B>> : KnownShape<A, B> {
  static constexpr std::string_view name = "tuple"; };
template <class... Ts> struct Shape<std::tuple<Ts...>> : KnownShape<Ts...> {
  static constexpr std::string_view name = "tuple"; };
template <class... Ts> struct Shape<std::variant<Ts...>> : KnownShape<Ts...> {
  static constexpr std::string_view name = "variant"; };
// clang-format on

template <class T>
concept Number = std::is_arithmetic_v<T> && sizeof(T) <= 8 && !std::is_volatile_v<T>;

// `Seen` are the types whose inside is being looked at: a tree contains trees.
template <class T, class... Seen>
constexpr bool is_sendable();

template <class... Seen, class... Parts>
constexpr bool are_sendable(TypeList<Parts...>) {
  return (is_sendable<Parts, Seen...>() && ...);
}

// False where the fields cannot be found: there is a reference, or too many of them.
template <class T>
constexpr bool has_fields() {
  if constexpr (Aggregate<T>) {
    constexpr std::size_t count = count_fields<T>();
    return count == 0 ? std::is_empty_v<T> : count <= fields_max;
  } else {
    return false;
  }
}

template <class T, class... Seen>
constexpr bool is_sendable() {
  if constexpr (std::is_const_v<T>) {
    return is_sendable<std::remove_const_t<T>, Seen...>();
  } else if constexpr ((std::same_as<T, Seen> || ...) || sendable_by_choice<T>) {
    return true;
  } else if constexpr (Shape<T>::known) {
    return are_sendable<Seen..., T>(typename Shape<T>::Parts{});
  } else if constexpr (has_fields<T>()) {
    return are_sendable<Seen..., T>(FieldTypes<T>{});
  } else {
    return Number<T> || std::is_enum_v<T>;
  }
}

template <class T, class... Seen>
constexpr std::uint64_t fingerprint_of();

template <class... Seen, class... Parts>
constexpr std::uint64_t fingerprint_of_parts(std::uint64_t hash, TypeList<Parts...>) {
  ((hash = hash_combine(hash, fingerprint_of<std::remove_const_t<Parts>, Seen...>())), ...);
  return hash_combine(hash, sizeof...(Parts));
}

template <class T>
constexpr std::uint64_t fingerprint_of_enum() {
  std::uint64_t hash = hash_combine(fnv1a(type_name<T>()), sizeof(T));
  if constexpr (FixedRange<T>) {
    for (const std::string_view name : enumerator_names<T>)
      hash = hash_combine(hash, fnv1a(name));
  }
  return hash;
}

template <class T, class... Seen>
constexpr std::uint64_t fingerprint_of() {
  if constexpr ((std::same_as<T, Seen> || ...)) {
    return hash_combine(fnv1a("again"), fnv1a(type_name<T>()));
  } else if constexpr (std::is_enum_v<T>) {
    return fingerprint_of_enum<T>();
  } else if constexpr (Shape<T>::known) {
    // Of an array the size counts, and its name has it.
    constexpr bool counts = Aggregate<T> && !std::is_empty_v<T> && Shape<T>::name == "array";
    const std::uint64_t name = fnv1a(counts ? type_name<T>() : Shape<T>::name);
    return fingerprint_of_parts<Seen..., T>(name, typename Shape<T>::Parts{});
  } else if constexpr (Aggregate<T> && !sendable_by_choice<T>) {
    return fingerprint_of_parts<Seen..., T>(fnv1a(type_name<T>()), FieldTypes<T>{});
  } else {
    return fnv1a(type_name<T>());
  }
}

}  // namespace detail

// Values that may be sent: they share nothing mutable with anybody. Numbers, enums, std::string,
// Atom, Pid, Ref, Term, Binary, Duration, Instant; optional, vector, array, set, map, pair, tuple
// and variant of Sendables; aggregates of Sendables. Never pointers, references or views.
template <class T>
concept Sendable = detail::is_sendable<T>() && std::is_move_constructible_v<T>;

// Equal for two types exactly if they have the same name and the same types of fields, all the way
// down (the names of fields do not count), in every build by every compiler.
template <class T>
constexpr std::uint64_t schema_fingerprint() {
  return detail::fingerprint_of<std::remove_cv_t<T>>();
}

}  // namespace glasshouse::runtime
