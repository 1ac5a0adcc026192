#include "runtime/application/configuration.h"

#include <optional>
#include <utility>

#include <toml++/toml.h>

#include "runtime/application/application_spec.h"

namespace glasshouse::runtime {

namespace {

// Where a value stands, for errors: "node.toml:3: `bank.limit`".
struct Place {
  std::string_view file;
  std::string path;
  std::string at(const toml::node& node) const {
    std::string text(file);
    if (node.source().begin.line != 0) text += ":" + std::to_string(node.source().begin.line);
    return text + ": `" + path + "`";
  }
  Place inside(std::string_view key) const { return {file, path + "." + std::string(key)}; }
};

Result<Atom> name_of(std::string_view key, const Place& place, const toml::node& node) {
  if (key.empty() || key.size() > 255) {
    return Error(place.at(node) + " has a name that is empty or longer than 255 bytes; shorten it");
  }
  return Atom(key);
}

Result<Term> term_of(const toml::node& node, const Place& place);

Result<Term> list_from(const toml::array& array, const Place& place) {
  std::vector<Term> elements;
  for (const toml::node& element : array) {
    auto term = term_of(element, place.inside(std::to_string(elements.size() + 1)));
    if (!term) return std::move(term).error();
    elements.push_back(*std::move(term));
  }
  return list_of(std::move(elements));
}

Result<std::map<Atom, Term>> entries_of(const toml::table& table, const Place& place) {
  std::map<Atom, Term> entries;
  for (const auto& [key, value] : table) {
    auto name = name_of(key.str(), place, value);
    if (!name) return std::move(name).error();
    auto term = term_of(value, place.inside(key.str()));
    if (!term) return std::move(term).error();
    entries.emplace(*name, *std::move(term));
  }
  return entries;
}

Term map_from(const std::map<Atom, Term>& entries) {
  std::vector<MapEntry> all;
  for (const auto& [key, value] : entries)
    all.push_back({Term(key), value});
  return map_of(std::move(all));
}

Result<Term> term_of(const toml::node& node, const Place& place) {
  if (const auto* integer = node.as_integer()) return Term(integer->get());
  if (const auto* real = node.as_floating_point()) return Term(real->get());
  if (const auto* boolean = node.as_boolean()) return Term(boolean->get());
  if (const auto* text = node.as_string()) return binary(text->get());
  if (const auto* array = node.as_array()) return list_from(*array, place);
  if (const auto* table = node.as_table()) {
    auto entries = entries_of(*table, place);
    if (!entries) return std::move(entries).error();
    return map_from(*entries);
  }
  return Error(place.at(node) + " is a date or a time, which are no terms; put it in quotes");
}

Result<Configuration> tables_of(const toml::table& root, std::string_view file) {
  Configuration configuration;
  for (const auto& [key, value] : root) {
    const Place place{file, std::string(key.str())};
    const toml::table* const table = value.as_table();
    if (table == nullptr) {
      return Error(place.at(value) + " belongs to no application; put it below a line [NAME]");
    }
    auto name = name_of(key.str(), place, value);
    if (!name) return std::move(name).error();
    auto entries = entries_of(*table, place);
    if (!entries) return std::move(entries).error();
    configuration.emplace(*name, *std::move(entries));
  }
  return configuration;
}

// What a table of TOML is said to be by its parser, as one sentence.
Result<toml::table> parsed(std::string_view text, std::string_view file) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Error(std::string(file) + ":" + std::to_string(error.source().begin.line) +
                 ": this is no TOML: " + std::string(error.description()) + "; correct the line");
  }
}

Error bad_word(std::string_view word, std::string_view why) {
  return Error("`" + std::string(word) + "` " + std::string(why) +
               "; write it as NAME.KEY=VALUE, for example bank.limit=200");
}

// VALUE as TOML, or as a text.
Result<Term> value_of(std::string_view value, std::string_view word) {
  const std::string document = "value = " + std::string(value);
  try {
    const toml::table table = toml::parse(document);
    if (table.size() == 1) return term_of(*table.get("value"), {word, "value"});
  } catch (const toml::parse_error& error) {
    const bool is_word =
        value.find_first_of("\"'[]{}=\n") == std::string_view::npos && !value.empty();
    if (is_word) return binary(value);
    return Error("`" + std::string(word) + "` has a value that is no TOML: " +
                 std::string(error.description()) + "; put a text in quotes");
  }
  return bad_word(word, "has more than one value");
}

// Puts `value` under the keys of `path` into a map, which is made where there is none.
Term with_value(const Term& old, std::span<const Atom> path, const Term& value) {
  if (path.empty()) return value;
  std::map<Atom, Term> entries;
  for (const MapEntry& entry : old.as_map())
    entries.emplace(entry.key.as_atom().value_or(Atom()), entry.value);
  Term& place = entries[path.front()];
  place = with_value(place, path.subspan(1), value);
  return map_from(entries);
}

template <class Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& [name, value] : names) {
    if (!text.empty()) text += ", ";
    text += name.text();
  }
  return text.empty() ? "none" : text;
}

}  // namespace

Result<Configuration> read_configuration(std::string_view text, std::string_view file) {
  const auto table = parsed(text, file);
  if (!table) return table.error();
  return tables_of(*table, file);
}

Result<void> override_configuration(Configuration& configuration, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return bad_word(word, "has no =");
  std::vector<Atom> path;
  std::string_view left = word.substr(0, equals);
  for (;;) {
    const std::size_t dot = left.find('.');
    const std::string_view part = left.substr(0, dot);
    if (part.empty() || part.size() > 255) return bad_word(word, "has an empty or endless name");
    path.emplace_back(part);
    if (dot == std::string_view::npos) break;
    left = left.substr(dot + 1);
  }
  if (path.size() < 2) return bad_word(word, "names no key of an application");
  auto value = value_of(word.substr(equals + 1), word);
  if (!value) return std::move(value).error();
  Term& place = configuration[path[0]][path[1]];
  place = with_value(place, std::span(path).subspan(2), *value);
  return {};
}

Result<void> check_configuration(const Configuration& configuration,
                                 std::span<const ApplicationSpec> applications) {
  std::map<Atom, const ApplicationSpec*> known;
  for (const ApplicationSpec& spec : applications)
    known.emplace(spec.name, &spec);
  for (const auto& [name, entries] : configuration) {
    const std::string text(name.text());
    const auto found = known.find(name);
    if (found == known.end()) {
      return Error("the configuration is for an application `" + text +
                   "`, which is not among those of this node: " + listed(known) +
                   "; correct the name or take it out");
    }
    for (const auto& [key, value] : entries) {
      const auto& env = found->second->env;
      if (env.contains(key)) continue;
      return Error("the configuration sets `" + text + "." + std::string(key.text()) +
                   "`, which `" + text + "` does not know, but: " + listed(env) +
                   "; correct the key or take it out");
    }
  }
  return {};
}

}  // namespace glasshouse::runtime
