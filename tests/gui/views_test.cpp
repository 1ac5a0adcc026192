// The views used with the pointer.

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

TEST_CASE("a process that is clicked is shown in the inspector", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "click procs/row/<1.105.0>\nexpect process == kv_shard_3\n"
                     "expect-visible insp/name\nexpect read-out ~ Idle for") == "");
}

TEST_CASE("a header sorts, again the other way round", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app, "key t\nclick procs/head/Reductions\nkey down") == "");
  const ProcessRow* busiest = app->observer().focused_process();
  for (const ProcessRow& row : app->observer().picture().processes.rows) {
    bool is_gone = row.activity == Activity::crashed || row.activity == Activity::exited;
    if (!is_gone) REQUIRE(row.reductions <= busiest->reductions);
  }
  REQUIRE(failure_of(*app,
                     "key esc\nclick procs/head/Reductions\nkey down\n"
                     "expect pid == <1.101.0>") == "");
}

TEST_CASE("an arrow folds what is below a process", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "expect rows == 60\nclick procs/fold/<1.102.0>\nexpect rows == 54\n"
                     "expect-hidden procs/row/<1.103.0>\nclick procs/fold/<1.102.0>\n"
                     "expect rows == 60") == "");
}

TEST_CASE("the menu of a process lists commands and does them", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "rclick procs/row/<1.105.0>\nexpect process == kv_shard_3\n"
                     "click menu/process.messages\nexpect view == messages\n"
                     "expect only-process == true") == "");
}

TEST_CASE("pressing the minimap goes there, dragging scrubs", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "click transport/minimap\nexpect latest == false\n"
                     "expect moment > 5000\nexpect moment < 7000") == "");
  Moment middle = app->observer().picture().moment;
  REQUIRE(failure_of(*app, "drag transport/minimap -300 0") == "");
  REQUIRE(app->observer().picture().moment < middle - 1'000);
}

TEST_CASE("an event that is clicked is the moment and tells itself", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app, "key 3\nkey ctrl+left\nwait 2") == "");
  const std::string event = std::to_string(app->observer().focus().event);
  const std::string row = "messages/row/" + event;
  REQUIRE(failure_of(*app, "expect-visible " + row + "\nclick " + row + "\nexpect event == " +
                               event + "\nexpect read-out ~ is violated") == "");
}

TEST_CASE("groups of events are switched by their chips", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "key 3\nclick messages/group/Messages\nexpect events < 300\n"
                     "click messages/group/Processes\nclick messages/group/Signals\n"
                     "expect events == 20") == "");
}

TEST_CASE("a box of the supervision tree selects its process", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "key 2\nclick sup/1/<1.101.0>\nexpect process == kv_sup\n"
                     "click sup/2/kv_shard_3<1.105.0>\nexpect process == kv_shard_3") == "");
}

TEST_CASE("a crash that is clicked opens its report at its moment", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app, "key 4\nkey 4\nexpect-visible crashes/head/Reason") == "");
  Moment crash = app->observer().picture().overview.crashes.front().moment;
  std::string id = "crashes/row/" + std::to_string(crash);
  REQUIRE(failure_of(*app, "click " + id + "\nexpect-visible insp/crash") == "");
  REQUIRE(app->observer().picture().moment == crash);
}

TEST_CASE("a live run is led with the pointer", "[view]") {
  auto app = make_app({.is_live = true});
  REQUIRE(failure_of(*app,
                     "expect live == true\nexpect running == false\n"
                     "click cmd/transport.play\nexpect running == true\nwait 5\n"
                     "click cmd/transport.play\nexpect running == false\n"
                     "click insp/link/n1/n2\nexpect cuts == 2\nclick insp/link/n1/n2\n"
                     "expect cuts == 0\nclick procs/row/<1.105.0>\nclick insp/kill\n"
                     "expect read-out ~ Exited: killed") == "");
}

TEST_CASE("typing in the filter is no command", "[view]") {
  auto app = make_app();
  REQUIRE(failure_of(*app,
                     "click header/filter\ntype 2 l\nexpect view == processes\n"
                     "expect filter == 2 l\nkey 3\nexpect view == processes\nkey esc\n"
                     "expect typing == false") == "");
}

}  // namespace
}  // namespace glasshouse::gui
