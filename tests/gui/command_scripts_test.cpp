// Every command of the table is used as a person uses it: by its key, through the input queue.

#include <map>

#include "tests/catch.h"
#include "tests/gui/stage.h"

namespace glasshouse::gui {
namespace {

struct CommandScript {
  const char* script;
  bool is_live = false;
};

const std::map<std::string, CommandScript> scripts = {
    {"view.processes", {"key 3\nkey 1\nexpect view == processes"}},
    {"view.supervision", {"key 2\nexpect view == supervision"}},
    {"view.messages", {"key 3\nexpect view == messages\nexpect-visible messages/follow"}},
    {"view.crashes", {"key 4\nexpect view == crashes"}},
    {"palette.open",
     {"key ctrl+k\nexpect overlay == palette\nkey esc\nkey ctrl+shift+p\n"
      "expect overlay == palette"}},
    {"process.find", {"key ctrl+p\ntype raft\nkey enter\nexpect process == raft_member"}},
    {"theme.toggle", {"key ctrl+t\nexpect theme == light\nkey ctrl+t\nexpect theme == dark"}},
    {"scale.up", {"key ctrl+=\nexpect scale > 1.2"}},
    {"scale.down", {"key ctrl+-\nexpect scale < 0.9"}},
    {"scale.reset", {"key ctrl+=\nkey ctrl+0\nexpect scale == 1"}},
    {"focus.copy", {"key ctrl+shift+c\nexpect copied ~ obs://kv_under_fire#seq="}},
    {"filter.focus",
     {"key /\nexpect typing == true\ntype shard_2\nexpect filter == shard_2\n"
      "expect matches == 3"}},
    {"help.open", {"key ?\nexpect overlay == help\nexpect-visible help/transport.play"}},
    {"leader.open", {"key ;\nexpect overlay == leader"}},
    {"focus.clear", {"click procs/row/<1.103.0>\nkey esc\nexpect process == "}},
    {"transport.play",
     {"key home\nkey space\nexpect playing == true\nwait 30\nkey space\n"
      "expect playing == false\nexpect moment > 100"}},
    {"step.back", {"key left\nkey left\nexpect moment == 10783\nkey k\nexpect moment == 10782"}},
    {"step.forward", {"key home\nkey right\nexpect moment == 2\nkey j\nexpect moment == 3"}},
    {"step.back_run", {"click procs/row/<1.103.0>\nkey shift+left\nexpect moment == 10784"}},
    {"step.forward_run",
     {"key home\nkey right\nclick procs/row/<1.101.0>\n"
      "key shift+right\nexpect moment == 3"}},
    {"notable.back", {"key ctrl+left\nexpect time == 7.400 s"}},
    {"notable.forward", {"key home\nkey ctrl+right\nexpect time == 1.900 s"}},
    {"transport.first", {"key home\nexpect moment == 1"}},
    {"transport.latest",
     {"key home\nkey end\nexpect latest == true\nkey home\nkey l\n"
      "expect latest == true"}},
    {"speed.down", {"key -\nexpect speed < 1"}},
    {"speed.up", {"key =\nexpect speed > 1"}},
    {"scope.next",
     {"key shift+g\nexpect scope == process\nkey shift+g\nexpect scope == node\n"
      "key shift+g\nexpect scope == run"}},
    {"event.cause", {"key left\nkey backspace\nexpect moment < 10784"}},
    {"event.effect", {"key home\nkey right\nkey right\nkey enter\nexpect moment > 3"}},
    {"history.back", {"key home\nkey end\nkey alt+left\nexpect moment == 1"}},
    {"history.forward", {"key home\nkey end\nkey alt+left\nkey alt+right\nexpect latest == true"}},
    {"row.next", {"key down\nexpect pid == <1.101.0>\nkey down\nexpect pid == <1.102.0>"}},
    {"row.previous", {"click procs/row/<1.102.0>\nkey up\nexpect pid == <1.101.0>"}},
    {"process.messages",
     {"click procs/row/<1.103.0>\nkey m\nexpect view == messages\n"
      "expect only-process == true\nexpect events < 6000"}},
    {"widget.next",
     {"key tab\nexpect widget ~ /\nkey /\nexpect typing == true\nkey tab\nexpect typing == false"}},
    {"widget.previous", {"key tab\nkey tab\nkey shift+tab\nkey shift+tab\nexpect widget != "}},
    {"widget.press", {"key tab\nkey tab\nkey enter\nwait 3\nexpect widget != "}},
    {"widget.left", {"key tab\nkey tab\nkey right\nkey left\nexpect moment == 10785"}},
    {"widget.right", {"key tab\nkey right\nexpect moment == 10785\nexpect widget != "}},
    {"widget.up", {"key tab\nkey down\nkey up\nexpect pid == "}},
    {"widget.down", {"key tab\nkey down\nexpect pid == \nexpect widget != "}},
    {"widget.leave", {"key tab\nkey esc\nexpect widget == \nkey left\nexpect moment == 10784"}},
    {"processes.settle",
     {"click procs/row/<1.103.0>\nkey ;\nkey k\nexpect rows == 60\nkey f5\nexpect rows == 59",
      true}},
    {"process.fold",
     {"click procs/row/<1.101.0>\nkey z\nexpect rows < 60\nkey z\nexpect rows == 60"}},
    {"processes.tree", {"key t\nexpect tree == false"}},
    {"processes.exited", {"expect rows == 60\nkey e\nexpect rows == 66"}},
    {"messages.follow", {"key f\nexpect follows == false"}},
    {"act.kill",
     {"click procs/row/<1.103.0>\nkey ;\nkey k\nexpect overlay == none\nkey e\n"
      "expect read-out ~ Exited: killed",
      true}},
    {"act.cut", {"key ;\nkey p\nexpect palette ~ link\nkey enter\nexpect cuts == 2", true}},
    {"palette.close", {"key ctrl+k\nkey esc\nexpect overlay == none"}},
    {"palette.next", {"key ctrl+k\nkey down\nexpect palette-selected == 1"}},
    {"palette.previous", {"key ctrl+k\nkey down\nkey down\nkey up\nexpect palette-selected == 1"}},
    {"palette.accept",
     {"key ctrl+k\ntype supervision\nkey enter\nexpect view == supervision\n"
      "expect overlay == none"}},
    {"help.close", {"key ?\nkey esc\nexpect overlay == none"}},
    {"leader.close", {"key ;\nkey esc\nexpect overlay == none"}},
};

TEST_CASE("every command has a script that uses it", "[command][script]") {
  const CommandTable table = observer_commands();
  for (const Command& command : table.all()) {
    INFO(command.id);
    REQUIRE(scripts.contains(command.id));
  }
  REQUIRE(scripts.size() == table.all().size());
}

TEST_CASE("every command does by its key what it says", "[command][script]") {
  for (const auto& [id, script] : scripts) {
    INFO(id);
    auto app = make_app({.is_live = script.is_live});
    REQUIRE(failure_of(*app, script.script) == "");
  }
}

}  // namespace
}  // namespace glasshouse::gui
