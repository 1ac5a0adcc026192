// Any bytes are a packed piece of a trace or are refused; whatever was read goes on working.
// Built with libFuzzer by the clang preset: trace_blobs_fuzz CORPUS_FOLDER.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/trace_blobs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  glasshouse::tracing::expect_lawful_blobs({reinterpret_cast<const char*>(data), size});
  return 0;
}
