#pragma once
// What happened, in words: one sentence for a process ("why does it not go on?"), one for an event.

#include <string>

#include "gui/model/process_list.h"
#include "gui/model/source.h"

namespace glasshouse::gui {

// Why a process is as it is at `now_ns`, following whom it waits for, up to a cycle.
std::string why(const ProcessRow& process, const ProcessTable& table, std::int64_t now_ns);

std::string sentence(const EventRow& event);

// The word shown for a kind, "exit signal" for exit_signal.
std::string kind_words(EventKind kind);

}  // namespace glasshouse::gui
