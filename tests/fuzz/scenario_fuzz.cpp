// Any text is a scenario or is refused with a sentence.
// Built with libFuzzer by the clang preset: scenario_fuzz CORPUS_FOLDER [SCENARIOS_FOLDER].

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/scenario.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  glasshouse::scenarios::expect_lawful_scenario({reinterpret_cast<const char*>(data), size});
  return 0;
}
