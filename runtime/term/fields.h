#pragma once

// The fields of an aggregate, without a macro and without a line in the user's struct: how many,
// which types, their values, and where the compiler can tell, their names. Pure functions.

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "runtime/term/type_name.h"

namespace glasshouse::runtime {

// A struct without constructors, private members or virtual functions; perhaps empty. What follows
// does not compile for one that has a base class or a raw array (std::array is well).
template <class T>
concept Aggregate = std::is_class_v<T> && std::is_aggregate_v<T>;

inline constexpr std::size_t fields_max = 16;

namespace detail {

// Becomes whatever a field wants to be made from. Never called.
struct AnyField {
  template <class T>
  operator T() const noexcept;
};
template <std::size_t>
using AnyFieldAt = AnyField;

template <class T, std::size_t... Is>
constexpr bool has_room_for(std::index_sequence<Is...>) {
  return requires {
    T{AnyFieldAt<Is>{}...};
  };
}

// From above, because too few initialisers may be wrong as well: a field without a default.
template <class T, std::size_t Count = fields_max + 1>
constexpr std::size_t count_fields() {
  if constexpr (Count == 0 || has_room_for<T>(std::make_index_sequence<Count>())) {
    return Count;
  } else {
    return count_fields<T, Count - 1>();
  }
}

}  // namespace detail

template <Aggregate T>
constexpr std::size_t field_count() {
  constexpr std::size_t count = detail::count_fields<T>();
  static_assert(count <= fields_max, "a message or state has at most 16 fields: nest structs");
  static_assert(count > 0 || std::is_empty_v<T>,
                "the fields of a struct with references are unknown");
  return count;
}

namespace detail {

template <std::size_t Count, class T, class Visit>
constexpr decltype(auto) visit_many_fields(T& value, Visit& visit) {
  if constexpr (Count == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i)>(a, b, c, d, e, f, g, h, i);
  } else if constexpr (Count == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i), decltype(j)>(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (Count == 11) {
    auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i), decltype(j), decltype(k)>(a, b, c, d, e, f, g,
                                                                                h, i, j, k);
  } else if constexpr (Count == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i), decltype(j), decltype(k), decltype(l)>(
        a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (Count == 13) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = value;
    return visit.template operator()<
        decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
        decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m)>(
        a, b, c, d, e, f, g, h, i, j, k, l, m);
  } else if constexpr (Count == 14) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = value;
    return visit.template operator()<
        decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f), decltype(g),
        decltype(h), decltype(i), decltype(j), decltype(k), decltype(l), decltype(m), decltype(n)>(
        a, b, c, d, e, f, g, h, i, j, k, l, m, n);
  } else if constexpr (Count == 15) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i), decltype(j), decltype(k), decltype(l),
               decltype(m), decltype(n), decltype(o)>(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
  } else if constexpr (Count == 16) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e), decltype(f),
               decltype(g), decltype(h), decltype(i), decltype(j), decltype(k), decltype(l),
               decltype(m), decltype(n), decltype(o), decltype(p)>(a, b, c, d, e, f, g, h, i, j, k,
                                                                   l, m, n, o, p);
  }
}

template <std::size_t Count, class T, class Visit>
constexpr decltype(auto) visit_few_fields(T& value, Visit& visit) {
  if constexpr (Count == 1) {
    auto& [a] = value;
    return visit.template operator()<decltype(a)>(a);
  } else if constexpr (Count == 2) {
    auto& [a, b] = value;
    return visit.template operator()<decltype(a), decltype(b)>(a, b);
  } else if constexpr (Count == 3) {
    auto& [a, b, c] = value;
    return visit.template operator()<decltype(a), decltype(b), decltype(c)>(a, b, c);
  } else if constexpr (Count == 4) {
    auto& [a, b, c, d] = value;
    return visit.template operator()<decltype(a), decltype(b), decltype(c), decltype(d)>(a, b, c,
                                                                                         d);
  } else if constexpr (Count == 5) {
    auto& [a, b, c, d, e] = value;
    return visit.template
    operator()<decltype(a), decltype(b), decltype(c), decltype(d), decltype(e)>(a, b, c, d, e);
  } else if constexpr (Count == 6) {
    auto& [a, b, c, d, e, f] = value;
    return visit.template operator()<decltype(a), decltype(b), decltype(c), decltype(d),
                                     decltype(e), decltype(f)>(a, b, c, d, e, f);
  } else if constexpr (Count == 7) {
    auto& [a, b, c, d, e, f, g] = value;
    return visit.template operator()<decltype(a), decltype(b), decltype(c), decltype(d),
                                     decltype(e), decltype(f), decltype(g)>(a, b, c, d, e, f, g);
  } else if constexpr (Count == 8) {
    auto& [a, b, c, d, e, f, g, h] = value;
    return visit.template operator()<decltype(a), decltype(b), decltype(c), decltype(d),
                                     decltype(e), decltype(f), decltype(g), decltype(h)>(
        a, b, c, d, e, f, g, h);
  }
}

}  // namespace detail

