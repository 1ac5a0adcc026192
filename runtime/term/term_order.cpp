// Order, equality and hash of terms.

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/base/check.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {
namespace {

using Order = std::strong_ordering;

// Whether 1 and 1.0 are told apart. Where they are, every integer is less than every float, as
// among the keys of Erlang's maps.
enum class Numbers : bool { by_value, exactly };

// --- numbers ---

Order compare_magnitudes(std::span<const std::uint8_t> left, std::span<const std::uint8_t> right) {
  if (const auto order = left.size() <=> right.size(); order != 0) return order;
  for (std::size_t i = left.size(); i-- > 0;) {
    if (const auto order = left[i] <=> right[i]; order != 0) return order;
  }
  return Order::equal;
}

Order reversed_if(bool reverse, Order order) {
  return reverse ? 0 <=> order : order;
}

// A number that is none comes after all numbers and equals itself, so that the order stays total.
Order compare_floats(double left, double right) {
  if (left < right) return Order::less;
  if (left > right) return Order::greater;
  if (left == right) return Order::equal;
  return static_cast<int>(std::isnan(left)) <=> static_cast<int>(std::isnan(right));
}

// Without rounding the integer to a double: 2^53 + 1 is not 2^53.
Order compare_to_float(std::int64_t left, double right) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (std::isnan(right) || right >= two_to_63) return Order::less;
  if (right < -two_to_63) return Order::greater;
  const double whole = std::trunc(right);
  if (const auto order = left <=> static_cast<std::int64_t>(whole); order != 0) return order;
  return compare_floats(whole, right);
}

Order compare_to_float(BigIntegerView left, double right) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (std::isnan(right) || std::isinf(right)) {
    return right < 0 ? Order::greater : Order::less;
  }
  const Order by_sign = left.negative ? Order::less : Order::greater;
  if (std::fabs(right) < two_to_63 || (right < 0) != left.negative) return by_sign;
  // A double of this size is an integer: a mantissa of 53 bits and zeros.
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(right), &exponent);
  auto mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  const auto shift = static_cast<std::size_t>(exponent - 53);
  mantissa <<= shift % 8;
  std::vector<std::uint8_t> magnitude(shift / 8);
  for (; mantissa != 0; mantissa >>= 8)
    magnitude.push_back(static_cast<std::uint8_t>(mantissa));
  return reversed_if(left.negative, compare_magnitudes(left.magnitude, magnitude));
}

Order compare_integers(const Term& left, const Term& right) {
  const auto big_left = left.as_big_integer();
  const auto big_right = right.as_big_integer();
  if (!big_left && !big_right) return *left.as_integer() <=> *right.as_integer();
  if (!big_left) return big_right->negative ? Order::greater : Order::less;
  if (!big_right) return big_left->negative ? Order::less : Order::greater;
  if (big_left->negative != big_right->negative) {
    return big_left->negative ? Order::less : Order::greater;
  }
  return reversed_if(big_left->negative,
                     compare_magnitudes(big_left->magnitude, big_right->magnitude));
}

Order compare_integer_to_float(const Term& left, double right) {
  if (const auto small = left.as_integer()) return compare_to_float(*small, right);
  return compare_to_float(*left.as_big_integer(), right);
}

Order compare_numbers(const Term& left, const Term& right, Numbers numbers) {
  const auto float_left = left.as_float();
  const auto float_right = right.as_float();
  if (float_left && float_right) return compare_floats(*float_left, *float_right);
  if (!float_left && !float_right) return compare_integers(left, right);
  if (numbers == Numbers::exactly) return float_right ? Order::less : Order::greater;
  if (float_right) return compare_integer_to_float(left, *float_right);
  return reversed_if(true, compare_integer_to_float(right, *float_left));
}

// --- all kinds ---

int rank(const Term& term) {
  switch (term.kind()) {
    case Kind::integer:
    case Kind::big_integer:
    case Kind::floating:
      return 0;
    case Kind::atom:
      return 1;
    case Kind::ref:
      return 2;
    case Kind::fun:
      return 3;
    case Kind::pid:
      return 4;
    case Kind::tuple:
      return 5;
    case Kind::map:
      return 6;
    case Kind::nil:
      return 7;
    case Kind::list:
      return 8;
    case Kind::binary:
      return 9;
  }
  CHECK(false);
}

