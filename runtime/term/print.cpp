#include "runtime/term/print.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "runtime/term/text.h"

namespace glasshouse::runtime {
namespace {

using detail::is_atom_character;
using detail::is_small_letter;
using detail::next_character;

// --- characters ---

constexpr bool is_printable(std::int64_t c) {
  return (c >= ' ' && c <= '~') || (c >= 0xa0 && c <= 0xff) || (c >= '\b' && c <= '\r') || c == 27;
}

bool needs_quotes(std::string_view text) {
  if (text.empty() || detail::is_reserved_word(text)) return true;
  bool first = true;
  for (std::string_view rest = text; !rest.empty(); first = false) {
    const std::uint32_t c = next_character(rest);
    if (first ? !is_small_letter(c) : !is_atom_character(c)) return true;
  }
  return false;
}

char letter_of_escape(std::uint32_t c) {
  switch (c) {
    case '\b':
      return 'b';
    case '\t':
      return 't';
    case '\n':
      return 'n';
    case '\v':
      return 'v';
    case '\f':
      return 'f';
    case '\r':
      return 'r';
    case 27:
      return 'e';
    case 127:
      return 'd';
    default:
      return 0;
  }
}

void add_escaped(std::string& out, std::uint32_t c, char quote) {
  if (const char letter = letter_of_escape(c)) {
    out += {'\\', letter};
  } else if (c == static_cast<std::uint32_t>(quote) || c == '\\') {
    out += {'\\', static_cast<char>(c)};
  } else if (c < ' ' || (c > '~' && c < 0xa0)) {
    const auto octal = [c](int shift) { return static_cast<char>('0' + (c >> shift & 7)); };
    out += {'\\', octal(6), octal(3), octal(0)};
  } else if (c <= 0xff) {
    detail::append_utf8(out, c);
  } else {
    char digits[8];
    const auto end = std::to_chars(digits, digits + sizeof digits, c, 16).ptr;
    std::transform(digits, end, digits,
                   [](char d) { return d >= 'a' ? static_cast<char>(d - 'a' + 'A') : d; });
    out += "\\x{" + std::string(digits, end) + "}";
  }
}

// --- numbers ---

// Digits and decimal exponent of the shortest text: 1.25e2 is "125" and 2.
struct Decimal {
  std::string digits;
  int exponent = 0;
};

Decimal shortest(double positive) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, positive, std::chars_format::scientific);
  const std::string_view written(text, static_cast<std::size_t>(end.ptr - text));
  const std::size_t e = written.find('e');
  Decimal decimal;
  for (const char c : written.substr(0, e)) {
    if (c != '.') decimal.digits += c;
  }
  std::string_view exponent = written.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
  return decimal;
}

std::string in_scientific_notation(const Decimal& decimal) {
  const std::string rest = decimal.digits.size() > 1 ? decimal.digits.substr(1) : "0";
  return decimal.digits.substr(0, 1) + "." + rest + "e" + std::to_string(decimal.exponent);
}

std::string in_plain_notation(const Decimal& decimal) {
  const auto count = static_cast<int>(decimal.digits.size());
  if (decimal.exponent < 0) {
    return "0." + std::string(static_cast<std::size_t>(-decimal.exponent - 1), '0') +
           decimal.digits;
  }
  const int whole = decimal.exponent + 1;
  if (whole >= count) {
    return decimal.digits + std::string(static_cast<std::size_t>(whole - count), '0') + ".0";
  }
  const auto point = static_cast<std::size_t>(whole);
  return decimal.digits.substr(0, point) + "." + decimal.digits.substr(point);
}