// Calls visit.template operator()<Types...>(fields...) with all fields at once; the types are as
// declared, so that a reference shows as one.
template <class T, class Visit>
  requires Aggregate<std::remove_const_t<T>>
constexpr decltype(auto) visit_fields(T& value, Visit&& visit) {
  constexpr std::size_t count = field_count<std::remove_const_t<T>>();
  if constexpr (count == 0) {
    return visit.template operator()<>();
  } else if constexpr (count <= 8) {
    return detail::visit_few_fields<count>(value, visit);
  } else {
    return detail::visit_many_fields<count>(value, visit);
  }
}

// Calls f(field) for each field in the order of declaration.
template <class T, class F>
  requires Aggregate<std::remove_const_t<T>>
constexpr void for_each_field(T& value, F&& f) {
  visit_fields(value, [&f]<class... Fields>(auto&... fields) { (f(fields), ...); });
}

template <class... Types>
struct TypeList {
  static constexpr std::size_t size = sizeof...(Types);
};

namespace detail {

struct ListTypes {
  template <class... Types, class... Fields>
  constexpr TypeList<Types...> operator()(Fields&...) const {
    return {};
  }
};

}  // namespace detail

// The declared types of the fields as a TypeList.
template <Aggregate T>
using FieldTypes = decltype(visit_fields(std::declval<T&>(), detail::ListTypes{}));

// --- names of fields ---

// Needs a compiler that takes the address of a member as a template argument: g++ since 11, clang++
// since 18. With older ones every name is empty.
#if defined(__clang__) && __clang_major__ < 18
inline constexpr bool field_names_known = false;
#else
inline constexpr bool field_names_known = true;
#endif

namespace detail {

template <class T>
struct Somewhere {
  T value;
};
// Never defined and never read: only addresses within it are named.
template <class T>
extern Somewhere<T> somewhere;

template <auto Member>
constexpr auto compiler_text_of_member() {
  return std::string_view(__PRETTY_FUNCTION__);
}

template <std::size_t I>
struct AddressOfField {
  template <class... Types, class First, class... Rest>
  constexpr auto operator()(First& first, Rest&... rest) const {
    if constexpr (I == 0) {
      return &first;
    } else {
      return AddressOfField<I - 1>{}(rest...);
    }
  }
};

// "(& somewhere<Get>.Somewhere<Get>::value.Get::key)" ends in the name.
template <Aggregate T, std::size_t I>
constexpr std::string_view find_field_name() {
  std::string_view text =
      compiler_text_of_member<visit_fields(somewhere<T>.value, AddressOfField<I>{})>();
  while (!text.empty() && !is_word(text.back()))
    text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_word(text[begin - 1]))
    --begin;
  return text.substr(begin);
}

template <Aggregate T, std::size_t I>
inline constexpr std::string_view field_name_storage = find_field_name<T, I>();

}  // namespace detail

// The name of field I as written in the source, or "" where field_names_known is false.
template <Aggregate T, std::size_t I>
  requires(I < field_count<T>())
constexpr std::string_view field_name() {
  if constexpr (field_names_known) {
    return detail::field_name_storage<T, I>;
  } else {
    return {};
  }
}

}  // namespace glasshouse::runtime
