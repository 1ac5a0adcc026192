#include "gui/app/open_source.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include "gui/model/live_source.h"
#include "gui/model/trace_source.h"
#include "scenarios/run/settings.h"

namespace glasshouse::gui {
namespace {

runtime::Result<std::unique_ptr<Source>> open_scenario(const std::string& file,
                                                       const LiveOptions& options) {
  auto text = scenarios::read_scenario(file);
  if (!text.ok()) return text.error();
  scenarios::RunOptions run;
  run.file = file;
  run.text = *text;
  run.seed = options.seed.value_or(1);
  auto settings = scenarios::parse_settings(options.settings);
  if (!settings.ok()) return settings.error();
  run.set = *std::move(settings);
  run.trace = options.trace;
  if (run.trace.empty()) {
    // Kept, so that a run that was worth watching can be opened again.
    std::string name =
        std::filesystem::path(file).stem().string() + "-" + std::to_string(::getpid()) + ".db";
    run.trace = (std::filesystem::temp_directory_path() / name).string();
  }
  return LiveSource::open(std::move(run));
}

}  // namespace

runtime::Result<std::unique_ptr<Source>> open_source(const std::string& input,
                                                     const LiveOptions& options) {
  if (input.ends_with(".lua")) return open_scenario(input, options);
  return TraceSource::open(input);
}

}  // namespace glasshouse::gui
