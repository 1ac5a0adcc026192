#pragma once

// The names of types and enumerators at compile time, taken from what the compiler calls them and
// made equal on all compilers: TransferFunds is "transfer_funds", whatever namespace it is in.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace glasshouse::runtime {

namespace detail {

template <class T>
constexpr auto compiler_text_of_type() {
  return std::string_view(__PRETTY_FUNCTION__);
}
template <auto Value>
constexpr auto compiler_text_of_value() {
  return std::string_view(__PRETTY_FUNCTION__);
}

// "... [with T = bank::Transfer]" of g++, "... [T = bank::Transfer]" of clang++.
constexpr std::string_view argument_in(std::string_view text) {
  const std::size_t begin = text.find(" = ") + 3;
  return text.substr(begin, text.rfind(']') - begin);
}

// A text that grows at compile time (std::string cannot, with the compilers we support). What does
// not fit is cut.
struct NameText {
  static constexpr std::size_t size_max = 250;
  char characters[size_max] = {};
  std::size_t size = 0;

  constexpr NameText() = default;
  constexpr NameText(std::string_view text) { *this += text; }
  constexpr NameText& operator+=(char c) {
    if (size < size_max) characters[size++] = c;
    return *this;
  }
  constexpr NameText& operator+=(std::string_view text) {
    for (const char c : text)
      *this += c;
    return *this;
  }
  constexpr std::string_view view() const { return {characters, size}; }
};

constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_word(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c) || c == '_';
}

// What follows the last "::" that is not within brackets.
constexpr std::string_view without_namespaces(std::string_view name) {
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '<' || c == '(' || c == '{') ++depth;
    if (c == '>' || c == ')' || c == '}') --depth;
    if (depth == 0 && c == ':') begin = i + 1;
  }
  return name.substr(begin);
}

// HTTPServer2 becomes http_server2. What cannot stand in a plain atom becomes one underscore.
constexpr NameText snake_case(std::string_view name) {
  NameText snake;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!is_word(c)) {
      if (snake.size > 0 && !snake.view().ends_with('_') && i + 1 < name.size()) snake += '_';
      continue;
    }
    const bool after_word = i > 0 && (is_lower(name[i - 1]) || is_digit(name[i - 1]));
    const bool ends_capitals =
        i > 0 && is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
    if (is_upper(c) && (after_word || ends_capitals)) snake += '_';
    snake += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return snake;
}

// Template arguments that nobody writes.
template <class T>
constexpr bool is_usual_argument(std::string_view name = argument_in(compiler_text_of_type<T>())) {
  return name.starts_with("std::allocator<") || name.starts_with("std::less<") ||
         name.starts_with("std::char_traits<");
}

template <class T>
struct NameOf;

template <class T>
constexpr void add_argument(NameText& name) {
  if (is_usual_argument<T>()) return;
  name += '_';
  name += NameOf<T>::text().view();
}

template <class T>
struct NameOf {
  static constexpr NameText text() {
    return snake_case(without_namespaces(argument_in(compiler_text_of_type<T>())));
  }
};

// Box<Coin> is box_coin.
template <template <class...> class Template, class... Arguments>
struct NameOf<Template<Arguments...>> {
  static constexpr NameText text() {
    const auto whole =
        without_namespaces(argument_in(compiler_text_of_type<Template<Arguments...>>()));
    NameText name = snake_case(whole.substr(0, whole.find('<')));
    (add_argument<Arguments>(name), ...);
    return name;
  }
};

template <class T, std::size_t Size>
struct NameOf<std::array<T, Size>> {
  static constexpr NameText text() {
    NameText name("array");
    add_argument<T>(name);
    name += '_';
    std::size_t unit = 1;
    while (Size / unit >= 10)
      unit *= 10;
    for (; unit > 0; unit /= 10)
      name += static_cast<char>('0' + Size / unit % 10);
    return name;
  }
};

template <>
struct NameOf<std::string> {
  static constexpr NameText text() { return NameText("string"); }
};

// `long` and `long long` are the same to us where they have the same size.
template <class T>
  requires std::is_arithmetic_v<T>
struct NameOf<T> {
  static constexpr NameText text() {
    if constexpr (std::same_as<T, bool>) return NameText("bool");
    if constexpr (std::is_floating_point_v<T>) return NameText(sizeof(T) == 4 ? "float" : "double");
    NameText name(std::is_signed_v<T> ? "int" : "uint");
    name += sizeof(T) == 1 ? "8" : sizeof(T) == 2 ? "16" : sizeof(T) == 4 ? "32" : "64";
    return name;
  }
};

template <class T>
constexpr auto make_type_name() {
  constexpr NameText text = NameOf<T>::text();
  std::array<char, text.size> characters{};
  for (std::size_t i = 0; i < text.size; ++i)
    characters[i] = text.characters[i];
  return characters;
}

template <class T>
inline constexpr auto type_name_storage = make_type_name<T>();

// Empty for a value that has no enumerator: the compiler writes "(bank::Colour)7".
template <auto Value>
constexpr std::string_view find_enumerator_name() {
  std::string_view text = argument_in(compiler_text_of_value<Value>());
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    text = text.substr(colon + 1);
  }
  if (text.empty() || is_digit(text[0])) return {};
  for (const char c : text) {
    if (!is_word(c)) return {};
  }
  return text;
}

// Enumerators from 0 to one less than this have names.
inline constexpr std::size_t enumerators_max = 64;

template <class E>
concept FixedRange = requires {
  E{0};
};

template <class E, std::size_t... Values>
constexpr std::array<std::string_view, sizeof...(Values)> enumerator_names_of(
    std::index_sequence<Values...>) {
  return {find_enumerator_name<static_cast<E>(Values)>()...};
}

template <class E>
inline constexpr auto enumerator_names =
    enumerator_names_of<E>(std::make_index_sequence<enumerators_max>());

}  // namespace detail

// In snake_case, without namespaces: Transfer -> "transfer", Box<Coin> -> "box_coin",
// std::int64_t -> "int64", std::vector<Coin> -> "vector_coin".
template <class T>
constexpr std::string_view type_name() {
  const auto& storage = detail::type_name_storage<std::remove_cv_t<T>>;
  return {storage.data(), storage.size()};
}

// As written in the source. Empty for a value without an enumerator, for values below 0 or above
// 63, which are not looked for, and in an old enum without a class or an underlying type, whose
// other values are undefined.
template <class E>
  requires std::is_enum_v<E>
constexpr std::string_view enumerator_name(E value) {
  if constexpr (!detail::FixedRange<E>) {
    return {};
  } else {
    // A negative number is a large one here.
    const auto number = static_cast<std::uint64_t>(static_cast<std::underlying_type_t<E>>(value));
    return number < detail::enumerators_max ? detail::enumerator_names<E>[number]
                                            : std::string_view();
  }
}

}  // namespace glasshouse::runtime
