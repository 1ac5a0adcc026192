#include "tests/catch.h"
#include "tests/runtime/notes_of.h"

namespace glasshouse::tests {

namespace {

struct Go {};

Behaviour dies_with(Self self, Term reason) {
  co_await self.receive<Go>();
  self.exit(std::move(reason));
}

Behaviour waits(Self self) {
  co_await self.receive<Go>();
}

// Collects Exit messages until a quiet second has passed.
Task<int> exits_seen(Self self, Notes* notes) {
  int count = 0;
  for (;;) {
    const auto exit = co_await self.receive<Exit>(Duration::seconds(1));
    if (!exit) co_return count;
    notes->push_back(text(exit->reason));
    ++count;
  }
}

Behaviour links_twice(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid child = self.spawn<&dies_with>(Term("x"_atom));
  self.link(child);
  self.link(child);
  self.send<Go>(child);
  co_await exits_seen(self, notes);
}

Behaviour links_twice_unlinks_once(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid child = self.spawn<&dies_with>(Term("x"_atom));
  self.link(child);
  self.link(child);
  self.unlink(child);
  self.send<Go>(child);
  co_await exits_seen(self, notes);
}

Behaviour links_itself(Self self, Notes* notes) {
  self.trap_exit(true);
  self.link(self.pid());
  co_await exits_seen(self, notes);
  notes->push_back("end");
}

Behaviour links_the_dead(Self self, Notes* notes) {
  self.trap_exit(true);
  const auto child = self.spawn_monitor<&dies_with>(Term("x"_atom));
  self.send<Go>(child.pid);
  co_await self.receive<Down>();
  self.link(child.pid);
  co_await exits_seen(self, notes);
}

Behaviour gets_normal(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid child = self.spawn_link<&waits>();
  self.send<Go>(child);
  co_await exits_seen(self, notes);
}

Behaviour dies_at_once(Self self, Term reason) {
  self.exit(std::move(reason));
  co_return;
}

Behaviour spawns_the_fast(Self self, Notes* notes) {
  self.trap_exit(true);
  for (int i = 0; i < 100; ++i)
    self.spawn_link<&dies_at_once>(Term(i));
  co_await exits_seen(self, notes);
}

Behaviour unlinks_after_exit(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid child = self.spawn_link<&dies_at_once>(Term("x"_atom));
  co_await self.sleep(Duration::seconds(1));
  self.unlink(child);
  co_await exits_seen(self, notes);
}

// Whoever sends looks up the slot of a process and then pushes; in between the process may end and
// another one get its slot, and end before it looks at what came.
Behaviour ends_with_a_stray(Self self, Pid former, Pid linker) {
  MessagePtr link = make_signal(MessageKind::link, linker);
  Process& own = *self.node().find(self.pid());
  REQUIRE(own.push(link.get(), self.pid().serial));
  link->target_serial = former.serial;
  static_cast<void>(link.release());
  co_return;
}

Behaviour links_who_ends(Self self, Notes* notes) {
  self.trap_exit(true);
  const Pid former = self.spawn_monitor<&waits>().pid;
  self.send<Go>(former);
  co_await self.receive<Down>();
  self.node().find(self.pid())->add_link(former);
  // The slot that was given back last is used again first.
  const Pid next = self.spawn<&ends_with_a_stray>(former, self.pid());
  notes->push_back(next.id == former.id ? "same slot" : "other slot");
  co_await exits_seen(self, notes);
}

}  // namespace

TEST_CASE("links do not stack: one exit signal however often linked", "[links][PRC-016]") {
  REQUIRE(notes_of_all_gone<&links_twice>() == Notes{"x"});
}

TEST_CASE("one unlink takes a link away however often it was made", "[links][PRC-016]") {
  REQUIRE(notes_of_all_gone<&links_twice_unlinks_once>().empty());
}

TEST_CASE("linking to oneself does nothing", "[links][PRC-017]") {
  REQUIRE(notes_of_all_gone<&links_itself>() == Notes{"end"});
}

TEST_CASE("linking to a dead process is an exit signal noproc", "[links]") {
  REQUIRE(notes_of_all_gone<&links_the_dead>() == Notes{"noproc"});
}

TEST_CASE("a trapping process hears of a linked normal exit", "[links]") {
  REQUIRE(notes_of_all_gone<&gets_normal>() == Notes{"normal"});
}

TEST_CASE("spawn_link is atomic: the reason of the fastest exit arrives", "[links][PRC-023]") {
  const Notes notes = notes_of_all_gone<&spawns_the_fast>();
  REQUIRE(notes.size() == 100);
  REQUIRE(std::count(notes.begin(), notes.end(), "noproc") == 0);
}

TEST_CASE("an Exit that is in the mailbox stays there after unlink", "[links]") {
  REQUIRE(notes_of_all_gone<&unlinks_after_exit>() == Notes{"x"});
}

TEST_CASE("a link to who is gone is answered in its name, even out of another's mailbox",
          "[links]") {
  Notes notes;
  OneNode one;
  one.spawn<&links_who_ends>(&notes);
  one.run();
  REQUIRE(notes == Notes{"same slot", "noproc"});
}

}  // namespace glasshouse::tests
