#include "scenarios/run/watcher.h"

#include <string_view>

#include "runtime/term/term.h"
#include "tests/catch.h"

namespace glasshouse::scenarios {

namespace {

using runtime::Term;

Event of(EventKind kind, std::uint64_t process, std::string_view name = {}) {
  Event event;
  event.kind = kind;
  event.subject.value = process;
  if (!name.empty()) event.name = Atom(name);
  return event;
}

// As Node::finish tells it.
Event exit_of(std::uint64_t process, const Term& reason) {
  Event event = of(EventKind::exit, process);
  event.argument = static_cast<std::int64_t>(reason.hash());
  return event;
}

}  // namespace

TEST_CASE("crashed is who made a crash report, and killed who ended with the reason killed",
          "[watcher]") {
  runtime::NullTracer nobody;
  Watcher watcher(nobody, Watcher::Threads::many);
  for (std::uint64_t process = 1; process <= 4; ++process)
    watcher.emit(of(EventKind::spawn, process, "shard"));
  watcher.emit(of(EventKind::crash, 1));
  watcher.emit(exit_of(1, runtime::tuple(Atom("badmatch"), 7)));
  watcher.emit(exit_of(2, Term(runtime::atoms::killed)));
  watcher.emit(exit_of(3, Term(runtime::atoms::normal)));
  watcher.emit(exit_of(4, Term(runtime::atoms::kill)));
  REQUIRE(watcher.count(EventKind::crash) == 1);
  REQUIRE(watcher.crashed().size() == 1);
  REQUIRE(watcher.crashed()[0].count == 1);
  REQUIRE(watcher.kills() == 1);
  REQUIRE(watcher.killed().size() == 1);
  REQUIRE(watcher.killed()[0].name == "shard");
}

TEST_CASE("the reason of an exit is told to a watcher also when nobody listens behind it",
          "[watcher]") {
  runtime::NullTracer nobody;
  const Watcher watcher(nobody, Watcher::Threads::many);
  REQUIRE(watcher.detail() >= runtime::Detail::digest);
  REQUIRE(watcher.wants(EventKind::exit));
}

}  // namespace glasshouse::scenarios
