#pragma once
// What the fuzzers have found worth keeping, for the tests that hold it to the same laws without
// one: tests/fuzz/corpus/<name>.hex, an input a line.

#include <fstream>
#include <string>

#include "tests/catch.h"

namespace glasshouse::tests {

inline std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

template <class Law>
void expect_corpus_holds(const std::string& name, Law law) {
  std::ifstream file(std::string(TESTS_FOLDER "/fuzz/corpus/") + name + ".hex");
  std::size_t inputs = 0;
  for (std::string line; std::getline(file, line); ++inputs) {
    CAPTURE(line);
    law(from_hex(line));
    SUCCEED();
  }
  REQUIRE(inputs >= 20);
}

}  // namespace glasshouse::tests
