#pragma once

// Typed values to Terms and back, and digests of them, without a line in the user's type.
// Pure functions.
//
//   TransferFunds{700, "alice"}   {transfer_funds,700,<<"alice">>}
//   Ping{}                        ping
//   enum: its enumerator as an atom, else its number; std::string: a binary; vector, array, set: a
//   list; map: a map; optional: undefined or the value; pair, tuple: a tuple; variant: what it
//   holds; bool: true or false; Duration, Instant: nanoseconds, infinity if infinite.

#include <limits>
#include <string>

#include "runtime/base/result.h"
#include "runtime/term/fields.h"
#include "runtime/term/sendable.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

// Specialise to convert a type in another way:
//   template <> struct Conversion<Image> {
//     static Term to_term(const Image&);
//     static Result<Image> from_term(const Term&);
//   };
template <class T>
struct Conversion;

template <class T>
concept HasConversion = requires(const T& value, const Term& term) {
  { Conversion<T>::to_term(value) } -> std::same_as<Term>;
  { Conversion<T>::from_term(term) } -> std::same_as<Result<T>>;
};

template <class T>
Term to_term(const T& value);

// The error names what was expected and what was there, down to the field.
template <class T>
Result<T> from_term(const Term& term);

// A hash of the fields, never of padding, and without making a Term: equal in every run, build and
// compiler for equal values.
template <class T>
std::uint64_t digest_of(const T& value);

// What the observer shows of a state: of an aggregate a map from the names of its fields (field_1
// and so on where field_names_known is false), of anything else its term.
template <class T>
Term state_term(const T& value);

// --- how ---

namespace detail {

// "expected a pid, got [1,2]".
Error expected(const std::string& what, const Term& got);
Error expected_integer(std::int64_t least, std::uint64_t most, const Term& got);
// "field 2 (owner) of transfer_funds: expected a pid, got [1,2]".
Error in_field(std::size_t index, std::string_view field, std::string_view type, Error error);
Error in_element(std::size_t index, Error error);
Term term_of_duration(Duration duration);
Result<Duration> duration_of(const Term& term);
std::uint64_t digest_of_float(double value);

template <class T>
inline constexpr bool is_sequence = false;
template <class T>
inline constexpr bool is_sequence<std::vector<T>> = true;
template <class T>
inline constexpr bool is_sequence<std::set<T>> = true;
template <class T, std::size_t Size>
inline constexpr bool is_sequence<std::array<T, Size>> = true;

template <class T>
inline constexpr bool is_array = false;
template <class T, std::size_t Size>
inline constexpr bool is_array<std::array<T, Size>> = true;

template <class T>
inline constexpr bool is_map = false;
template <class K, class V>
inline constexpr bool is_map<std::map<K, V>> = true;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_product = false;
template <class A, class B>
inline constexpr bool is_product<std::pair<A, B>> = true;
template <class... Ts>
inline constexpr bool is_product<std::tuple<Ts...>> = true;

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;

// An aggregate that is converted by its fields.
template <class T>
concept Record = Aggregate<T> && !Shape<T>::known && !sendable_by_choice<T>;

// Made of Terms as it is.
template <class T>
concept Plain = std::same_as<T, Term> || std::same_as<T, Atom> || std::same_as<T, Pid> ||
    std::same_as<T, Ref> || std::same_as<T, Binary>;

template <class E>
Term enum_to_term(E value) {
  const std::string_view name = enumerator_name(value);
  if (!name.empty()) return Atom(name);
  return to_term(static_cast<std::underlying_type_t<E>>(value));
}

template <class T>
Term record_to_term(const T& value) {
  static const Atom tag(type_name<T>());
  return visit_fields(value, []<class... Types>(const auto&... fields) {
    if constexpr (sizeof...(Types) == 0) {
      return Term(tag);
    } else {
      return tuple(tag, to_term(fields)...);
    }
  });
}

template <class T>
Term sequence_to_term(const T& values) {
  std::vector<Term> elements;
  elements.reserve(values.size());
  for (const auto& value : values)
    elements.push_back(to_term(value));
  return list_of(std::move(elements));
}

template <class T>
Term map_to_term(const T& values) {
  std::vector<MapEntry> entries;
  entries.reserve(values.size());
  for (const auto& [key, value] : values)
    entries.push_back({to_term(key), to_term(value)});
  return map_of(std::move(entries));
}

}  // namespace detail

