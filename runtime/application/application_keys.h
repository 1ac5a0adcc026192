#pragma once
// What can be asked of an application that is loaded, as OTP spells it. Pure functions.
//
// Keys: description, vsn, maxT, registered, applications, optional_applications,
// included_applications, env, mod, start_phases. OTP's id, modules and maxP have no counterpart.
//
// OTP: application:get_key/1,2, get_all_key/0,1.

#include <map>
#include <optional>

#include "runtime/application/application_spec.h"

namespace glasshouse::runtime {

// [{Key, Value}], in the order above. Texts are binaries; `env`, which is as it is now, is a map;
// `mod` is {Module, Arguments}, or [] of a library; `maxT` is in milliseconds, or infinity;
// `start_phases` is undefined where there are none.
Term application_keys(const ApplicationSpec& spec, const std::map<Atom, Term>& env);

// The value alone; nothing where there is no such key.
std::optional<Term> application_key(const ApplicationSpec& spec, const std::map<Atom, Term>& env,
                                    Atom key);

// An environment as a term: #{Key => Value}.
Term environment_term(const std::map<Atom, Term>& env);

// What became of an environment: #{Key => Value} twice, as it is now, and a list of keys. OTP: the
// arguments of Module:config_change/3, which are lists of pairs.
struct EnvironmentChange {
  Term changed;
  Term added;
  Term removed;
  bool is_none = true;
};
EnvironmentChange environment_change(const std::map<Atom, Term>& before,
                                     const std::map<Atom, Term>& now);

}  // namespace glasshouse::runtime
