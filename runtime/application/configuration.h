#pragma once
// The configuration of a node's applications: a table for each, from a TOML text and from words of
// a command line. Pure functions. OTP: sys.config and the flags -Application Key Value.
//
//   [bank]                       bank.limit=200
//   limit = 100                  bank.branches=["north", "south"]
//   branches = ["north"]
//
// Values become terms: an integer, a float, a boolean as in Erlang; a text a binary; an array a
// list; a table a map whose keys are atoms. Each error is one sentence that says where it is (file
// and line, or the word) and what to do.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/term/term.h"

namespace glasshouse::runtime {

struct ApplicationSpec;

// By application, by key.
using Configuration = std::map<Atom, std::map<Atom, Term>>;

// `file` is what errors call the text.
Result<Configuration> read_configuration(std::string_view text, std::string_view file);

// NAME.KEY=VALUE over what is there. VALUE is written as in TOML; a word that is nothing else there
// is a text, so `bank.branch=north` needs no quotes. KEY may lead into tables: bank.tls.port=443.
Result<void> override_configuration(Configuration& configuration, std::string_view word);

// Refuses what no application has in its `env`: a misspelt name is not silently nothing.
Result<void> check_configuration(const Configuration& configuration,
                                 std::span<const ApplicationSpec> applications);

}  // namespace glasshouse::runtime
