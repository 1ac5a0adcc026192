#pragma once
// What was typed as --set NAME=VALUE, for the programs that take it.

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "scenarios/language/script.h"

namespace glasshouse::scenarios {

// In the order typed. Errors, with the code "usage": no NAME=VALUE, or one name twice.
Result<Settings> parse_settings(const std::vector<std::string>& typed);

}  // namespace glasshouse::scenarios
