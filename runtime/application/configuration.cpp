#include "runtime/application/configuration.h"

#include <cmath>
#include <optional>
#include <utility>

#include <toml++/toml.h>

#include "runtime/application/application_spec.h"
#include "runtime/io/file.h"

namespace glasshouse::runtime {

namespace {

std::string position(const toml::source_region& source) {
  if (source.begin.line == 0) return {};
  return ":" + std::to_string(source.begin.line) + ":" + std::to_string(source.begin.column);
}

// Where a value stands, for errors: "node.toml:3:9: `bank.limit`".
struct Place {
  std::string_view file;
  std::string path;
  std::size_t depth = 0;
  std::string at(const toml::source_region& source) const {
    return std::string(file) + position(source) + ": `" + path + "`";
  }
  std::string at(const toml::node& node) const { return at(node.source()); }
  Place inside(std::string_view key) const {
    return {file, path + "." + std::string(key), depth + 1};
  }
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
  if (place.depth > configuration_depth_max) {
    return Error(place.at(node) + " is nested deeper than " +
                 std::to_string(configuration_depth_max) + "; flatten it");
  }
  if (const auto* integer = node.as_integer()) return Term(integer->get());
  if (const auto* real = node.as_floating_point()) {
    if (std::isfinite(real->get())) return Term(real->get());
    return Error(place.at(node) + " is not finite, which no term is; put it in quotes");
  }
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

template <class Names>
std::string listed(const Names& names) {
  std::string text;
  for (const auto& [name, value] : names) {
    if (!text.empty()) text += ", ";
    text += name.text();
  }
  return text.empty() ? "nothing" : text;
}

// An application of this node, and a key of it. `where` says which of them the error is about.
Result<const ApplicationSpec*> known_application(Atom name, Configurable known,
                                                 const std::string& where) {
  std::map<Atom, const ApplicationSpec*> all;
  for (const ApplicationSpec& spec : known)
    all.emplace(spec.name, &spec);
  const auto found = all.find(name);
  if (found != all.end()) return found->second;
  return Error(where + " is no application of this node, which has: " + listed(all) +
               "; correct the name or take it out");
}

Result<void> known_key(const ApplicationSpec& spec, Atom key, const std::string& where) {
  if (spec.env.contains(key)) return {};
  return Error(where + " is no key of `" + std::string(spec.name.text()) +
               "`, which has: " + listed(spec.env) + "; correct the key or take it out");
}

// A table of the file as a whole.
Result<void> known_table(Atom name, const toml::key& at, const toml::table& table,
                         Configurable known, const Place& place) {
  if (known.empty()) return {};
  const auto spec = known_application(name, known, place.at(at.source()));
  if (!spec) return spec.error();
  for (const auto& [key, value] : table) {
    if (key.str().size() > 255) continue;  // told of as a bad name
    const Place inside = place.inside(key.str());
    auto good = known_key(**spec, Atom(key.str()), inside.at(key.source()));
    if (!good) return good;
  }
  return {};
}

Result<Configuration> tables_of(const toml::table& root, std::string_view file,
                                Configurable known) {
  Configuration configuration;
  for (const auto& [key, value] : root) {
    const Place place{file, std::string(key.str()), 0};
    const toml::table* const table = value.as_table();
    if (table == nullptr) {
      return Error(place.at(value) + " belongs to no application; put it below a line [NAME]");
    }
    auto name = name_of(key.str(), place, value);
    if (!name) return std::move(name).error();
    auto good = known_table(*name, key, *table, known, place);
    if (!good) return std::move(good).error();
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
    return Error(std::string(file) + position(error.source()) +
                 ": this is no TOML: " + std::string(error.description()) + "; correct the line");
  }
}

std::string quoted(Atom name) {
  return "`" + std::string(name.text()) + "`";
}
std::string quoted(Atom name, Atom key) {
  return "`" + std::string(name.text()) + "." + std::string(key.text()) + "`";
}

// NAME and KEY of a path that begins so.
Result<void> known_path(std::span<const Atom> path, Configurable known, const std::string& prefix) {
  const auto spec = known_application(path[0], known, prefix + quoted(path[0]));
  if (!spec) return spec.error();
  return known_key(**spec, path[1], prefix + quoted(path[0], path[1]));
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
    if (table.size() == 1) return term_of(*table.get("value"), {word, "value", 0});
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

}  // namespace

Result<Configuration> read_configuration(std::string_view text, std::string_view file,
                                         Configurable known) {
  const auto table = parsed(text, file);
  if (!table) return table.error();
  return tables_of(*table, file, known);
}

Result<void> override_configuration(Configuration& configuration, std::string_view word,
                                    Configurable known) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return bad_word(word, "has no =");
  std::vector<Atom> path;
  std::string_view left = word.substr(0, equals);
  for (;;) {
    const std::size_t dot = left.find('.');
    const std::string_view part = left.substr(0, dot);
    if (part.empty() || part.size() > 255) return bad_word(word, "has an empty or endless name");
    path.emplace_back(part);
    if (path.size() > configuration_depth_max) return bad_word(word, "has too many names");
    if (dot == std::string_view::npos) break;
    left = left.substr(dot + 1);
  }
  if (path.size() < 2) return bad_word(word, "names no key of an application");
  if (!known.empty()) {
    auto good = known_path(path, known, "`" + std::string(word) + "`: ");
    if (!good) return good;
  }
  auto value = value_of(word.substr(equals + 1), word);
  if (!value) return std::move(value).error();
  Term& place = configuration[path[0]][path[1]];
  place = with_value(place, std::span(path).subspan(2), *value);
  return {};
}

Result<void> check_configuration(const Configuration& configuration, Configurable applications) {
  for (const auto& [name, entries] : configuration) {
    const auto spec = known_application(name, applications, quoted(name));
    if (!spec) return spec.error();
    for (const auto& [key, value] : entries) {
      auto good = known_key(**spec, key, quoted(name, key));
      if (!good) return good;
    }
  }
  return {};
}

// -- of a program ---------------------------------------------------------------------------------

namespace {

Error usage(std::string sentence) {
  return Error(std::move(sentence), "usage");
}

// Takes the value of `option` from what stands at `place`, in one word or two, and moves on. False:
// something else stands there.
Result<bool> take_option(const std::vector<std::string>& arguments, std::size_t& place,
                         std::string_view option, std::vector<std::string>& values) {
  const std::string& word = arguments[place];
  if (!word.starts_with(option)) return false;
  std::string value;
  if (word.size() == option.size()) {
    if (place + 1 < arguments.size()) value = arguments[place + 1];
    place += 2;
  } else if (word[option.size()] == '=') {
    value = word.substr(option.size() + 1);
    ++place;
  } else {
    return false;
  }
  if (value.empty()) {
    const bool is_file = option == "--config";
    return usage("`" + std::string(option) + "` has nothing behind it; write " +
                 (is_file ? "--config FILE" : "--set NAME.KEY=VALUE"));
  }
  values.push_back(std::move(value));
  return true;
}

Error unreadable(Self self, const std::string& file, Atom outcome) {
  const std::string folder = "the folder of node " + std::string(self.node().name().text());
  const std::string code(outcome.text());
  if (code == "enoent") {
    return Error(file + ": there is no such file in " + folder +
                     "; write it, or correct the name behind --config",
                 code);
  }
  if (code == "einval") {
    return Error(file + ": this is no path inside " + folder +
                     "; put the file there, and name it without a leading / and without ..",
                 code);
  }
  return Error(file + ": the file in " + folder + " cannot be read (" + code +
                   "); correct that, or give another one",
               code);
}

Task<Result<Binary>> read_bounded(Self self, std::string file) {
  StorageRequest what{.operation = StorageOperation::read,
                      .path = file,
                      .offset = 0,
                      .size = configuration_bytes_max + 1};
  auto reading = do_storage(self, std::move(what));
  const StorageDone done = co_await reading;
  if (done.outcome != atoms::ok) co_return Result<Binary>(unreadable(self, file, done.outcome));
  if (done.bytes.size() > configuration_bytes_max) {
    co_return Result<Binary>(
        Error(file + ": this is longer than 1 MiB, and hardly a configuration; give another file"));
  }
  co_return Result<Binary>(done.bytes);
}

}  // namespace

Result<ConfigurationSources> take_configuration(std::vector<std::string>& arguments) {
  ConfigurationSources sources;
  std::vector<std::string> others;
  std::size_t place = 0;
  while (place < arguments.size() && arguments[place] != "--") {
    const auto file = take_option(arguments, place, "--config", sources.files);
    if (!file) return file.error();
    if (*file) continue;
    const auto word = take_option(arguments, place, "--set", sources.words);
    if (!word) return word.error();
    if (!*word) others.push_back(arguments[place++]);
  }
  for (; place < arguments.size(); ++place)
    others.push_back(arguments[place]);
  arguments = std::move(others);
  return sources;
}

Task<Result<Configuration>> load_configuration(Self self, ConfigurationSources sources,
                                               std::vector<ApplicationSpec> known) {
  Configuration configuration;
  for (const std::string& file : sources.files) {
    auto reading = read_bounded(self, file);
    const Result<Binary> bytes = co_await reading;
    if (!bytes) co_return Result<Configuration>(bytes.error());
    auto tables = read_configuration(bytes->view(), file, known);
    if (!tables) co_return tables;
    for (auto& [name, entries] : *tables) {
      for (auto& [key, value] : entries)
        configuration[name].insert_or_assign(key, value);
    }
  }
  for (const std::string& word : sources.words) {
    auto done = override_configuration(configuration, word, known);
    if (!done) co_return Result<Configuration>(std::move(done).error());
  }
  co_return Result<Configuration>(std::move(configuration));
}

}  // namespace glasshouse::runtime
