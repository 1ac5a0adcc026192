#pragma once

// Terms of every kind and shape from a seed, for laws that hold for all terms.

#include <string>
#include <vector>

#include "runtime/base/random.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

class RandomTerms {
 public:
  explicit RandomTerms(std::uint64_t seed) : draws_(seed) {}

  Term next(int depth = 4) {
    const std::uint64_t kind = draws_.below(depth == 0 ? 8 : 13);
    switch (kind) {
      case 8:
        return tuple_of(several(depth));
      case 9:
        return list_of(several(depth));
      case 10:
        return list_with_tail(several(depth), next(depth - 1));
      case 11:
        return text();
      case 12:
        return some_map(depth);
      default:
        return leaf(kind);
    }
  }

  Draws& draws() { return draws_; }

 private:
  Term leaf(std::uint64_t kind) {
    switch (kind) {
      case 0:
        return atom();
      case 1:
        return static_cast<std::int64_t>(draws_.next()) >> draws_.below(64);
      case 2:
        return big();
      case 3:
        return floating();
      case 4:
        return binary(bytes());
      case 5:
        return Pid{Atom("here@host"), small(), small(), 3};
      case 6:
        return Ref{Atom("here@host"), 3, draws_.next() >> draws_.below(64)};
      default:
        return nil();
    }
  }

  std::vector<Term> several(int depth) {
    std::vector<Term> terms;
    for (std::uint64_t count = draws_.below(5); count > 0; --count)
      terms.push_back(next(depth - 1));
    return terms;
  }

  Term some_map(int depth) {
    std::vector<MapEntry> entries;
    for (std::uint64_t count = draws_.below(5); count > 0; --count) {
      Term key = next(depth - 1);
      entries.push_back({std::move(key), next(depth - 1)});
    }
    return map_of(std::move(entries));
  }

  std::uint32_t small() { return static_cast<std::uint32_t>(draws_.below(1'000)); }

  std::string bytes() {
    std::string all;
    const bool printable = draws_.below(2) == 0;
    for (std::uint64_t count = draws_.below(9); count > 0; --count) {
      all += static_cast<char>(printable ? 'a' + draws_.below(26) : draws_.below(256));
    }
    return all;
  }

  Term text() {
    std::vector<Term> characters;
    for (std::uint64_t count = draws_.below(6); count > 0; --count) {
      characters.push_back(draws_.below(300));
    }
    return list_of(std::move(characters));
  }

  Term atom() {
    static constexpr std::string_view some[] = {"ok",       "DOWN", "hello world",       "",
                                                "case",     "it's", "\xc3\xa9t\xc3\xa9", "\xce\xbb",
                                                "line\nend"};
    return Atom(some[draws_.below(std::size(some))]);
  }

  Term big() {
    std::vector<std::uint8_t> magnitude(draws_.below(30));
    for (std::uint8_t& byte : magnitude)
      byte = static_cast<std::uint8_t>(draws_.below(256));
    return big_integer({.negative = draws_.below(2) == 0, .magnitude = magnitude});
  }

  Term floating() {
    const double ratio = static_cast<double>(draws_.below(2'000'000)) - 1e6;
    if (draws_.below(2) == 0) return ratio / 1000;
    // Any bits that are a finite number.
    const auto bits = draws_.next() & ~(std::uint64_t{1} << 62);
    return std::bit_cast<double>(bits);
  }

  Draws draws_;
};

}  // namespace glasshouse::runtime
