#include "runtime/application/application_keys.h"

#include <utility>
#include <vector>

namespace glasshouse::runtime {

namespace {

Term atoms_term(const std::vector<Atom>& names) {
  return list_of(std::vector<Term>(names.begin(), names.end()));
}

Term phases_term(const ApplicationSpec& spec) {
  if (spec.start_phases.empty()) return Term();
  std::vector<Term> phases;
  for (const auto& [phase, arguments] : spec.start_phases)
    phases.push_back(tuple(Term(phase), arguments));
  return list_of(std::move(phases));
}

Term module_term(const ApplicationModule& mod) {
  return mod.start ? tuple(Term(mod.name), mod.arguments) : nil();
}

Term time_term(Duration time) {
  return time.is_infinite() ? Term(atoms::infinity) : Term(time / Duration::milliseconds(1));
}

}  // namespace

Term environment_term(const std::map<Atom, Term>& env) {
  std::vector<MapEntry> entries;
  for (const auto& [key, value] : env)
    entries.push_back({Term(key), value});
  return map_of(std::move(entries));
}

Term application_keys(const ApplicationSpec& spec, const std::map<Atom, Term>& env) {
  const auto entry = [](std::string_view key, Term value) {
    return tuple(Term(Atom(key)), std::move(value));
  };
  return list_of({entry("description", binary(spec.description)),
                  entry("vsn", binary(spec.version)), entry("maxT", time_term(spec.max_time)),
                  entry("registered", atoms_term(spec.registered)),
                  entry("applications", atoms_term(spec.applications)),
                  entry("optional_applications", atoms_term(spec.optional_applications)),
                  entry("included_applications", atoms_term(spec.included_applications)),
                  entry("env", environment_term(env)), entry("mod", module_term(spec.mod)),
                  entry("start_phases", phases_term(spec))});
}

std::optional<Term> application_key(const ApplicationSpec& spec, const std::map<Atom, Term>& env,
                                    Atom key) {
  const Term keys = application_keys(spec, env);
  for (const Term& entry : keys.as_list()) {
    if (entry.element(0) == Term(key)) return entry.element(1);
  }
  return std::nullopt;
}

EnvironmentChange environment_change(const std::map<Atom, Term>& before,
                                     const std::map<Atom, Term>& now) {
  std::map<Atom, Term> changed;
  std::map<Atom, Term> added;
  std::vector<Term> removed;
  for (const auto& [key, value] : now) {
    const auto old = before.find(key);
    if (old == before.end()) {
      added.emplace(key, value);
    } else if (old->second != value) {
      changed.emplace(key, value);
    }
  }
  for (const auto& [key, value] : before) {
    if (!now.contains(key)) removed.emplace_back(key);
  }
  const bool is_none = changed.empty() && added.empty() && removed.empty();
  return {environment_term(changed), environment_term(added), list_of(std::move(removed)), is_none};
}

}  // namespace glasshouse::runtime
