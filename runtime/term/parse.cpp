#include "runtime/term/parse.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "runtime/term/text.h"

namespace glasshouse::runtime {
namespace {

using detail::next_character;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

// The value of a digit of any base up to 36; 99 if it is none.
constexpr unsigned digit_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (is_small(c)) return static_cast<unsigned>(c - 'a') + 10;
  if (is_capital(c)) return static_cast<unsigned>(c - 'A') + 10;
  return 99;
}

// An integer that grows digit by digit.
class Accumulator {
 public:
  void add(unsigned base, unsigned digit) {
    unsigned carry = digit;
    for (std::uint8_t& byte : magnitude_) {
      carry += byte * base;
      byte = static_cast<std::uint8_t>(carry);
      carry >>= 8;
    }
    if (carry != 0) magnitude_.push_back(static_cast<std::uint8_t>(carry));
  }
  Term term(bool negative) const {
    return big_integer({.negative = negative, .magnitude = magnitude_});
  }
  // The value if it is at most that.
  std::optional<std::uint32_t> at_most(std::uint32_t most) const {
    const auto value = term(false).as_integer();
    if (!value || *value > most) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
  }

 private:
  std::vector<std::uint8_t> magnitude_;
};

// Every function that reads returns false after having noted the first error; then all return
// quickly, and the place is where it was noted.
class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options)
      : text_(text), rest_(text), options_(options) {}

  Result<Term> parse() {
    if (!check_utf8()) return error();
    Term term;
    if (!read(term, 0)) return error();
    skip_space();
    if (rest_.starts_with('.')) rest_.remove_prefix(1);
    skip_space();
    if (rest_.empty()) return term;
    fail("expected the end of the term");
    return error();
  }

 private:
  // --- errors and space ---

  bool fail(std::string what) {
    if (what_.empty()) what_ = std::move(what);
    return false;
  }

  Error error() const {
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char c : text_.substr(0, text_.size() - rest_.size())) {
      ++column;
      if (c == '\n') {
        ++line;
        column = 1;
      }
    }
    return Error(std::to_string(line) + ":" + std::to_string(column) + ": " + what_, "badarg");
  }

  void skip_space() {
    while (!rest_.empty()) {
      if (rest_[0] == '%') {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (rest_[0] == ' ' || (rest_[0] >= '\t' && rest_[0] <= '\r')) {
        rest_.remove_prefix(1);
      } else {
        return;
      }
    }
  }

  // Skips space, then takes the token if it is next.
  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  char peek(std::size_t ahead = 0) const { return ahead < rest_.size() ? rest_[ahead] : '\0'; }

  bool check_utf8() {
    while (!rest_.empty()) {
      const std::string_view before = rest_;
      const bool plain = static_cast<unsigned char>(rest_[0]) < 0x80;
      next_character(rest_);
      if (plain || before.size() - rest_.size() > 1) continue;
      rest_ = before;
      return fail("a byte that is no UTF-8");
    }
    rest_ = text_;
    return true;
  }

  // --- terms ---

  bool read(Term& out, std::size_t depth) {
    skip_space();
    if (rest_.empty()) return fail("expected a term, found the end");
    if (++terms_ > options_.terms_max) return fail("more terms than are allowed");
    if (depth > options_.depth_max) return fail("nested more deeply than is allowed");
    const char c = rest_[0];
    if (is_digit(c) || c == '-' || c == '+' || c == '$') return read_number(out);
    if (c == '\'') return read_quoted_atom(out);
    if (c == '"') return read_string(out);
    if (take("<<")) return read_binary(out);
    if (take("{")) return read_tuple(out, depth + 1);
    if (take("[")) return read_list(out, depth + 1);
    if (take("#{")) return read_map(out, depth + 1);
    if (take("#Ref<")) return read_ref(out);
    if (take("<")) return read_pid(out);
    return read_atom(out);
  }

  // Elements up to, not including, what ends them.
  bool read_elements(std::vector<Term>& out, std::size_t depth) {
    do {
      Term element;
      if (!read(element, depth)) return false;
      out.push_back(std::move(element));
    } while (take(","));
    return true;
  }

  bool read_tuple(Term& out, std::size_t depth) {
    std::vector<Term> elements;
    if (!take("}")) {
      if (!read_elements(elements, depth)) return false;
      if (!take("}")) return fail("expected ',' or '}'");
    }
    out = tuple_of(std::move(elements));
    return true;
  }

  bool read_list(Term& out, std::size_t depth) {
    std::vector<Term> elements;
    Term tail = nil();
    if (!take("]")) {
      if (!read_elements(elements, depth)) return false;
      if (take("|") && !read(tail, depth)) return false;
      if (!take("]")) return fail("expected ',', '|' or ']'");
    }
    out = list_with_tail(std::move(elements), tail);
    return true;
  }

  bool read_map(Term& out, std::size_t depth) {
    std::vector<MapEntry> entries;
    if (!take("}")) {
      do {
        MapEntry entry;
        if (!read(entry.key, depth)) return false;
        if (!take("=>")) return fail("expected '=>'");
        if (!read(entry.value, depth)) return false;
        entries.push_back(std::move(entry));
      } while (take(","));
      if (!take("}")) return fail("expected ',' or '}'");
    }
    out = map_of(std::move(entries));
    return true;
  }

  // --- numbers ---

  bool read_number(Term& out) {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') rest_.remove_prefix(1);
    if (peek() == '$') return read_character(out, negative);
    if (!is_digit(peek())) return fail("expected a digit");
    if (const auto length = float_length()) return read_float(out, negative, *length);
    Accumulator value;
    if (!read_digits(value, 10)) return false;
    if (peek() == '#') {
      const auto base = value.at_most(36);
      if (!base || *base < 2) return fail("a base is between 2 and 36");
      rest_.remove_prefix(1);
      value = Accumulator();
      if (digit_value(peek()) >= *base)
        return fail("expected a digit of base " + std::to_string(*base));
      if (!read_digits(value, *base)) return false;
    }
    if (is_small(peek()) || is_capital(peek())) return fail("a number does not end in a letter");
    out = value.term(negative);
    return true;
  }

  // Underscores may stand between digits.
  bool read_digits(Accumulator& out, unsigned base) {
    for (std::size_t count = 0;; rest_.remove_prefix(1)) {
      if (peek() == '_' && count > 0 && digit_value(peek(1)) < base) continue;
      const unsigned digit = digit_value(peek());
      if (digit >= base) return true;
      if (++count > options_.digits_max) return fail("more digits than are allowed");
      out.add(base, digit);
    }
  }

  // Of digits, point, digits and perhaps an exponent, if that is what comes next.
  std::optional<std::size_t> float_length() const {
    std::size_t n = 0;
    const auto skip_digits = [&] {
      const std::size_t begin = n;
      while (is_digit(peek(n)))
        ++n;
      return n > begin;
    };
    skip_digits();
    if (peek(n++) != '.' || !skip_digits()) return std::nullopt;
    if (peek(n) == 'e' || peek(n) == 'E') {
      const std::size_t before = n++;
      if (peek(n) == '-' || peek(n) == '+') ++n;
      if (!skip_digits()) n = before;
    }
    return n;
  }

  bool read_float(Term& out, bool negative, std::size_t length) {
    double value = 0;
    const auto result = std::from_chars(rest_.data(), rest_.data() + length, value);
    if (result.ec != std::errc()) return fail("a float of this size cannot be represented");
    rest_.remove_prefix(length);
    if (is_small(peek()) || is_capital(peek())) return fail("a number does not end in a letter");
    out = negative ? -value : value;
    return true;
  }

  bool read_character(Term& out, bool negative) {
    rest_.remove_prefix(1);
    if (rest_.empty()) return fail("expected a character after '$'");
    std::uint32_t character = 0;
    if (!read_character_or_escape(character)) return false;
    const auto value = static_cast<std::int64_t>(character);
    out = negative ? -value : value;
    return true;
  }

  // --- texts ---

  // REQUIRES: something is left.
  bool read_character_or_escape(std::uint32_t& out) {
    out = next_character(rest_);
    if (out != '\\') return true;
    if (rest_.empty()) return fail("the text is not ended");
    if (peek() >= '0' && peek() <= '7') return read_octal(out);
    out = next_character(rest_);
    switch (out) {
      case 'b':
        out = '\b';
        return true;
      case 't':
        out = '\t';
        return true;
      case 'n':
        out = '\n';
        return true;
      case 'v':
        out = '\v';
        return true;
      case 'f':
        out = '\f';
        return true;
      case 'r':
        out = '\r';
        return true;
      case 'e':
        out = 27;
        return true;
      case 's':
        out = ' ';
        return true;
      case 'd':
        out = 127;
        return true;
      case 'x':
        return read_hexadecimal(out);
      default:
        return true;  // any other stands for itself
    }
  }

  bool read_octal(std::uint32_t& out) {
    out = 0;
    for (int count = 0; count < 3 && peek() >= '0' && peek() <= '7'; ++count) {
      out = out * 8 + static_cast<std::uint32_t>(peek() - '0');
      rest_.remove_prefix(1);
    }
    return true;
  }

  // \xff or \x{3BB}
  bool read_hexadecimal(std::uint32_t& out) {
    const bool braced = peek() == '{';
    if (braced) rest_.remove_prefix(1);
    const std::size_t digits_max = braced ? 6 : 2;
    std::size_t count = 0;
    for (out = 0; count < digits_max && digit_value(peek()) < 16; ++count) {
      out = out * 16 + digit_value(peek());
      rest_.remove_prefix(1);
    }
    const bool complete = braced ? count > 0 && peek() == '}' : count == 2;
    if (!complete || out > detail::character_max) return fail("not a hexadecimal character");
    if (braced) rest_.remove_prefix(1);
    return true;
  }

  // What stands between two quotes of that kind, the first of which is next.
  bool read_quoted(std::vector<std::uint32_t>& out) {
    const char quote = rest_[0];
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != quote) {
      std::uint32_t character = 0;
      if (!read_character_or_escape(character)) return false;
      out.push_back(character);
    }
    if (rest_.empty()) return fail("the text is not ended");
    rest_.remove_prefix(1);
    return true;
  }

  bool read_string(Term& out) {
    std::vector<std::uint32_t> characters;
    if (!read_quoted(characters)) return false;
    terms_ += characters.size();
    if (terms_ > options_.terms_max) return fail("more terms than are allowed");
    std::vector<Term> elements(characters.begin(), characters.end());
    out = list_of(std::move(elements));
    return true;
  }

  bool read_quoted_atom(Term& out) {
    std::vector<std::uint32_t> characters;
    if (!read_quoted(characters)) return false;
    std::string text;
    for (const std::uint32_t character : characters)
      detail::append_utf8(text, character);
    return make_atom(out, text);
  }

  bool read_atom(Term& out) {
    std::string_view after = rest_;
    if (!detail::is_small_letter(next_character(after))) return fail("expected a term");
    for (std::string_view next = after; !next.empty(); after = next) {
      if (!detail::is_atom_character(next_character(next))) break;
    }
    const std::string_view word = rest_.substr(0, rest_.size() - after.size());
    if (detail::is_reserved_word(word)) {
      return fail("'" + std::string(word) + "' is reserved: write it in quotes");
    }
    if (!make_atom(out, word)) return false;
    rest_ = after;
    return true;
  }

  bool make_atom(Term& out, std::string_view text) {
    if (const auto known = Atom::existing(text)) {
      out = *known;
      return true;
    }
    if (text.size() > Atom::text_bytes_max) return fail("an atom of this length is not allowed");
    if (atom_count() >= Atom::count_max) return fail("the table of atoms is full");
    out = Atom(text);
    return true;
  }

  // --- binaries ---

  bool read_binary(Term& out) {
    std::string bytes;
    if (!take(">>")) {
      do {
        skip_space();
        if (peek() == '"' ? !read_segment_of_text(bytes) : !read_segment_of_byte(bytes))
          return false;
      } while (take(","));
      if (!take(">>")) return fail("expected ',' or '>>'");
    }
    out = binary(bytes);
    return true;
  }

  bool read_segment_of_text(std::string& bytes) {
    std::vector<std::uint32_t> characters;
    if (!read_quoted(characters)) return false;
    const bool as_utf8 = take("/utf8");
    for (const std::uint32_t character : characters) {
      if (as_utf8) {
        detail::append_utf8(bytes, character);
      } else if (character > 255) {
        return fail("a character above 255 needs /utf8 after the text");
      } else {
        bytes += static_cast<char>(character);
      }
    }
    return true;
  }

  bool read_segment_of_byte(std::string& bytes) {
    if (!is_digit(peek()) && peek() != '$') return fail("expected a byte or a text");
    Term value;
    if (!read_number(value)) return false;
    const auto byte = value.as_integer();
    if (!byte || *byte > 255) return fail("a byte is between 0 and 255");
    bytes += static_cast<char>(*byte);
    return true;
  }

  // --- pids and references ---

  // One number with its bound; between two there is a point.
  bool read_word(std::uint32_t& out, std::uint32_t most, std::string_view end) {
    Accumulator value;
    if (!is_digit(peek())) return fail("expected a number");
    if (!read_digits(value, 10)) return false;
    const auto word = value.at_most(most);
    if (!word) return fail("a number that is too large");
    out = *word;
    return take(end) || fail("expected '" + std::string(end) + "'");
  }

  bool read_pid(Term& out) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t words[3];
    if (!read_word(words[0], most, ".") || !read_word(words[1], most, ".") ||
        !read_word(words[2], most, ">")) {
      return false;
    }
    out = Pid{options_.node, words[1], words[2], options_.creation};
    return true;
  }

  bool read_ref(Term& out) {
    constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t words[4];
    if (!read_word(words[0], most, ".") || !read_word(words[1], 0x3fff, ".") ||
        !read_word(words[2], most, ".") || !read_word(words[3], 0x3ffff, ">")) {
      return false;
    }
    const std::uint64_t number =
        std::uint64_t{words[1]} << 50 | std::uint64_t{words[2]} << 18 | words[3];
    out = Ref{options_.node, options_.creation, number};
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
  const ParseOptions& options_;
  std::size_t terms_ = 0;
  std::string what_;
};

}  // namespace

Result<Term> parse_term(std::string_view text, const ParseOptions& options) {
  return Parser(text, options).parse();
}

}  // namespace glasshouse::runtime
