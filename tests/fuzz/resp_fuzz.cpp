// Any bytes are commands or one protocol error, in pieces of any size.
// Built with libFuzzer by the clang preset: resp_fuzz CORPUS_FOLDER.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/resp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  glasshouse::scenarios::kv::expect_lawful_commands(bytes);
  glasshouse::scenarios::kv::expect_lawful_replies(bytes);
  return 0;
}