Order compare_funs(const Fun& left, const Fun& right) {
  if (const auto order = left.module <=> right.module; order != 0) return order;
  if (const auto order = left.name <=> right.name; order != 0) return order;
  if (const auto order = left.arity <=> right.arity; order != 0) return order;
  if (const auto order = left.index <=> right.index; order != 0) return order;
  if (const auto order = left.unique <=> right.unique; order != 0) return order;
  return left.encoded <=> right.encoded;
}

// What is still to compare, as runs of terms: an explicit stack, because terms may be deeper than
// the stack of a thread. A run that is empty gives a verdict if it has one.
struct Run {
  const Term* left;
  const Term* right;
  std::size_t count;
  std::size_t stride;
  Numbers numbers;
  Order verdict = Order::equal;
};

class Comparison {
 public:
  Order compare(const Term& left, const Term& right, Numbers numbers) {
    if (const Order order = step(left, right, numbers); order != 0) return order;
    while (depth_ > 0) {
      Run& run = top();
      if (run.count == 0) {
        if (run.verdict != 0) return run.verdict;
        pop();
        continue;
      }
      const Term& next_left = *run.left;
      const Term& next_right = *run.right;
      --run.count;
      if (run.count > 0) {
        run.left += run.stride;
        run.right += run.stride;
      }
      const Numbers how = run.numbers;  // step() may move the runs
      if (const Order order = step(next_left, next_right, how); order != 0) return order;
    }
    return Order::equal;
  }

 private:
  // Compares what needs no descent, and leaves the rest on the stack.
  Order step(const Term& left, const Term& right, Numbers numbers) {
    if (TermAccess::is_same(left, right)) return Order::equal;
    if (const auto order = rank(left) <=> rank(right); order != 0) return order;
    switch (left.kind()) {
      case Kind::integer:
      case Kind::big_integer:
      case Kind::floating:
        return compare_numbers(left, right, numbers);
      case Kind::atom:
        return *left.as_atom() <=> *right.as_atom();
      case Kind::ref:
        return *left.as_ref() <=> *right.as_ref();
      case Kind::fun:
        return compare_funs(*left.as_fun(), *right.as_fun());
      case Kind::pid:
        return *left.as_pid() <=> *right.as_pid();
      case Kind::binary:
        return left.as_bytes() <=> right.as_bytes();
      case Kind::nil:
        return Order::equal;
      case Kind::tuple:
        return enter_tuple(left.as_tuple(), right.as_tuple(), numbers);
      case Kind::list:
        return enter_list(left, right, numbers);
      case Kind::map:
        return enter_map(left.as_map(), right.as_map(), numbers);
    }
    CHECK(false);
  }

  // The shorter tuple is less, whatever is in it.
  Order enter_tuple(std::span<const Term> left, std::span<const Term> right, Numbers numbers) {
    if (const auto order = left.size() <=> right.size(); order != 0) return order;
    push({left.data(), right.data(), left.size(), 1, numbers});
    return Order::equal;
  }

  // Element by element; where one ends its tail meets the rest of the other, which is a list.
  Order enter_list(const Term& left, const Term& right, Numbers numbers) {
    const auto elements_left = left.as_list();
    const auto elements_right = right.as_list();
    if (elements_left.size() == elements_right.size()) {
      push({elements_left.data(), elements_right.data(), elements_left.size() + 1, 1, numbers});
      return Order::equal;
    }
    const bool left_ends = elements_left.size() < elements_right.size();
    const Order verdict =
        left_ends ? rank(left.tail()) <=> rank(right) : rank(left) <=> rank(right.tail());
    push({elements_left.data(), elements_right.data(),
          std::min(elements_left.size(), elements_right.size()), 1, numbers, verdict});
    return Order::equal;
  }

  // The smaller map is less; then all keys in their order; then the values in that order.
  Order enter_map(std::span<const MapEntry> left, std::span<const MapEntry> right,
                  Numbers numbers) {
    if (const auto order = left.size() <=> right.size(); order != 0) return order;
    if (left.empty()) return Order::equal;
    push({&left[0].value, &right[0].value, left.size(), 2, numbers});
    push({&left[0].key, &right[0].key, left.size(), 2, Numbers::exactly});
    return Order::equal;
  }