template <class T>
Term to_term(const T& value) {
  if constexpr (HasConversion<T>) {
    return Conversion<T>::to_term(value);
  } else if constexpr (detail::Plain<T> || std::same_as<T, bool>) {
    return Term(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return Term(static_cast<double>(value));
  } else if constexpr (std::same_as<T, std::byte>) {
    return Term(std::to_integer<int>(value));
  } else if constexpr (std::is_integral_v<T>) {
    using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    return Term(static_cast<Wide>(value));
  } else if constexpr (std::is_enum_v<T>) {
    return detail::enum_to_term(value);
  } else if constexpr (std::same_as<T, std::string>) {
    return binary(value);
  } else if constexpr (std::same_as<T, Duration>) {
    return detail::term_of_duration(value);
  } else if constexpr (std::same_as<T, Instant>) {
    return detail::term_of_duration(value.since_origin());
  } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
    return Term(Binary(value));
  } else if constexpr (detail::is_sequence<T>) {
    return detail::sequence_to_term(value);
  } else if constexpr (detail::is_map<T>) {
    return detail::map_to_term(value);
  } else if constexpr (detail::is_optional<T>) {
    return value ? to_term(*value) : Term(atoms::undefined);
  } else if constexpr (detail::is_product<T>) {
    return std::apply([](const auto&... parts) { return tuple(to_term(parts)...); }, value);
  } else if constexpr (detail::is_variant<T>) {
    return std::visit([](const auto& held) { return to_term(held); }, value);
  } else if constexpr (std::same_as<T, std::monostate>) {
    return Term(atoms::undefined);
  } else if constexpr (detail::Record<T>) {
    return detail::record_to_term(value);
  } else {
    static_assert(sendable_by_choice<T>, "this type has no conversion to a Term");
    return Term(Atom(type_name<T>()));
  }
}

