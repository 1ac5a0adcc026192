#pragma once
// How a run is repeated: the command line that does it, and what a trace must know beside the
// scenario's own parameters. Pure functions.

#include <string>
#include <string_view>

namespace glasshouse::scenarios {

struct RunOptions;

// Names under which a trace keeps what is no parameter of the scenario: they cannot be names of
// parameters.
inline constexpr std::string_view file_parameter = "(file)";
inline constexpr std::string_view until_parameter = "(until)";

// glasshouse run scenarios/kv.lua --seed 7 --set shards=2
std::string repeat_command(const RunOptions& options);

// This program: its commit, compiler and settings, as a trace keeps them.
std::string build_text();

// For a shell: quoted if it must be.
std::string shell_word(std::string_view text);

}  // namespace glasshouse::scenarios
