#include "tests/gui/colour_science.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace glasshouse::gui {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

double linear(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

Vector linear_rgb(Colour c) {
  return {linear(c.r / 255.0), linear(c.g / 255.0), linear(c.b / 255.0)};
}

Vector times(const Matrix& m, const Vector& v) {
  Vector result{};
  for (std::size_t i = 0; i < 3; ++i)
    result[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
  return result;
}

Vector seen_by(Vision vision, const Vector& rgb) {
  constexpr Matrix protan = {{{0.152286, 1.052583, -0.204868},
                              {0.114503, 0.786281, 0.099216},
                              {-0.003882, -0.048116, 1.051998}}};
  constexpr Matrix deutan = {{{0.367322, 0.860646, -0.227968},
                              {0.280085, 0.672501, 0.047413},
                              {-0.011820, 0.042940, 0.968881}}};
  constexpr Matrix tritan = {{{1.255528, -0.076749, -0.178779},
                              {-0.078411, 0.930809, 0.147602},
                              {0.004733, 0.691367, 0.303900}}};
  Vector seen = vision == Vision::protan   ? times(protan, rgb)
                : vision == Vision::deutan ? times(deutan, rgb)
                : vision == Vision::tritan ? times(tritan, rgb)
                                           : rgb;
  for (double& value : seen)
    value = std::clamp(value, 0.0, 1.0);
  return seen;
}

Vector lab(const Vector& rgb) {
  constexpr Matrix to_xyz = {{{0.4124564, 0.3575761, 0.1804375},
                              {0.2126729, 0.7151522, 0.0721750},
                              {0.0193339, 0.1191920, 0.9503041}}};
  Vector xyz = times(to_xyz, rgb);
  auto f = [](double t) {
    return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116;
  };
  double x = f(xyz[0] / 0.95047);
  double y = f(xyz[1]);
  double z = f(xyz[2] / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

constexpr double degrees = 180 / std::numbers::pi;

double hue(double b, double a) {
  if (a == 0 && b == 0) return 0;
  double angle = std::atan2(b, a) * degrees;
  return angle < 0 ? angle + 360 : angle;
}

double seventh(double c) {
  return std::sqrt(std::pow(c, 7) / (std::pow(c, 7) + std::pow(25.0, 7)));
}

// Sharma, Wu and Dalal (2005).
double ciede2000(const Vector& p, const Vector& q) {
  double mean_c = (std::hypot(p[1], p[2]) + std::hypot(q[1], q[2])) / 2;
  double g = 0.5 * (1 - seventh(mean_c));
  double a1 = (1 + g) * p[1];
  double a2 = (1 + g) * q[1];
  double c1 = std::hypot(a1, p[2]);
  double c2 = std::hypot(a2, q[2]);
  double h1 = hue(p[2], a1);
  double h2 = hue(q[2], a2);
  double dh = c1 * c2 == 0 ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  double big_dh = 2 * std::sqrt(c1 * c2) * std::sin(dh / 2 / degrees);
  double mean_l = (p[0] + q[0]) / 2;
  double mean_cp = (c1 + c2) / 2;
  double mean_h = h1 + h2;
  if (c1 * c2 != 0) {
    if (std::abs(h1 - h2) <= 180) {
      mean_h /= 2;
    } else {
      mean_h = (mean_h + (mean_h < 360 ? 360 : -360)) / 2;
    }
  }
  double t = 1 - 0.17 * std::cos((mean_h - 30) / degrees) + 0.24 * std::cos(2 * mean_h / degrees) +
             0.32 * std::cos((3 * mean_h + 6) / degrees) -
             0.20 * std::cos((4 * mean_h - 63) / degrees);
  double off = (mean_l - 50) * (mean_l - 50);
  double sl = 1 + 0.015 * off / std::sqrt(20 + off);
  double sc = 1 + 0.045 * mean_cp;
  double sh = 1 + 0.015 * mean_cp * t;
  double around = 30 * std::exp(-std::pow((mean_h - 275) / 25, 2));
  double rt = -std::sin(2 * around / degrees) * 2 * seventh(mean_cp);
  double l = (q[0] - p[0]) / sl;
  double c = (c2 - c1) / sc;
  double h = big_dh / sh;
  return std::sqrt(l * l + c * c + h * h + rt * c * h);
}

}  // namespace

double contrast(Colour a, Colour b) {
  auto luminance = [](Colour colour) {
    Vector rgb = linear_rgb(colour);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  };
  double high = std::max(luminance(a), luminance(b));
  double low = std::min(luminance(a), luminance(b));
  return (high + 0.05) / (low + 0.05);
}

double difference(Colour a, Colour b, Vision vision) {
  return ciede2000(lab(seen_by(vision, linear_rgb(a))), lab(seen_by(vision, linear_rgb(b))));
}

}  // namespace glasshouse::gui