namespace detail {

template <class T>
Result<T> integer_from_term(const Term& term) {
  constexpr auto least = std::numeric_limits<T>::min();
  constexpr auto most = std::numeric_limits<T>::max();
  if (const auto small = term.as_integer()) {
    if (std::in_range<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(
            *small) &&
        (*small < 0 ? *small >= static_cast<std::int64_t>(least)
                    : static_cast<std::uint64_t>(*small) <= static_cast<std::uint64_t>(most))) {
      return static_cast<T>(*small);
    }
  } else if (const auto large = term.as_unsigned();
             large && *large <= static_cast<std::uint64_t>(most)) {
    return static_cast<T>(*large);
  }
  return expected_integer(static_cast<std::int64_t>(least), static_cast<std::uint64_t>(most), term);
}

template <class E>
Result<E> enum_from_term(const Term& term) {
  if (const auto atom = term.as_atom()) {
    if constexpr (FixedRange<E>) {
      for (std::size_t i = 0; i < enumerators_max; ++i) {
        const std::string_view name = enumerator_names<E>[i];
        if (!name.empty() && name == atom->text()) return static_cast<E>(i);
      }
    }
    return expected("a " + std::string(type_name<E>()), term);
  }
  auto number = from_term<std::underlying_type_t<E>>(term);
  if (!number.ok()) return expected("a " + std::string(type_name<E>()), term);
  return static_cast<E>(*number);
}

// The first error among the results of the fields, with its place.
template <class T, class Results, std::size_t... Is>
std::optional<Error> first_field_error(const Results& results, std::index_sequence<Is...>) {
  std::optional<Error> error;
  const auto look = [&error](std::size_t index, std::string_view name, const auto& result) {
    if (!result.ok() && !error) error = in_field(index, name, type_name<T>(), result.error());
  };
  (look(Is, field_name<T, Is>(), std::get<Is>(results)), ...);
  return error;
}

template <class T, class... Fields, std::size_t... Is>
Result<T> record_of(TypeList<Fields...>, std::index_sequence<Is...> indexes, const Term& term) {
  const auto elements = term.as_tuple().subspan(1);
  std::tuple<Result<std::remove_const_t<Fields>>...> results{
      from_term<std::remove_const_t<Fields>>(elements[Is])...};
  if (auto error = first_field_error<T>(results, indexes)) return *std::move(error);
  return T{std::move(std::get<Is>(results)).value()...};
}

template <class T>
Result<T> record_from_term(const Term& term) {
  static const Atom tag(type_name<T>());
  constexpr std::size_t count = field_count<T>();
  if constexpr (count == 0) {
    if (!term.is_atom(tag)) return expected(std::string(tag.text()), term);
    return T{};
  } else {
    if (!term.is_tuple(tag, count + 1)) {
      return expected("{" + std::string(tag.text()) + ", ...} with " + std::to_string(count) +
                          (count == 1 ? " field" : " fields"),
                      term);
    }
    return record_of<T>(FieldTypes<T>{}, std::make_index_sequence<count>(), term);
  }
}

template <class T>
Result<T> sequence_from_term(const Term& term) {
  if (!term.is_proper_list()) return expected("a list", term);
  T values{};
  const auto elements = term.as_list();
  if constexpr (is_array<T>) {
    if (elements.size() != values.size()) {
      return expected("a list of " + std::to_string(values.size()), term);
    }
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto value = from_term<typename T::value_type>(elements[i]);
    if (!value.ok()) return in_element(i, std::move(value).error());
    if constexpr (is_array<T>) {
      values[i] = std::move(value).value();
    } else {
      values.insert(values.end(), std::move(value).value());
    }
  }
  return values;
}

template <class T>
Result<T> map_from_term(const Term& term) {
  if (!term.is_map()) return expected("a map", term);
  T values;
  for (const MapEntry& entry : term.as_map()) {
    auto key = from_term<typename T::key_type>(entry.key);
    if (!key.ok()) return std::move(key).error();
    auto value = from_term<typename T::mapped_type>(entry.value);
    if (!value.ok()) return std::move(value).error();
    values.emplace(std::move(key).value(), std::move(value).value());
  }
  return values;
}

template <class T, std::size_t... Is>
Result<T> product_from_term(std::index_sequence<Is...>, const Term& term) {
  const auto elements = term.as_tuple();
  if (!term.is_tuple() || elements.size() != sizeof...(Is)) {
    return expected("a tuple of " + std::to_string(sizeof...(Is)), term);
  }
  std::tuple<Result<std::tuple_element_t<Is, T>>...> results{
      from_term<std::tuple_element_t<Is, T>>(elements[Is])...};
  std::optional<Error> error;
  const auto look = [&error](std::size_t index, const auto& result) {
    if (!result.ok() && !error) error = in_element(index, result.error());
  };
  (look(Is, std::get<Is>(results)), ...);
  if (error) return *std::move(error);
  return T(std::move(std::get<Is>(results)).value()...);
}

// The first alternative that the term fits.
template <class T, std::size_t I = 0>
Result<T> variant_from_term(const Term& term) {
  if constexpr (I == std::variant_size_v<T>) {
    return expected("one of " + std::to_string(I) + " alternatives", term);
  } else {
    auto value = from_term<std::variant_alternative_t<I, T>>(term);
    if (value.ok()) return T(std::in_place_index<I>, std::move(value).value());
    return variant_from_term<T, I + 1>(term);
  }
}

template <class T>
Result<T> plain_from_term(const Term& term) {
  if constexpr (std::same_as<T, Term>) return term;
  if constexpr (std::same_as<T, Atom>) {
    if (const auto atom = term.as_atom()) return *atom;
    return expected("an atom", term);
  }
  if constexpr (std::same_as<T, Pid>) {
    if (const auto pid = term.as_pid()) return *pid;
    return expected("a pid", term);
  }
  if constexpr (std::same_as<T, Ref>) {
    if (const auto ref = term.as_ref()) return *ref;
    return expected("a reference", term);
  }
  if constexpr (std::same_as<T, Binary>) {
    if (const auto bytes = term.as_binary()) return *bytes;
    return expected("a binary", term);
  }
}

}  // namespace detail

