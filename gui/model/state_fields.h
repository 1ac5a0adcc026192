#pragma once
// A state, printed as a term, taken apart into the fields that people compare: the entries of a
// map, the elements of a tuple or a list. Fields that differ from the state before are marked.

#include <string>
#include <string_view>
#include <vector>

namespace glasshouse::gui {

struct StateField {
  std::string name;
  std::string value;
  std::string before;  // of a changed field; empty when it was not there
  bool is_changed = false;
};

// `before` may be empty: then nothing is marked.
std::vector<StateField> state_fields(std::string_view state, std::string_view before);

// The parts of "a, {b, c}, \"d,e\"" between the commas of the outermost level.
std::vector<std::string_view> split_term(std::string_view inside);

}  // namespace glasshouse::gui
