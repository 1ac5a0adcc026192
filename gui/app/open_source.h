#pragma once
// From the name on the command line to a source: a trace file, or a scenario that is run live.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gui/model/source.h"
#include "runtime/base/result.h"

namespace glasshouse::gui {

struct LiveOptions {
  std::optional<std::uint64_t> seed;
  std::vector<std::string> settings;  // NAME=VALUE
  std::string trace;                  // the file to record to; empty: one in the temporary folder
};

// The Error is one sentence that names the file and says what to do; its code is "usage" when
// a setting is wrong.
runtime::Result<std::unique_ptr<Source>> open_source(const std::string& input,
                                                     const LiveOptions& options);

}  // namespace glasshouse::gui
