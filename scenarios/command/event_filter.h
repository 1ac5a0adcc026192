#pragma once
// The filter of `trace events` as it is typed.

#include <string>
#include <vector>

#include "runtime/base/result.h"
#include "tracing/answers.h"
#include "tracing/reader.h"

namespace glasshouse::scenarios {

// Every word restricts more, but kinds add up: "crash restart node:kv after:2s timeout". Errors
// have the code "usage".
runtime::Result<tracing::EventFilter> parse_event_filter(const std::vector<std::string>& words,
                                                         tracing::Reader& trace);

}  // namespace glasshouse::scenarios
