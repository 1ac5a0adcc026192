#include "runtime/io/errno_name.h"

#include <cstring>
#include <string>

namespace glasshouse::runtime {

Atom errno_atom(int number) {
  if (number == 0) return atoms::ok;
  const char* name = strerrorname_np(number);
  if (name == nullptr) return Atom("e" + std::to_string(number));
  std::string lower(name);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return Atom(lower);
}

}  // namespace glasshouse::runtime
