#include "gui/frame/raster.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <imgui/imgui.h>

namespace glasshouse::gui {
namespace {

// Pixels whose centre is inside are drawn; a left or top edge belongs to the shape, a right or
// bottom edge to its neighbour, so that shapes that share an edge neither overlap nor leave a gap.
struct Clip {
  int left;
  int top;
  int right;
  int bottom;
};

class Canvas {
 public:
  Canvas(Image& image, const Atlas& atlas) : image_(image), atlas_(atlas) {}

  void triangle(const Clip& clip, const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c);
  void rectangle(const Clip& clip, const ImDrawVert& top_left, const ImDrawVert& bottom_right);

 private:
  void blend(std::uint8_t* pixel, std::uint32_t r, std::uint32_t g, std::uint32_t b,
             std::uint32_t alpha) const {
    if (alpha == 0) return;
    std::uint32_t rest = 255 - alpha;
    pixel[0] = static_cast<std::uint8_t>((r * alpha + pixel[0] * rest + 127) / 255);
    pixel[1] = static_cast<std::uint8_t>((g * alpha + pixel[1] * rest + 127) / 255);
    pixel[2] = static_cast<std::uint8_t>((b * alpha + pixel[2] * rest + 127) / 255);
  }

  float texel(int x, int y) const {
    x = std::clamp(x, 0, atlas_.width - 1);
    y = std::clamp(y, 0, atlas_.height - 1);
    return static_cast<float>(atlas_.coverage[y * atlas_.width + x]);
  }

  // Between the four nearest texels; 0 to 255.
  float coverage(float u, float v) const {
    float x = u * static_cast<float>(atlas_.width) - 0.5F;
    float y = v * static_cast<float>(atlas_.height) - 0.5F;
    float left = std::floor(x);
    float top = std::floor(y);
    float across = x - left;
    float down = y - top;
    int column = static_cast<int>(left);
    int row = static_cast<int>(top);
    float upper = texel(column, row) * (1 - across) + texel(column + 1, row) * across;
    float lower = texel(column, row + 1) * (1 - across) + texel(column + 1, row + 1) * across;
    return upper * (1 - down) + lower * down;
  }

  std::uint8_t* pixel(int x, int y) {
    std::size_t index = static_cast<std::size_t>(y) * static_cast<std::size_t>(image_.width) +
                        static_cast<std::size_t>(x);
    return &image_.rgba[index * 4];
  }

  Image& image_;
  const Atlas& atlas_;
};

int first_pixel(float edge) {
  return static_cast<int>(std::ceil(edge - 0.5F));
}

std::uint32_t channel(std::uint32_t colour, int index) {
  return (colour >> (8 * index)) & 255;
}

void Canvas::rectangle(const Clip& clip, const ImDrawVert& low, const ImDrawVert& high) {
  int left = std::max(clip.left, first_pixel(low.pos.x));
  int right = std::min(clip.right, first_pixel(high.pos.x));
  int top = std::max(clip.top, first_pixel(low.pos.y));
  int bottom = std::min(clip.bottom, first_pixel(high.pos.y));
  if (left >= right || top >= bottom) return;
  std::uint32_t r = channel(low.col, 0);
  std::uint32_t g = channel(low.col, 1);
  std::uint32_t b = channel(low.col, 2);
  float alpha = static_cast<float>(channel(low.col, 3));
  bool plain = low.uv.x == high.uv.x && low.uv.y == high.uv.y;
  float across = plain ? 0 : (high.uv.x - low.uv.x) / (high.pos.x - low.pos.x);
  float down = plain ? 0 : (high.uv.y - low.uv.y) / (high.pos.y - low.pos.y);
  float constant = plain ? coverage(low.uv.x, low.uv.y) : 0;
  for (int y = top; y < bottom; ++y) {
    float v = low.uv.y + (static_cast<float>(y) + 0.5F - low.pos.y) * down;
    std::uint8_t* target = pixel(left, y);
    for (int x = left; x < right; ++x, target += 4) {
      float u = low.uv.x + (static_cast<float>(x) + 0.5F - low.pos.x) * across;
      float covered = plain ? constant : coverage(u, v);
      // Not std::lround, a call for each pixel.
      // NOLINTNEXTLINE(bugprone-incorrect-roundings)
      blend(target, r, g, b, static_cast<std::uint32_t>(alpha * covered / 255.0F + 0.5F));
    }
  }
}

// Where the edge from `upper` to `lower` crosses the line y. Both triangles at an edge compute this
// from the same end, hence to the same bits.
float crossing(const ImDrawVert& p, const ImDrawVert& q, float y) {
  bool in_order = p.pos.y < q.pos.y || (p.pos.y == q.pos.y && p.pos.x < q.pos.x);
  const ImDrawVert& upper = in_order ? p : q;
  const ImDrawVert& lower = in_order ? q : p;
  float part = (y - upper.pos.y) / (lower.pos.y - upper.pos.y);
  return upper.pos.x + (lower.pos.x - upper.pos.x) * part;
}

// A value given at three corners, as a plane over the picture.
struct Plane {
  float origin = 0;
  float dx = 0;
  float dy = 0;
  float at(float x, float y) const { return origin + dx * x + dy * y; }
};

struct Corners {
  const ImDrawVert& a;
  const ImDrawVert& b;
  const ImDrawVert& c;
  float area;