template <class T>
Result<T> from_term(const Term& term) {
  if constexpr (HasConversion<T>) {
    return Conversion<T>::from_term(term);
  } else if constexpr (detail::Plain<T>) {
    return detail::plain_from_term<T>(term);
  } else if constexpr (std::same_as<T, bool>) {
    if (const auto truth = term.as_bool()) return *truth;
    return detail::expected("true or false", term);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (const auto number = term.as_number()) return static_cast<T>(*number);
    return detail::expected("a number", term);
  } else if constexpr (std::is_integral_v<T>) {
    return detail::integer_from_term<T>(term);
  } else if constexpr (std::is_enum_v<T>) {
    return detail::enum_from_term<T>(term);
  } else if constexpr (std::same_as<T, std::string>) {
    if (term.is_binary()) return std::string(term.as_bytes());
    return detail::expected("a binary", term);
  } else if constexpr (std::same_as<T, Duration>) {
    return detail::duration_of(term);
  } else if constexpr (std::same_as<T, Instant>) {
    auto since_origin = detail::duration_of(term);
    if (!since_origin.ok()) return std::move(since_origin).error();
    return Instant::at(*since_origin);
  } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
    const auto bytes = term.as_binary();
    if (!bytes) return detail::expected("a binary", term);
    return T(bytes->bytes().begin(), bytes->bytes().end());
  } else if constexpr (detail::is_sequence<T>) {
    return detail::sequence_from_term<T>(term);
  } else if constexpr (detail::is_map<T>) {
    return detail::map_from_term<T>(term);
  } else if constexpr (detail::is_optional<T>) {
    if (term.is_undefined()) return T();
    auto value = from_term<typename T::value_type>(term);
    if (!value.ok()) return std::move(value).error();
    return T(std::move(value).value());
  } else if constexpr (detail::is_product<T>) {
    return detail::product_from_term<T>(std::make_index_sequence<std::tuple_size_v<T>>(), term);
  } else if constexpr (detail::is_variant<T>) {
    return detail::variant_from_term<T>(term);
  } else if constexpr (std::same_as<T, std::monostate>) {
    if (term.is_undefined()) return T();
    return detail::expected("undefined", term);
  } else if constexpr (detail::Record<T>) {
    return detail::record_from_term<T>(term);
  } else {
    static_assert(sendable_by_choice<T>, "this type has no conversion from a Term");
    return Error(std::string(type_name<T>()) + " cannot be made from a term");
  }
}

template <class T>
std::uint64_t digest_of(const T& value) {
  if constexpr (HasConversion<T>) {
    return Conversion<T>::to_term(value).hash();
  } else if constexpr (detail::Plain<T>) {
    return value.hash();
  } else if constexpr (std::is_floating_point_v<T>) {
    return detail::digest_of_float(static_cast<double>(value));
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return static_cast<std::uint64_t>(value);
  } else if constexpr (std::same_as<T, std::string>) {
    return hash_bytes(value);
  } else if constexpr (std::same_as<T, Duration> || std::same_as<T, Instant>) {
    return static_cast<std::uint64_t>(value.nanoseconds());
  } else if constexpr (std::same_as<T, std::vector<std::byte>>) {
    return hash_bytes(std::span<const std::byte>(value));
  } else if constexpr (detail::is_sequence<T>) {
    std::uint64_t digest = mix(value.size());
    for (const auto& element : value)
      digest = hash_combine(digest, digest_of(element));
    return digest;
  } else if constexpr (detail::is_map<T>) {
    std::uint64_t digest = mix(value.size());
    for (const auto& [key, mapped] : value) {
      digest = hash_combine(hash_combine(digest, digest_of(key)), digest_of(mapped));
    }
    return digest;
  } else if constexpr (detail::is_optional<T>) {
    return value ? hash_combine(1, digest_of(*value)) : mix(0);
  } else if constexpr (detail::is_product<T>) {
    std::uint64_t digest = mix(std::tuple_size_v<T>);
    std::apply([&](const auto&... p) { ((digest = hash_combine(digest, digest_of(p))), ...); },
               value);
    return digest;
  } else if constexpr (detail::is_variant<T>) {
    return hash_combine(value.index(),
                        std::visit([](const auto& v) { return digest_of(v); }, value));
  } else if constexpr (detail::Record<T>) {
    constexpr std::uint64_t name = fnv1a(type_name<T>());
    std::uint64_t digest = name;
    for_each_field(value,
                   [&](const auto& field) { digest = hash_combine(digest, digest_of(field)); });
    return digest;
  } else {
    constexpr std::uint64_t name = fnv1a(type_name<T>());
    return name;
  }
}

namespace detail {

template <class T, std::size_t I>
Atom field_key() {
  constexpr std::string_view name = field_name<T, I>();
  static const Atom key(name.empty() ? "field_" + std::to_string(I + 1) : std::string(name));
  return key;
}

}  // namespace detail

template <class T>
Term state_term(const T& value) {
  if constexpr (detail::Record<T> && !HasConversion<T>) {
    std::vector<MapEntry> entries;
    visit_fields(value, [&entries]<class... Types>(const auto&... fields) {
      [&]<std::size_t... Is>(std::index_sequence<Is...>) {
        (entries.push_back({detail::field_key<T, Is>(), to_term(fields)}), ...);
      }
      (std::index_sequence_for<Types...>());
    });
    return map_of(std::move(entries));
  } else {
    return to_term(value);
  }
}

}  // namespace glasshouse::runtime
