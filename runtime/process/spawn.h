#pragma once
// How a coroutine becomes a process.

#include <string_view>
#include <utility>

#include "runtime/node/node.h"
#include "runtime/process/coroutine.h"

namespace glasshouse::runtime {

class Self;

namespace detail {
// "client" of "... [with auto Body = app::client; ...]" (g++) or "... [Body = &app::client]"
// (clang).
constexpr std::string_view name_in(std::string_view pretty) {
  std::string_view name = pretty.substr(pretty.rfind("Body = ") + 7);
  name = name.substr(0, name.find_first_of("];<"));
  if (const auto colons = name.rfind("::"); colons != std::string_view::npos) {
    name = name.substr(colons + 2);
  }
  if (name.starts_with('&')) name.remove_prefix(1);
  return name;
}
template <auto Body>
constexpr std::string_view body_text() {
  return name_in(__PRETTY_FUNCTION__);
}
}  // namespace detail

// What a process is called by the function it was spawned with. OTP: initial_call.
template <auto Body>
Atom body_name() {
  static const Atom name(detail::body_text<Body>());
  return name;
}

// `parent` may be null. The arguments are moved or copied into the frame of Body. See self.h.
template <auto Body, class... Args>
Pid spawn_process(Node& node, Process* parent, const SpawnOptions& options, Args&&... args);

}  // namespace glasshouse::runtime
