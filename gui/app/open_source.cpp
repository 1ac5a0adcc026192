#include "gui/app/open_source.h"

#include "gui/model/trace_source.h"

namespace glasshouse::gui {

runtime::Result<std::unique_ptr<Source>> open_source(const std::string& input,
                                                     const LiveOptions& options) {
  (void)options;
  if (input.ends_with(".lua")) {
    return runtime::Error("cannot run " + input + ": live scenarios are not built in yet");
  }
  return TraceSource::open(input);
}

}  // namespace glasshouse::gui
