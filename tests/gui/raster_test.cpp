#include "gui/frame/raster.h"

#include <imgui/imgui.h>

#include "tests/catch.h"

namespace glasshouse::gui {
namespace {

// Draws triangles made by hand, over an atlas of one covered texel.
Image draw(int size, const std::vector<ImDrawVert>& vertices, const std::vector<int>& indices) {
  ImDrawList list(nullptr);
  for (const ImDrawVert& vertex : vertices)
    list.VtxBuffer.push_back(vertex);
  for (int index : indices)
    list.IdxBuffer.push_back(static_cast<ImDrawIdx>(index));
  ImDrawCmd command;
  command.ClipRect = ImVec4(0, 0, static_cast<float>(size), static_cast<float>(size));
  command.ElemCount = static_cast<unsigned>(indices.size());
  list.CmdBuffer.push_back(command);
  ImDrawList* lists[] = {&list};
  ImDrawData data;
  data.CmdLists = lists;
  data.CmdListsCount = 1;
  data.DisplaySize = ImVec2(static_cast<float>(size), static_cast<float>(size));
  std::uint8_t covered = 255;
  return rasterise(data, {&covered, 1, 1}, {0, 0, 0, 255});
}

ImDrawVert at(float x, float y, std::uint32_t colour) {
  ImDrawVert vertex;
  vertex.pos = ImVec2(x, y);
  vertex.uv = ImVec2(0.5F, 0.5F);
  vertex.col = colour;
  return vertex;
}

int count_red(const Image& image, int value) {
  int found = 0;
  for (std::size_t i = 0; i < image.rgba.size(); i += 4)
    found += image.rgba[i] == value ? 1 : 0;
  return found;
}

constexpr std::uint32_t half_red = 0x800000ff;

TEST_CASE("triangles that share an edge cover each pixel once", "[raster]") {
  // A square in four triangles around a point that lies on no pixel centre.
  std::vector<ImDrawVert> corners = {at(2, 2, half_red), at(30, 2, half_red), at(30, 30, half_red),
                                     at(2, 30, half_red), at(11.3F, 17.7F, half_red)};
  Image image = draw(32, corners, {0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4});
  REQUIRE(count_red(image, 128) == 28 * 28);
  REQUIRE(count_red(image, 0) == 32 * 32 - 28 * 28);
}

TEST_CASE("a rectangle is the same as its two triangles", "[raster]") {
  std::vector<ImDrawVert> corners = {at(3, 4, half_red), at(20, 4, half_red), at(20, 9, half_red),
                                     at(3, 9, half_red)};
  Image fast = draw(32, corners, {0, 1, 2, 0, 2, 3});
  Image slow = draw(32, corners, {1, 2, 0, 2, 3, 0});
  REQUIRE(fast.rgba == slow.rgba);
  REQUIRE(count_red(fast, 128) == 17 * 5);
}

TEST_CASE("what lies outside is clipped, what has no area draws nothing", "[raster]") {
  std::vector<ImDrawVert> outside = {at(-50, -50, half_red), at(90, -50, half_red),
                                     at(-50, 90, half_red)};
  REQUIRE(count_red(draw(8, outside, {0, 1, 2}), 128) == 64);
  REQUIRE(
      count_red(draw(8, {at(1, 1, half_red), at(5, 5, half_red), at(3, 3, half_red)}, {0, 1, 2}),
                128) == 0);
}

TEST_CASE("equal pictures make equal files, and differences are counted", "[raster]") {
  Image image = draw(8, {at(1, 1, half_red), at(7, 1, half_red), at(1, 7, half_red)}, {0, 1, 2});
  REQUIRE(encode_png(image) == encode_png(image));
  Image other = image;
  other.rgba[0] = 9;
  other.rgba[4] = 8;
  REQUIRE(compare(image, other, 8).pixels == 1);
  REQUIRE(compare(image, other, 7).pixels == 2);
  REQUIRE(compare(image, Image{}, 8).pixels == 64);
}

}  // namespace
}  // namespace glasshouse::gui
