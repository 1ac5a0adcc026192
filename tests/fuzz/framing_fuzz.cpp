// Any bytes are frames or one broken packet, in pieces of any size.
// Built with libFuzzer by the clang preset: framing_fuzz CORPUS_FOLDER.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/framing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  glasshouse::runtime::expect_lawful_frames(bytes);
  return 0;
}
