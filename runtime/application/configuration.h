#pragma once
// The configuration of a node's applications: a table for each, from TOML files and from words of a
// command line.
//
//   node.toml                      --config node.toml --set bank.limit=200
//     [bank]
//     limit = 100
//     branches = ["north"]
//
// What counts, as in OTP: a word over every file, a later file over an earlier one, a file over the
// `env` of the specification; key by key. Values become terms: an integer, a float, a boolean as in
// Erlang; a text a binary; an array a list; a table a map whose keys are atoms. What is no term (a
// date, nan, inf), or nested deeper than configuration_depth_max, is refused. Each error is one
// sentence that says where it is (file, line and column, or the word) and what to do.
//
// Pure functions, but for load_configuration. OTP: sys.config and the flags -config FILE and
// -Application Key Value ("Configuring an Application").

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/application/application_spec.h"
#include "runtime/base/result.h"
#include "runtime/process/self.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

inline constexpr std::size_t configuration_depth_max = 64;  // tables and arrays in each other

// By application, by key.
using Configuration = std::map<Atom, std::map<Atom, Term>>;

// The applications of a node, whose `env` says what may be configured: a misspelt name is an error
// and not silently nothing. None: everything may.
using Configurable = std::span<const ApplicationSpec>;

// `file` is what errors call the text.
Result<Configuration> read_configuration(std::string_view text, std::string_view file,
                                         Configurable known = {});

// NAME.KEY=VALUE over what is there. VALUE is written as in TOML; a word that is nothing else there
// is a text, so `bank.branch=north` needs no quotes. KEY may lead into tables: bank.tls.port=443.
Result<void> override_configuration(Configuration& configuration, std::string_view word,
                                    Configurable known = {});

// Refuses what no application has in its `env`, of a configuration that was made otherwise.
Result<void> check_configuration(const Configuration& configuration, Configurable applications);

// -- of a program ---------------------------------------------------------------------------------

inline constexpr std::size_t configuration_bytes_max = 1
                                                       << 20;  // of a file; a larger one is refused

// What a person who starts a program says of it.
struct ConfigurationSources {
  std::vector<std::string> files;  // TOML, in the node's folder (io/storage.h)
  std::vector<std::string> words;  // NAME.KEY=VALUE
};

// Takes `--config FILE`, `--config=FILE`, `--set WORD` and `--set=WORD` out of the arguments of a
// program, each any number of times; what is left is the program's own, as is all behind `--`.
// Errors have the code "usage".
Result<ConfigurationSources> take_configuration(std::vector<std::string>& arguments);

// Reads the files, by the storage of the node, and puts the words over them. To be awaited in a
// process of the node; waits for the disk.
Task<Result<Configuration>> load_configuration(Self self, ConfigurationSources sources,
                                               std::vector<ApplicationSpec> known = {});

}  // namespace glasshouse::runtime
