#pragma once
// Pictures as rows of RGBA bytes, and the PNG files they are kept in. No ImGui.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace glasshouse::gui {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  // width * height * 4, rows from the top

  bool is_empty() const { return rgba.empty(); }
};

// Equal pictures give equal bytes.
std::string encode_png(const Image& image);

runtime::Result<void> write_png(const Image& image, const std::string& path);
runtime::Result<Image> read_png(const std::string& path);

// How two pictures of one size differ: pixels with a channel off by more than `tolerance`, and a
// picture of where (red on a faded copy of `right`).
struct Difference {
  std::size_t pixels = 0;
  Image where;
};
Difference compare(const Image& left, const Image& right, int tolerance);

}  // namespace glasshouse::gui
