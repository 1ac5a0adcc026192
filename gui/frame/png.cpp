#include "gui/frame/png.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include <stb/stb_image.h>
#include <stb/stb_image_write.h>

namespace glasshouse::gui {

std::string encode_png(const Image& image) {
  std::string bytes;
  auto append = [](void* context, void* data, int size) {
    static_cast<std::string*>(context)->append(static_cast<const char*>(data),
                                               static_cast<std::size_t>(size));
  };
  stbi_write_png_to_func(append, &bytes, image.width, image.height, 4, image.rgba.data(),
                         image.width * 4);
  return bytes;
}

runtime::Result<void> write_png(const Image& image, const std::string& path) {
  std::string bytes = encode_png(image);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return runtime::Error("cannot write the picture " + path);
  return {};
}

runtime::Result<Image> read_png(const std::string& path) {
  Image image;
  int channels = 0;
  std::unique_ptr<stbi_uc, decltype(&std::free)> pixels(
      stbi_load(path.c_str(), &image.width, &image.height, &channels, 4), &std::free);
  if (!pixels) return runtime::Error("cannot read the picture " + path);
  std::size_t size = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  image.rgba.assign(pixels.get(), pixels.get() + size * 4);
  return image;
}

Difference compare(const Image& left, const Image& right, int tolerance) {
  Difference difference;
  difference.where = right;
  if (left.width != right.width || left.height != right.height) {
    difference.pixels = std::max(left.rgba.size(), right.rgba.size()) / 4;
    return difference;
  }
  for (std::size_t i = 0; i < right.rgba.size(); i += 4) {
    int worst = 0;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      worst = std::max(worst, std::abs(left.rgba[i + channel] - right.rgba[i + channel]));
      auto& shown = difference.where.rgba[i + channel];
      shown = static_cast<std::uint8_t>(shown / 3 + 128);
    }
    if (worst <= tolerance) continue;
    ++difference.pixels;
    difference.where.rgba[i] = 230;
    difference.where.rgba[i + 1] = 0;
    difference.where.rgba[i + 2] = 0;
  }
  return difference;
}

}  // namespace glasshouse::gui
