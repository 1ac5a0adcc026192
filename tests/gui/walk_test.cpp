#include "gui/frame/walk.h"

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("Tab comes round to where it began and meets every part of the window", "[walk]") {
  auto app = make_app();
  const Probe& probe = app->probe();
  const std::string first = walk(probe, "", Walk::next);
  std::vector<std::string> met = {first};
  for (std::string at = walk(probe, first, Walk::next); at != first && met.size() < 500;
       at = walk(probe, at, Walk::next)) {
    met.push_back(at);
  }
  REQUIRE(met.size() < 100);
  for (std::string_view part : {"cmd/view.messages", "cmd/transport.play", "procs/tree",
                                "procs/head/Pid", "transport/minimap"}) {
    INFO(part);
    REQUIRE(std::find(met.begin(), met.end(), part) != met.end());
  }
  REQUIRE(walk(probe, first, Walk::previous) == met.back());
}

TEST_CASE("the rows of a list are one stop, and the arrows go from row to row", "[walk]") {
  auto app = make_app();
  const Probe& probe = app->probe();
  const std::string row = "procs/row/<1.101.0>";
  REQUIRE(walk(probe, row, Walk::down) == "procs/row/<1.102.0>");
  REQUIRE(walk(probe, "procs/row/<1.102.0>", Walk::up) == row);
  const std::string beyond = walk(probe, row, Walk::next);
  REQUIRE(beyond.find("/row/") == std::string::npos);
  REQUIRE(walk(probe, beyond, Walk::previous).find("procs/") == 0);
}

TEST_CASE("where there is nothing on that side the keyboard stays", "[walk]") {
  auto app = make_app();
  REQUIRE(walk(app->probe(), "cmd/view.processes", Walk::left) == "cmd/view.processes");
  REQUIRE(walk(Probe(), "", Walk::next) == "");
}

TEST_CASE("pressing by the keyboard does what a click does", "[walk]") {
  auto app = make_app();
  REQUIRE(failure_of(*app, "key tab") == "");
  app->observer().widget = "cmd/view.messages";
  REQUIRE(failure_of(*app,
                     "expect widget == cmd/view.messages\nkey enter\nwait 1\nexpect widget == "
                     "cmd/view.messages\nuntil view == messages") == "");
}

TEST_CASE("rows stay under the pointer while a run goes on", "[process_list]") {
  auto app = make_app({.is_live = true});
  REQUIRE(failure_of(*app,
                     "click procs/row/<1.103.0>\nkey ;\nkey k\nwait 2\nexpect rows == 60\n"
                     "expect-visible procs/row/<1.103.0>") == "");
  app->input().move(5, 5);
  REQUIRE(failure_of(*app, "wait 3\nexpect rows == 59\nexpect-hidden procs/row/<1.103.0>") == "");
}

}  // namespace
}  // namespace glasshouse::gui
