// Any bytes are a term or an error; a term prints, and reads back as itself.
// Built with libFuzzer by the clang preset: term_parse_fuzz CORPUS_FOLDER.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/term_parse.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  glasshouse::runtime::expect_lawful_parsing(
      std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
