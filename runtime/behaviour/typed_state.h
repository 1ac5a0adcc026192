#pragma once
// A typed state out of a Term, for sys::replace_state. Pure functions.
//
// The opposite of state_term (term/convert.h): of an aggregate a map from the names of fields to
// their values, where those not named stay as they are; or what from_term reads.

#include <optional>
#include <tuple>
#include <utility>

#include "runtime/process/process.h"
#include "runtime/term/convert.h"

namespace glasshouse::runtime {

namespace detail {

[[noreturn]] inline void refuse_state(const Error& error) {
  throw ExitException(tuple(Term(Atom("bad_state")), binary(error.what)));
}

template <class T>
T value_of(const Term& term) {
  auto value = from_term<T>(term);
  if (!value.ok()) refuse_state(value.error());
  return std::move(value).value();
}

template <class T>
std::optional<T> field_of(const Term& fields, const Term& key, std::size_t& found) {
  const Term* value = fields.find(key);
  if (value == nullptr) return std::nullopt;
  ++found;
  return value_of<T>(*value);
}

template <class T, class... Types, std::size_t... Is>
void replace_fields(T&, const Term& wanted, std::index_sequence<Is...>, Types&... fields) {
  std::size_t found = 0;
  // All are read before the first is written: a failure changes nothing.
  std::tuple<std::optional<Types>...> values{
      field_of<Types>(wanted, detail::field_key<T, Is>(), found)...};
  if (found != wanted.size()) refuse_state(Error("the map names a field that there is not"));
  ((std::get<Is>(values) ? void(fields = std::move(*std::get<Is>(values))) : void()), ...);
}

}  // namespace detail

// Throws {bad_state, Text}, and changes nothing, where the Term does not fit.
template <class T>
void replace_typed_state(T& state, const Term& wanted) {
  if constexpr (detail::Record<T> && !HasConversion<T>) {
    if (wanted.is_map()) {
      visit_fields(state, [&]<class... Types>(auto&... fields) {
        detail::replace_fields(state, wanted, std::index_sequence_for<Types...>(), fields...);
      });
      return;
    }
  }
  state = detail::value_of<T>(wanted);
}

}  // namespace glasshouse::runtime
