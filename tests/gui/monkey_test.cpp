// Random input: nothing a person can do may end the program. ImGui's own assertions are on.

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

class Monkey {
 public:
  explicit Monkey(std::uint64_t seed) : state_(seed) {}

  void play(InputQueue& input) {
    switch (draw(9)) {
      case 0:
      case 1:
        input.move(static_cast<float>(draw(1'280)), static_cast<float>(draw(720)));
        break;
      case 2:
      case 3:
        input.button(static_cast<int>(draw(3)), true);
        break;
      case 4:
        for (int button = 0; button < 3; ++button)
          input.button(button, false);
        break;
      case 5:
        input.wheel(0, static_cast<float>(draw(7)) - 3);
        break;
      case 6:
        input.type(std::string(1, static_cast<char>(32 + draw(95))));
        break;
      default:
        input.stroke({.key = random_key(),
                      .control = draw(4) == 0,
                      .shift = draw(4) == 0,
                      .alt = draw(8) == 0});
    }
  }

 private:
  int random_key() {
    constexpr int special[] = {key::left,  key::right,  key::up,       key::down,
                               key::enter, key::escape, key::tab,      key::space,
                               key::home,  key::end,    key::backspace};
    if (draw(2) == 0) return special[draw(std::size(special))];
    return static_cast<int>(39 + draw(52));
  }
  std::uint64_t draw(std::uint64_t below) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33) % below;
  }
  std::uint64_t state_;
};

TEST_CASE("random input breaks nothing", "[monkey]") {
  for (std::uint64_t seed : {1U, 2U, 3U}) {
    auto app = make_app({.connections = 3, .seconds = 2, .is_live = seed == 3},
                        {.width = 1280, .height = 720});
    Monkey monkey(seed);
    for (int frame = 0; frame < 600; ++frame) {
      monkey.play(app->input());
      app->frame();
    }
    REQUIRE(app->observer().picture().moment <= app->observer().picture().extent.last);
  }
}

}  // namespace
}  // namespace glasshouse::gui