  Plane plane(float at_a, float at_b, float at_c) const {
    float ab = at_b - at_a;
    float ac = at_c - at_a;
    Plane plane;
    plane.dx = (ab * (c.pos.y - a.pos.y) - ac * (b.pos.y - a.pos.y)) / area;
    plane.dy = (ac * (b.pos.x - a.pos.x) - ab * (c.pos.x - a.pos.x)) / area;
    plane.origin = at_a - plane.dx * a.pos.x - plane.dy * a.pos.y;
    return plane;
  }
  Plane colour(int index) const {
    return plane(static_cast<float>(channel(a.col, index)),
                 static_cast<float>(channel(b.col, index)),
                 static_cast<float>(channel(c.col, index)));
  }
};

std::uint32_t to_byte(float value) {
  return static_cast<std::uint32_t>(std::clamp(value + 0.5F, 0.0F, 255.0F));
}

void Canvas::triangle(const Clip& clip, const ImDrawVert& a, const ImDrawVert& b,
                      const ImDrawVert& c) {
  float area =
      (b.pos.x - a.pos.x) * (c.pos.y - a.pos.y) - (c.pos.x - a.pos.x) * (b.pos.y - a.pos.y);
  if (area == 0 || !std::isfinite(area)) return;
  Corners corners{a, b, c, area};
  std::array<Plane, 4> colour = {corners.colour(0), corners.colour(1), corners.colour(2),
                                 corners.colour(3)};
  Plane u = corners.plane(a.uv.x, b.uv.x, c.uv.x);
  Plane v = corners.plane(a.uv.y, b.uv.y, c.uv.y);
  bool plain = a.uv.x == b.uv.x && b.uv.x == c.uv.x && a.uv.y == b.uv.y && b.uv.y == c.uv.y;
  float constant = plain ? coverage(a.uv.x, a.uv.y) : 0;
  bool flat = a.col == b.col && b.col == c.col;
  float low = std::min({a.pos.y, b.pos.y, c.pos.y});
  float high = std::max({a.pos.y, b.pos.y, c.pos.y});
  int bottom = std::min(clip.bottom, first_pixel(high));
  for (int y = std::max(clip.top, first_pixel(low)); y < bottom; ++y) {
    float line = static_cast<float>(y) + 0.5F;
    std::array<float, 2> ends{};
    std::size_t found = 0;
    for (const auto& [p, q] : {std::pair(&a, &b), std::pair(&b, &c), std::pair(&c, &a)}) {
      bool above = p->pos.y <= line;
      if (above != (q->pos.y <= line) && found < 2) ends[found++] = crossing(*p, *q, line);
    }
    if (found < 2) continue;
    int left = std::max(clip.left, first_pixel(std::min(ends[0], ends[1])));
    int right = std::min(clip.right, first_pixel(std::max(ends[0], ends[1])));
    if (left >= right) continue;
    std::uint8_t* target = pixel(left, y);
    for (int x = left; x < right; ++x, target += 4) {
      float column = static_cast<float>(x) + 0.5F;
      float covered = plain ? constant : coverage(u.at(column, line), v.at(column, line));
      float alpha = flat ? static_cast<float>(channel(a.col, 3)) : colour[3].at(column, line);
      std::uint32_t r = flat ? channel(a.col, 0) : to_byte(colour[0].at(column, line));
      std::uint32_t g = flat ? channel(a.col, 1) : to_byte(colour[1].at(column, line));
      std::uint32_t blue = flat ? channel(a.col, 2) : to_byte(colour[2].at(column, line));
      blend(target, r, g, blue, to_byte(alpha * covered / 255.0F));
    }
  }
}

// ImGui writes an upright rectangle as corners 0 1 2 and 0 2 3, clockwise from the upper left.
bool is_upright(const ImDrawVert& a, const ImDrawVert& b, const ImDrawVert& c,
                const ImDrawVert& d) {
  return a.pos.y == b.pos.y && b.pos.x == c.pos.x && c.pos.y == d.pos.y && d.pos.x == a.pos.x &&
         a.pos.x < c.pos.x && a.pos.y < c.pos.y && a.col == b.col && b.col == c.col &&
         c.col == d.col && a.uv.y == b.uv.y && b.uv.x == c.uv.x && c.uv.y == d.uv.y &&
         d.uv.x == a.uv.x;
}

void draw_command(Canvas& canvas, const ImDrawList& list, const ImDrawCmd& command,
                  const Clip& clip) {
  const ImDrawVert* vertices = list.VtxBuffer.Data + command.VtxOffset;
  const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset;
  const ImDrawIdx* end = index + command.ElemCount;
  while (index < end) {
    const ImDrawVert& a = vertices[index[0]];
    const ImDrawVert& b = vertices[index[1]];
    const ImDrawVert& c = vertices[index[2]];
    bool pair = index + 6 <= end && index[3] == index[0] && index[4] == index[2];
    if (pair && is_upright(a, b, c, vertices[index[5]])) {
      canvas.rectangle(clip, a, c);
      index += 6;
    } else {
      canvas.triangle(clip, a, b, c);
      index += 3;
    }
  }
}

}  // namespace

Image rasterise(const ImDrawData& data, const Atlas& atlas, Colour background) {
  Image image;
  image.width = static_cast<int>(data.DisplaySize.x);
  image.height = static_cast<int>(data.DisplaySize.y);
  std::size_t pixels =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  image.rgba.resize(pixels * 4);
  for (std::size_t i = 0; i < pixels; ++i) {
    image.rgba[i * 4] = background.r;
    image.rgba[i * 4 + 1] = background.g;
    image.rgba[i * 4 + 2] = background.b;
    image.rgba[i * 4 + 3] = 255;
  }
  Canvas canvas(image, atlas);
  for (int n = 0; n < data.CmdListsCount; ++n) {
    const ImDrawList& list = *data.CmdLists[n];
    for (const ImDrawCmd& command : list.CmdBuffer) {
      if (command.UserCallback != nullptr) continue;
      Clip clip{std::max(0, static_cast<int>(command.ClipRect.x - data.DisplayPos.x)),
                std::max(0, static_cast<int>(command.ClipRect.y - data.DisplayPos.y)),
                std::min(image.width, static_cast<int>(command.ClipRect.z - data.DisplayPos.x)),
                std::min(image.height, static_cast<int>(command.ClipRect.w - data.DisplayPos.y))};
      if (clip.left < clip.right && clip.top < clip.bottom) {
        draw_command(canvas, list, command, clip);
      }
    }
  }
  return image;
}

}  // namespace glasshouse::gui
