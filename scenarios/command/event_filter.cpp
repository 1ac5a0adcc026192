#include "scenarios/command/event_filter.h"

#include <optional>

#include "runtime/observe/event.h"
#include "scenarios/application.h"

namespace glasshouse::scenarios {

using runtime::Error;
using runtime::EventKind;
using runtime::Instant;

namespace {

Error usage(std::string sentence) {
  return Error(std::move(sentence), "usage");
}

std::optional<EventKind> kind_named(std::string_view name) {
  for (int i = 0; i < runtime::event_kind_count; ++i) {
    const auto kind = static_cast<EventKind>(i);
    if (runtime::event_kind_name(kind) == name) return kind;
  }
  return std::nullopt;
}

Result<void> restrict_by(const std::string& key, const std::string& value, tracing::Reader& trace,
                         tracing::EventFilter& filter) {
  if (key == "name") {
    filter.name = value;
    return {};
  }
  if (key == "node") {
    for (const tracing::NodeInfo& node : trace.run().nodes) {
      if (node.name == value || node.name.starts_with(value + "@")) filter.node = node.index;
    }
    if (!filter.node) return usage("node:" + value + ": this trace has no such node");
    return {};
  }
  if (key == "process") {
    auto found = trace.find_processes(value);
    if (!found) return found.error();
    if (found->empty()) return usage("process:" + value + ": this trace has no such process");
    filter.processes = std::move(*found);
    return {};
  }
  const auto time = parse_duration(value);
  if (!time) return usage(key + ":" + value + ": " + time.error().what);
  (key == "after" ? filter.from : filter.before) = Instant::at(*time);
  return {};
}

}  // namespace

Result<tracing::EventFilter> parse_event_filter(const std::vector<std::string>& words,
                                                tracing::Reader& trace) {
  tracing::EventFilter filter;
  std::uint64_t kinds = 0;
  for (const std::string& word : words) {
    const auto colon = word.find(':');
    const std::string key = word.substr(0, colon == std::string::npos ? 0 : colon);
    const bool is_known = key == "name" || key == "node" || key == "process" || key == "after" ||
                          key == "before" || key == "kind";
    if (const auto kind = kind_named(word)) {
      kinds |= runtime::kind_bit(*kind);
    } else if (key == "kind") {
      const auto named = kind_named(word.substr(colon + 1));
      if (!named) return usage(word + ": there is no such kind of event");
      kinds |= runtime::kind_bit(*named);
    } else if (is_known) {
      auto done = restrict_by(key, word.substr(colon + 1), trace, filter);
      if (!done) return done.error();
    } else {
      filter.text += (filter.text.empty() ? "" : " ") + word;
    }
  }
  if (kinds != 0) filter.kinds = kinds;
  return filter;
}

}  // namespace glasshouse::scenarios
