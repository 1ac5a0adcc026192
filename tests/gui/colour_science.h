#pragma once
// How people see colours: contrast as WCAG defines it, difference as CIEDE2000, and what is left of
// colours for the three kinds of colour blindness (Machado 2009, full severity).

#include <array>

#include "gui/frame/theme.h"

namespace glasshouse::gui {

enum class Vision { normal, protan, deutan, tritan };
inline constexpr std::array all_visions = {Vision::normal, Vision::protan, Vision::deutan,
                                           Vision::tritan};

double contrast(Colour a, Colour b);                   // 1 to 21
double difference(Colour a, Colour b, Vision vision);  // CIEDE2000

}  // namespace glasshouse::gui