std::string in_decimal(BigIntegerView value) {
  // Long division by 10^9, nine digits at a time from the right.
  std::vector<std::uint8_t> rest(value.magnitude.rbegin(), value.magnitude.rend());
  std::string reversed;
  for (std::size_t begin = 0; begin < rest.size();) {
    std::uint64_t remainder = 0;
    for (std::size_t i = begin; i < rest.size(); ++i) {
      remainder = remainder << 8 | rest[i];
      rest[i] = static_cast<std::uint8_t>(remainder / 1'000'000'000);
      remainder %= 1'000'000'000;
    }
    while (begin < rest.size() && rest[begin] == 0)
      ++begin;
    for (int digit = 0; digit < 9; ++digit, remainder /= 10) {
      reversed += static_cast<char>('0' + remainder % 10);
    }
  }
  while (reversed.size() > 1 && reversed.back() == '0')
    reversed.pop_back();
  if (value.negative) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

// --- terms ---

class Printer {
 public:
  explicit Printer(PrintOptions options) : options_(options) {}

  std::string print(const Term& term) && {
    add(term, 0);
    if (!is_full()) return std::move(out_);
    // Cut between characters.
    std::size_t size = std::max<std::size_t>(options_.bytes_max, 3) - 3;
    while (size > 0 && (static_cast<unsigned char>(out_[size]) & 0xc0) == 0x80)
      --size;
    return out_.substr(0, size) + "...";
  }

 private:
  bool is_full() const { return out_.size() > options_.bytes_max; }

  void add_pid(const Pid& pid) {
    out_ += to_string(pid, pid.node == options_.node ? options_.node_number : 0);
  }

  void add(const Term& term, std::size_t depth) {
    if (is_full()) return;
    switch (term.kind()) {
      case Kind::atom:
        out_ += to_string(*term.as_atom());
        return;
      case Kind::integer:
        out_ += std::to_string(*term.as_integer());
        return;
      case Kind::big_integer:
        out_ += in_decimal(*term.as_big_integer());
        return;
      case Kind::floating:
        out_ += to_string_float(*term.as_float());
        return;
      case Kind::pid:
        add_pid(*term.as_pid());
        return;
      case Kind::ref:
        out_ += to_string(*term.as_ref());
        return;
      case Kind::fun:
        return add_fun(*term.as_fun());
      case Kind::nil:
        out_ += "[]";
        return;
      case Kind::binary:
        return add_binary(term.as_bytes());
      default:
        return add_nested(term, depth + 1);
    }
  }

  void add_nested(const Term& term, std::size_t depth) {
    if (depth > options_.depth_max) {
      out_ += "...";
    } else if (term.is_tuple()) {
      out_ += '{';
      add_all(term.as_tuple(), depth);
      out_ += '}';
    } else if (term.is_map()) {
      add_map(term.as_map(), depth);
    } else {
      add_list(term, depth);
    }
  }

  void add_all(std::span<const Term> terms, std::size_t depth) {
    bool first = true;
    for (const Term& term : terms) {
      if (is_full()) return;
      if (!first) out_ += ',';
      first = false;
      add(term, depth);
    }
  }

  void add_list(const Term& list, std::size_t depth) {
    if (list.is_proper_list() && is_text(list.as_list())) return add_text(list.as_list());
    out_ += '[';
    add_all(list.as_list(), depth);
    if (!list.is_proper_list()) {
      out_ += '|';
      add(list.tail(), depth);
    }
    out_ += ']';
  }

  static bool is_text(std::span<const Term> terms) {
    return std::all_of(terms.begin(), terms.end(), [](const Term& term) {
      return term.kind() == Kind::integer && is_printable(*term.as_integer());
    });
  }

  void add_text(std::span<const Term> characters) {
    out_ += '"';
    for (const Term& character : characters) {
      if (is_full()) return;
      add_escaped(out_, static_cast<std::uint32_t>(*character.as_integer()), '"');
    }
    out_ += '"';
  }

  void add_map(std::span<const MapEntry> entries, std::size_t depth) {
    out_ += "#{";
    bool first = true;
    for (const MapEntry& entry : entries) {
      if (is_full()) return;
      if (!first) out_ += ',';
      first = false;
      add(entry.key, depth);
      out_ += " => ";
      add(entry.value, depth);
    }
    out_ += '}';
  }

  void add_binary(std::string_view bytes) {
    const bool text = std::all_of(bytes.begin(), bytes.end(), [](char c) {
      return is_printable(static_cast<unsigned char>(c));
    });
    out_ += "<<";
    if (text && !bytes.empty()) out_ += '"';
    for (std::size_t i = 0; i < bytes.size() && !is_full(); ++i) {
      const std::uint32_t byte = static_cast<unsigned char>(bytes[i]);
      if (text) {
        add_escaped(out_, byte, '"');
      } else {
        out_ += (i == 0 ? "" : ",") + std::to_string(byte);
      }
    }
    if (text && !bytes.empty()) out_ += '"';
    out_ += ">>";
  }

  void add_fun(const Fun& fun) {
    if (fun.is_external()) {
      out_ += "fun " + to_string(fun.module) + ":" + to_string(fun.name) + "/" +
              std::to_string(fun.arity);
    } else {
      out_ += "#Fun<" + to_string(fun.module) + "." + std::to_string(fun.index) + "." +
              std::to_string(fun.unique) + ">";
    }
  }

  PrintOptions options_;
  std::string out_;
};

}  // namespace

std::string to_string(const Term& term, PrintOptions options) {
  return Printer(options).print(term);
}

std::string to_string(Atom atom) {
  const std::string_view text = atom.text();
  if (!needs_quotes(text)) return std::string(text);
  std::string quoted = "'";
  for (std::string_view rest = text; !rest.empty();) {
    add_escaped(quoted, next_character(rest), '\'');
  }
  return quoted + "'";
}

std::string to_string_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  const std::string sign = std::signbit(value) ? "-" : "";
  const double positive = std::fabs(value);
  if (positive == 0) return sign + "0.0";
  const Decimal decimal = shortest(positive);
  const std::string scientific = in_scientific_notation(decimal);
  // From 2^53 on digits before the point would promise an exactness that is not there.
  constexpr double exact_below = 9007199254740992.0;
  if (positive >= exact_below) return sign + scientific;
  if (decimal.exponent < -30) return sign + scientific;
  const std::string plain = in_plain_notation(decimal);
  return sign + (plain.size() <= scientific.size() ? plain : scientific);
}

}  // namespace glasshouse::runtime
