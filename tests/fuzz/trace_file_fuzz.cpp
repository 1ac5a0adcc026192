// Any bytes are a trace file that answers, or are refused. The corpus begins with a small trace.
// Built with libFuzzer by the clang preset: trace_file_fuzz -max_len=200000 CORPUS_FOLDER.

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include <unistd.h>

#include "tests/fuzz/trace_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path = (std::filesystem::temp_directory_path() /
                                   ("glasshouse-fuzz-" + std::to_string(::getpid()) + ".db"))
                                      .string();
  glasshouse::tracing::expect_lawful_trace_file(path, {reinterpret_cast<const char*>(data), size});
  return 0;
}
