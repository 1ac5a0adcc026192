#include "scenarios/run/settings.h"

#include <algorithm>
#include <utility>

namespace glasshouse::scenarios {

using runtime::Error;

Result<Settings> parse_settings(const std::vector<std::string>& typed) {
  Settings settings;
  for (const std::string& setting : typed) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error("--set " + setting + ": write --set NAME=VALUE", "usage");
    }
    const std::string name = setting.substr(0, equals);
    const bool is_twice = std::any_of(settings.begin(), settings.end(),
                                      [&](const auto& other) { return other.first == name; });
    if (is_twice) return Error("--set " + setting + ": " + name + " is set twice", "usage");
    settings.emplace_back(name, setting.substr(equals + 1));
  }
  return settings;
}

}  // namespace glasshouse::scenarios
