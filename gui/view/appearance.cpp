#include "gui/view/appearance.h"

#include "gui/frame/icons.h"
#include "tracing/answers.h"

namespace glasshouse::gui {

Look look_of(Activity activity, const Theme& theme) {
  switch (activity) {
    case Activity::running:
      return {icon::running, theme.good};
    case Activity::runnable:
      return {icon::runnable, theme.good};
    case Activity::waiting:
      return {icon::waiting, theme.warning};
    case Activity::idle:
      return {icon::idle, theme.dim};
    case Activity::suspended:
      return {icon::pause, theme.warning};
    case Activity::exited:
      return {icon::exited, theme.dim};
    case Activity::crashed:
      return {icon::error, theme.bad};
  }
  return {icon::idle, theme.dim};
}

Look look_of(EventKind kind, const Theme& theme) {
  switch (kind) {
    case EventKind::send:
      return {icon::send, theme.accent};
    case EventKind::receive:
      return {icon::receive, theme.good};
    case EventKind::drop:
      return {icon::kill, theme.bad};
    case EventKind::spawn:
    case EventKind::child:
      return {icon::spawn, theme.good};
    case EventKind::exit:
    case EventKind::down:
      return {icon::exited, theme.dim};
    case EventKind::exit_signal:
      return {icon::warning, theme.warning};
    case EventKind::crash:
      return {icon::error, theme.bad};
    case EventKind::restart:
      return {icon::restart, theme.warning};
    case EventKind::property:
      return {icon::property, theme.good};
    case EventKind::action:
      return {icon::action, theme.accent};
    case EventKind::fault_begin:
    case EventKind::fault_end:
    case EventKind::stream_fault:
    case EventKind::storage_fault:
      return {icon::fault, theme.bad};
    case EventKind::state:
    case EventKind::label:
    case EventKind::register_name:
    case EventKind::unregister_name:
      return {icon::label, theme.dim};
    default:
      break;
  }
  switch (tracing::group_of(kind)) {
    case tracing::KindGroup::timer:
    case tracing::KindGroup::scheduling:
      return {icon::timer, theme.dim};
    case tracing::KindGroup::io:
      return {icon::network, theme.dim};
    case tracing::KindGroup::signal:
      return {icon::link, theme.dim};
    default:
      return {icon::log, theme.dim};
  }
}

Look look_of(MarkKind kind, const Theme& theme) {
  switch (kind) {
    case MarkKind::node_lost:
      return {icon::node, theme.bad};
    case MarkKind::crash:
      return {icon::error, theme.bad};
    case MarkKind::restart:
      return {icon::restart, theme.warning};
    case MarkKind::violation:
      return {icon::violation, theme.bad};
    case MarkKind::action:
      return {icon::action, theme.accent};
  }
  return {icon::error, theme.bad};
}

const char* word_of(MarkKind kind, std::size_t count) {
  bool is_one = count == 1;
  switch (kind) {
    case MarkKind::crash:
      return is_one ? "crash" : "crashes";
    case MarkKind::node_lost:
      return is_one ? "node lost" : "nodes lost";
    case MarkKind::restart:
      return is_one ? "restart" : "restarts";
    case MarkKind::violation:
      return is_one ? "violation" : "violations";
    case MarkKind::action:
      return "by hand";
  }
  return "";
}

Colour node_ink(const Theme& theme, std::uint16_t node) {
  return theme.name == "dark" ? node_colour(theme, node) : theme.text;
}

Colour node_colour(const Theme& theme, std::uint16_t node) {
  return node == 0 ? theme.dim : category(theme, node - 1U);
}

}  // namespace glasshouse::gui
