#include "runtime/observe/log_event.h"

#include <utility>
#include <vector>

#include "runtime/process/process.h"

namespace glasshouse::runtime {

namespace {

Term value_or_undefined(const Term& map, Atom key) {
  const Term* const found = map.find(Term(key));
  return found == nullptr ? Term() : *found;
}

Term metadata_key() {
  return Term("$logger_metadata$"_atom);
}

}  // namespace

Result<LogThreshold> LogThreshold::named(std::string_view word) {
  if (word == "none") return none();
  if (word == "all") return all();
  for (std::size_t i = 0; i < log_level_names.size(); ++i) {
    if (log_level_names[i] == word) return LogThreshold(static_cast<LogLevel>(i));
  }
  return Error("there is no level " + std::string(word), "invalid_level");
}

Term LogEvent::about(Atom key) const {
  return value_or_undefined(meta, key);
}

Term LogEvent::label() const {
  return value_or_undefined(message, "label"_atom);
}

Term merge_metadata(const Term& under, const Term& over) {
  std::vector<MapEntry> entries;
  for (const Term* map : {&under, &over}) {
    for (const MapEntry& entry : map->as_map())
      entries.push_back(entry);
  }
  return map_of(std::move(entries));
}

void set_process_metadata(Process& process, Term meta) {
  auto& dictionary = process.relations().dictionary;
  for (auto& [key, value] : dictionary) {
    if (key != metadata_key()) continue;
    value = std::move(meta);
    return;
  }
  dictionary.emplace_back(metadata_key(), std::move(meta));
}

Term process_metadata(const Process& process) {
  const Relations* const relations = process.relations_if_any();
  if (relations == nullptr) return Term();
  for (const auto& [key, value] : relations->dictionary) {
    if (key == metadata_key()) return value;
  }
  return Term();
}

}  // namespace glasshouse::runtime
