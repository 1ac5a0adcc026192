#include "scenarios/run/repeat.h"

#include "runtime/base/build_identity.h"
#include "scenarios/run/run.h"

namespace glasshouse::scenarios {

std::string shell_word(std::string_view text) {
  const bool is_plain = !text.empty() && text.find_first_not_of(
                                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                             "0123456789_-./=:,@%+") == std::string_view::npos;
  if (is_plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string build_text() {
  const runtime::BuildIdentity build = runtime::build_identity();
  return "glasshouse " + std::string(build.commit) + ", " + std::string(build.compiler) + ", " +
         std::string(build.build);
}

std::string repeat_command(const RunOptions& options) {
  std::string command = "glasshouse run " + shell_word(options.file);
  command += " --seed " + std::to_string(options.seed);
  for (const auto& [name, value] : options.set) {
    command += " --set " + shell_word(name + "=" + value);
  }
  if (options.until) command += " --until " + duration_text(*options.until);
  return command;
}

}  // namespace glasshouse::scenarios
