#pragma once
// What happened, as one English sentence for an event. Pure functions.

#include <string>
#include <string_view>

#include "tracing/answers.h"

namespace glasshouse::tracing {

// "kv_shard_1 <1.112.0> crashed: {badmatch,...}." Long texts are cut to `text_max` characters.
std::string explain(const EventRecord& event, std::size_t text_max = 160);

// The text up to `characters_max`, cut between characters, with an ellipsis if something is left
// out. Line breaks become spaces.
std::string shortened(std::string_view text, std::size_t characters_max);

// A term that is a name as that name: `<<"client_3">>` and `"client_3"` as client_3. Any other
// term, as it is.
std::string plain_name(std::string_view term);

// "kv_store <1.107.0>", "<1.107.0>" or "the world".
std::string shown(const ProcessName& process);

}  // namespace glasshouse::tracing