  void push(const Run& run) {
    if (depth_ < std::size(shallow_)) {
      shallow_[depth_] = run;
    } else {
      deep_.push_back(run);
    }
    ++depth_;
  }
  Run& top() { return depth_ <= std::size(shallow_) ? shallow_[depth_ - 1] : deep_.back(); }
  void pop() {
    if (depth_ > std::size(shallow_)) deep_.pop_back();
    --depth_;
  }

  // Most terms are shallow and need no allocation.
  Run shallow_[8];
  std::vector<Run> deep_;
  std::size_t depth_ = 0;
};

// --- hash ---

// Below this the hash looks only at kind and size: it stays a function of the value, and needs no
// more stack than this many frames.
constexpr int hash_depth_max = 200;

std::uint64_t hash_at(const Term& term, int depth) noexcept;

std::uint64_t hash_all(std::uint64_t hash, std::span<const Term> terms, int depth) noexcept {
  for (const Term& term : terms)
    hash = hash_combine(hash, hash_at(term, depth));
  return hash;
}

std::uint64_t hash_map(std::uint64_t hash, std::span<const MapEntry> entries, int depth) noexcept {
  for (const MapEntry& entry : entries) {
    hash = hash_combine(hash, hash_at(entry.key, depth));
    hash = hash_combine(hash, hash_at(entry.value, depth));
  }
  return hash;
}

std::uint64_t hash_float(double value) noexcept {
  // 0.0 equals -0.0, and all that is no number is one.
  if (value == 0) return 0;
  if (std::isnan(value)) return 1;
  return std::bit_cast<std::uint64_t>(value);
}

std::uint64_t hash_big_integer(BigIntegerView value) noexcept {
  return hash_bytes(std::as_bytes(value.magnitude), value.negative ? 1 : 0);
}

std::uint64_t hash_fun(const Fun& fun) noexcept {
  const std::uint64_t name = hash_combine(fun.module.hash(), fun.name.hash());
  return hash_combine(hash_combine(name, fun.arity), hash_combine(fun.index, fun.unique));
}

std::uint64_t hash_at(const Term& term, int depth) noexcept {
  const std::uint64_t kind = hash_combine(static_cast<std::uint64_t>(rank(term)), term.size());
  if (depth == hash_depth_max) return kind;
  switch (term.kind()) {
    case Kind::atom:
      return hash_combine(kind, term.as_atom()->hash());
    case Kind::integer:
      return hash_combine(kind, static_cast<std::uint64_t>(*term.as_integer()));
    case Kind::big_integer:
      return hash_combine(kind, hash_big_integer(*term.as_big_integer()));
    case Kind::floating:
      return hash_combine(~kind, hash_float(*term.as_float()));
    case Kind::pid:
      return hash_combine(kind, term.as_pid()->hash());
    case Kind::ref:
      return hash_combine(kind, term.as_ref()->hash());
    case Kind::nil:
      return kind;
    case Kind::binary:
      return hash_combine(kind, hash_bytes(term.as_bytes()));
    case Kind::tuple:
      return hash_all(kind, term.as_tuple(), depth + 1);
    case Kind::list:
      return hash_combine(hash_all(kind, term.as_list(), depth + 1),
                          hash_at(term.tail(), depth + 1));
    case Kind::map:
      return hash_map(kind, term.as_map(), depth + 1);
    case Kind::fun:
      return hash_combine(kind, hash_fun(*term.as_fun()));
  }
  CHECK(false);
}

// Element by element the same bits. A short cut: most tuples that are compared are small and plain.
bool are_same(std::span<const Term> left, std::span<const Term> right) noexcept {
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!TermAccess::is_same(left[i], right[i])) return false;
  }
  return true;
}

}  // namespace

std::weak_ordering compare(const Term& left, const Term& right) noexcept {
  return Comparison().compare(left, right, Numbers::by_value);
}

std::strong_ordering compare_exactly(const Term& left, const Term& right) noexcept {
  return Comparison().compare(left, right, Numbers::exactly);
}

bool Term::equal_contents(const Term& left, const Term& right) noexcept {
  if (left.size() != right.size()) return false;
  if (left.is_tuple() && are_same(left.as_tuple(), right.as_tuple())) return true;
  return Comparison().compare(left, right, Numbers::exactly) == 0;
}

std::uint64_t Term::hash() const noexcept {
  return hash_at(*this, 0);
}

}  // namespace glasshouse::runtime
